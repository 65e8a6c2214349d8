"""What holds for any lifecycle and any sequence of calls, compile results and deployment reports, in any order."""

import uuid
from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from inmanta_lsm.attributes.sets import ImpossibleOperationError
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges, forced
from inmanta_lsm.lifecycle.instance import DeploymentReport, EnvironmentOptions
from inmanta_lsm.model import AttributeOperation, AttributeSetName, EventType, Lifecycle

from ..helpers.lifecycle_world import FORCED, World
from ..helpers.random_lifecycles import STATES, lifecycles
from ..helpers.simple_lifecycle import SIMPLE, service


class AnyHistory(RuleBasedStateMachine):
    """One instance, to which anything happens in any order."""

    world: World
    reports: list[DeploymentReport]

    @initialize(
        lifecycle=st.just(SIMPLE) | lifecycles(),
        optimization=st.booleans(),
        server_compile=st.sampled_from([True, True, False]),
    )
    def create(self, lifecycle: Lifecycle, optimization: bool, server_compile: bool) -> None:
        options = EnvironmentOptions(uuid.uuid4(), "test", server_compile=server_compile, transfer_optimization=optimization)
        self.world = World.create(service(lifecycle=lifecycle), options)
        self.reports = []
        self.world.settle()

    @property
    def lifecycle(self) -> Lifecycle:
        return self.world.entity.lifecycle

    def is_alive(self) -> bool:
        return not self.world.instance.deleted

    @precondition(is_alive)
    @rule(trigger=st.sampled_from([TransferTrigger.ON_UPDATE, TransferTrigger.ON_DELETE, TransferTrigger.API_SET_STATE]))
    def ask(self, trigger: TransferTrigger) -> None:
        if edges.find(self.lifecycle, self.world.instance.state, trigger) is not None:
            self.world.request(trigger)

    @precondition(lambda self: self.world.validations)
    @rule(data=st.data(), success=st.booleans())
    def deliver_any_compile_result(self, data: st.DataObject, success: bool) -> None:
        correlation_id = data.draw(st.sampled_from(list(self.world.validations)))
        repeated = correlation_id in self.world.ended
        before, events = self.world.instance, len(self.world.events)
        self.world.finish_validation(correlation_id, success)
        if repeated:
            assert (self.world.instance, len(self.world.events)) == (before, events)

    @rule(success=st.booleans())
    def report(self, success: bool) -> None:
        report = self.world.current_report(success=success)
        self.reports.append(report)
        self.world.report(report)

    @precondition(lambda self: self.reports)
    @rule()
    def repeat_the_last_report(self) -> None:
        before = self.world.instance
        self.world.report(self.reports[-1])
        if before.last_report == self.reports[-1]:
            assert self.world.instance == before

    @precondition(lambda self: self.reports)
    @rule(data=st.data())
    def deliver_a_report_about_another_desired_state(self, data: st.DataObject) -> None:
        report = data.draw(st.sampled_from(self.reports))
        before = self.world.instance
        if report.next_desired_state_version != before.desired_state_version + 1:
            self.world.report(report)
            assert self.world.instance == before

    @precondition(is_alive)
    @rule(state=st.sampled_from(STATES[:-1]), operation=st.none() | st.sampled_from(AttributeOperation))
    def force_state(self, state: str, operation: AttributeOperation | None) -> None:
        if not edges.has_state(self.lifecycle, state):
            return
        world = self.world
        try:
            decision = forced.force_state(world.instance, world.entity, world.options, state, operation, "why", uuid.uuid4())
        except ImpossibleOperationError:
            return
        world.carry_out(decision)
        world.settle()

    @precondition(is_alive)
    @rule(name=st.sampled_from(AttributeSetName), size=st.integers(0, 9))
    def force_attributes(self, name: AttributeSetName, size: int) -> None:
        world = self.world
        sets = world.instance.sets.with_set(name, {"size": size})
        world.carry_out(forced.force_attributes(world.instance, world.entity, world.options, sets, name, None, uuid.uuid4()))
        world.settle()

    @precondition(is_alive)
    @rule(sometimes=st.integers(0, 9))
    def force_delete(self, sometimes: int) -> None:
        if sometimes == 0:
            self.world.carry_out(forced.force_delete(self.world.instance, "why", uuid.uuid4()))

    @precondition(is_alive)
    @rule(vlan=st.integers(0, 9))
    def allocate(self, vlan: int) -> None:
        before = self.world.instance
        if before.sets.update_base is None:
            return
        sets = replace(before.sets, candidate={**before.sets.update_base, "vlan_id": vlan})
        self.world.carry_out(forced.allocate(before, sets, uuid.uuid4()))
        after = self.world.instance
        assert replace(after, sets=replace(after.sets, candidate=before.sets.candidate)) == before

    @rule()
    def scan_twice(self) -> None:
        self.world.settle(retry=True)
        once = (self.world.instance, len(self.world.validations), len(self.world.exports))
        self.world.settle(retry=True)
        assert once == (self.world.instance, len(self.world.validations), len(self.world.exports))

    @invariant()
    def the_log_has_one_row_for_each_version_and_ends_with_the_instance(self) -> None:
        rows, instance = self.world.rows, self.world.instance
        assert [row.version for row in rows] == list(range(1, instance.version + 1))
        newest = rows[-1]
        assert (newest.state, newest.deleted, newest.desired_state_version) == (
            instance.state,
            instance.deleted,
            instance.desired_state_version,
        )

    @invariant()
    def the_desired_state_version_grows_with_every_transfer_whose_side_does_not_keep_the_desired_state(self) -> None:
        for before, after in pairwise(self.world.rows):
            growth = after.desired_state_version - before.desired_state_version
            flags = {
                branch.same_desired_state
                for edge in self.lifecycle.transfers
                for branch in (edges.Branch.target(edge), edges.Branch.of_error(edge))
                if branch is not None and (edge.source, branch.destination) == (before.state, after.state)
            }
            assert growth in {0 if same else 1 for same in flags} or (growth == 1 and self.was_forced(before.version))
        assert 1 <= self.world.instance.desired_state_version <= self.world.instance.version

    @invariant()
    def each_pair_of_rows_is_an_edge_or_was_forced(self) -> None:
        sides = {
            (edge.source, state)
            for edge in self.lifecycle.transfers
            for state in (edge.target, edge.error)
            if state is not None
        }
        for before, after in pairwise(self.world.rows):
            assert (before.state, after.state) in sides or self.was_forced(before.version)

    @invariant()
    def each_row_is_the_destination_of_the_last_event_of_exactly_one_flow(self) -> None:
        for before, after in pairwise(self.world.rows):
            outcomes = [
                written.event
                for written in self.world.events
                if written.version == before.version
                and written.event.outcome
                and ("successfully executed" in written.event.message or written.event.flow.event_type in FORCED)
            ]
            assert [event.destination for event in outcomes] == [after.state]

    @invariant()
    def each_flow_has_exactly_one_outcome_or_waits_for_a_compile(self) -> None:
        flows = {written.event.flow.correlation_id for written in self.world.events}
        outcomes = [written.event.flow.correlation_id for written in self.world.events if written.event.outcome]
        assert len(outcomes) == len(set(outcomes))
        assert flows - set(outcomes) <= self.world.validations.keys()

    @invariant()
    def a_deleted_instance_takes_no_further_version(self) -> None:
        assert not any(row.deleted for row in self.world.rows[:-1])
        assert self.is_alive() or edges.transfer_context(self.world.entity, self.world.instance) == "stable"

    @invariant()
    def an_event_is_an_error_transition_only_when_the_error_side_is_meant(self) -> None:
        for written in self.world.events:
            event = written.event
            assert not event.is_error or event.destination in {edge.error for edge in self.lifecycle.transfers}
            if "successfully executed" in event.message:
                assert event.is_error == ("(error=True)" in event.message)

    @invariant()
    def export_compiles_are_requested_once_for_each_transfer_that_needs_one(self) -> None:
        exported = [instance.version for _, instance in self.world.exports]
        assert len(exported) == len(set(exported))
        exporting = {state.name for state in self.lifecycle.states if state.export_resources}
        for before, after in pairwise(self.world.rows):
            needed = bool({before.state, after.state} & exporting) and self.world.options.server_compile
            kept = before.desired_state_version == after.desired_state_version
            optimized = kept and self.world.options.transfer_optimization
            removed = self.was_forced(before.version, EventType.FORCE_DELETE)
            assert (after.version in exported) == (needed and not optimized and not removed)

    def was_forced(self, version: int, *types: EventType) -> bool:
        """Whether the transfer from a version was forced."""
        return any(
            written.version == version and written.event.flow.event_type in (types or FORCED) for written in self.world.events
        )


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
