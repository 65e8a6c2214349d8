"""A service instance without a server: what the engine would write and request is kept in lists."""

import uuid
from dataclasses import dataclass, field, replace

from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges, reports, transfers
from inmanta_lsm.lifecycle.decision import CompileQueued, Decision, Event, ExportRequest, ValidationRequest
from inmanta_lsm.lifecycle.instance import DeploymentReport, EnvironmentOptions, Instance
from inmanta_lsm.model import EventType, ServiceEntity

FORCED = {EventType.FORCE_UPDATE, EventType.FORCE_DELETE}
MOST_HOPS = 30


@dataclass(frozen=True)
class WrittenEvent:
    """An event with the version that it belongs to."""

    version: int
    event: Event


@dataclass
class World:
    """
    An instance, its history, and the compiles that are requested for it.

    :param rows: the instance after each transfer
    :param validations: the requested validations with the version they were requested in, by correlation id
    """

    entity: ServiceEntity
    options: EnvironmentOptions
    instance: Instance
    rows: list[Instance] = field(default_factory=list)
    events: list[WrittenEvent] = field(default_factory=list)
    validations: dict[uuid.UUID, tuple[ValidationRequest, int]] = field(default_factory=dict)
    exports: list[tuple[ExportRequest, Instance]] = field(default_factory=list)

    @classmethod
    def create(cls, entity: ServiceEntity, options: EnvironmentOptions) -> "World":
        """Create the instance."""
        new = Instance(
            id=uuid.uuid4(),
            environment=options.id,
            service_entity=entity.name,
            service_entity_version=0,
            version=1,
            desired_state_version=1,
            state=entity.lifecycle.initial_state,
            sets=AttributeSets(candidate={"size": 0}),
        )
        decision = transfers.create(new, entity, options, uuid.uuid4())
        world = cls(entity, options, decision.before)
        world.carry_out(decision)
        return world

    @property
    def ended(self) -> set[uuid.UUID]:
        """The flows that have an outcome."""
        return {written.event.flow.correlation_id for written in self.events if written.event.outcome}

    def carry_out(self, decision: Decision) -> None:
        """Do what the engine does."""
        assert decision.before == self.instance
        self.instance = decision.after
        if decision.is_transfer:
            self.rows.append(decision.after)
        if isinstance(decision.compile, ValidationRequest):
            self.validations[decision.compile.flow.correlation_id] = (decision.compile, decision.before.version)
        elif decision.compile is not None:
            self.exports.append((decision.compile, decision.after))
        for event in decision.events:
            written = event.event(uuid.uuid4()) if isinstance(event, CompileQueued) else event
            self.events.append(WrittenEvent(decision.before.version, written))

    def settle(self, *, retry: bool = False) -> None:
        """Follow auto edges, as many as a lifecycle that ends has at most."""
        for _ in range(MOST_HOPS):
            before = self.instance
            decision = transfers.auto(before, self.entity, self.options, uuid.uuid4(), retry=retry)
            if decision is None:
                return
            if isinstance(decision.compile, ValidationRequest) and self.is_requested(decision.compile):
                return
            self.carry_out(decision)
            if self.instance.version == before.version:
                return
            retry = False

    def is_requested(self, requested: ValidationRequest) -> bool:
        """Whether a validation has been requested before."""
        return requested.flow.correlation_id in self.validations or requested.flow.correlation_id in self.ended

    def finish_validation(self, correlation_id: uuid.UUID, success: bool) -> None:
        """Deliver the result of a validation, perhaps once more."""
        requested, version = self.validations[correlation_id]
        if correlation_id not in self.ended:
            self.carry_out(
                transfers.decide_on_validation(self.instance, self.entity, self.options, requested, version, success)
            )
        self.settle()

    def report(self, report: DeploymentReport) -> None:
        """Deliver a deployment report."""
        self.carry_out(reports.decide_on_report(self.instance, self.entity, self.options, report, uuid.uuid4()))
        self.settle()

    def current_report(self, *, success: bool = True) -> DeploymentReport:
        """Give the report about the instance as it is now."""
        return DeploymentReport(self.instance.version + 1, self.instance.desired_state_version + 1, success)

    def request(self, trigger: TransferTrigger, target: str | None = None) -> None:
        """Ask for a transfer that the state allows; an update changes the size."""
        edge = edges.find(self.entity.lifecycle, self.instance.state, trigger, target)
        assert edge is not None
        sets = None
        if trigger is TransferTrigger.ON_UPDATE:
            base = dict(self.instance.sets.update_base or {})
            sets = replace(self.instance.sets, candidate={**base, "size": base.get("size", 0) + 1})
        self.carry_out(transfers.request(self.instance, self.entity, self.options, trigger, edge, uuid.uuid4(), sets=sets))
        self.settle()
