"""
The lifecycle: what a trigger does to a service instance.

Pure functions over plain data. Each takes the instance as it is and gives a decision, which the engine carries out as a whole.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace

from inmanta_lsm.attributes.sets import AttributeSets, ImpossibleOperationError
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.lifecycle.decision import Attempt, CompileQueued, Decision, Event, ExportRequest, Flow, ValidationRequest
from inmanta_lsm.lifecycle.edges import Branch
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.model import EventType, Lifecycle, ServiceEntity, StateTransfer

EVENT_TYPES = {
    TransferTrigger.AUTO: EventType.AUTO_TRANSITION,
    TransferTrigger.API_SET_STATE: EventType.API_SET_STATE_TRANSITION,
    TransferTrigger.ON_UPDATE: EventType.ON_UPDATE_TRANSITION,
    TransferTrigger.ON_DELETE: EventType.ON_DELETE_TRANSITION,
    TransferTrigger.RESOURCE_BASED: EventType.RESOURCE_TRANSITION,
}
_TRIGGER_NAMES = {
    TransferTrigger.AUTO: "Auto",
    TransferTrigger.API_SET_STATE: "Set state",
    TransferTrigger.ON_UPDATE: "Update",
    TransferTrigger.ON_DELETE: "Delete",
    TransferTrigger.RESOURCE_BASED: "Resource-based",
}


def create(new: Instance, entity: ServiceEntity, options: EnvironmentOptions, flow_id: uuid.UUID) -> Decision:
    """
    Decide on the creation of an instance.

    :param new: the instance as it is to be stored, in its initial state and with version 1
    :param flow_id: correlation id of the events, which belong to version 0
    """
    flow = Flow(flow_id, EventType.CREATE_TRANSITION)
    state = entity.lifecycle.get_state(new.state)
    export = state.export_resources and options.server_compile
    new = replace(new, deleted=state.deleted, report_pending=export and _awaits_report(entity.lifecycle, new.state))
    events: list[Event | CompileQueued] = [
        Event(flow, f"Creation trigger received for service instance {new.id}.", destination=new.state),
        Event(flow, "Creation complete", destination=new.state, outcome=True),
    ]
    if export:
        events.insert(1, CompileQueued(flow, validation=False, destination=new.state))
    return Decision(
        before=replace(new, version=0, desired_state_version=0),
        after=new,
        events=events,
        compile=ExportRequest(flow, None, new.state) if export else None,
        creates=True,
    )


def request(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    trigger: TransferTrigger,
    edge: StateTransfer,
    flow_id: uuid.UUID,
    *,
    remark: str | None = None,
    sets: AttributeSets | None = None,
) -> Decision:
    """
    Decide on a transfer that is asked for: follow the target branch of the edge, after a validation when the edge says so.

    :param trigger: what asks for the transfer
    :param flow_id: correlation id of the events
    :param remark: of the caller, for the event of the trigger
    :param sets: the attribute sets that an update starts the transfer with
    """
    announcement = f"{_TRIGGER_NAMES[trigger]} transition triggered for service instance {before.id} in environment {options}"
    flow = Flow(flow_id, EVENT_TYPES[trigger], announcement if remark is None else f"{announcement}: {remark}")
    branch = Branch.target(edge)
    if not edge.validate_:
        return follow(before, entity, options, branch, flow, sets=sets)
    if not options.server_compile:
        return failure(before, branch, flow, "validation is not possible because server_compile is disabled")
    return Decision(
        before=before,
        after=before,
        events=[*_announcement(before, branch, flow), CompileQueued(flow, True, before.state, branch.destination)],
        compile=ValidationRequest(flow, trigger, edge),
        attempt=Attempt(branch, flow),
    )


def auto(
    before: Instance, entity: ServiceEntity, options: EnvironmentOptions, flow_id: uuid.UUID, *, retry: bool = False
) -> Decision | None:
    """
    Decide on the auto transfer that leaves the state of the instance.

    :param flow_id: correlation id of the events, except for a validation: its id can be derived, so that after a crash it is
        known whether the compile has been requested already
    :param retry: also when the auto transfer had its outcome in this version already
    :return: None when there is nothing to do
    """
    if before.deleted or (before.auto_done and not retry):
        return None
    edge = edges.enabled_auto(entity, before)
    if edge is None:
        return None
    if edge.validate_ and options.server_compile:
        flow_id = validation_id(before)
    return request(before, entity, options, TransferTrigger.AUTO, edge, flow_id)


def validation_id(instance: Instance) -> uuid.UUID:
    """Give the correlation id of the validation for the auto transfer of an instance in its current version."""
    return uuid.uuid3(instance.id, f"{instance.version}/{TransferTrigger.AUTO}")


def decide_on_validation(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    requested: ValidationRequest,
    version: int,
    success: bool,
) -> Decision:
    """
    Decide on the result of a validation compile.

    :param before: the instance as it is now
    :param requested: what the compile was requested for
    :param version: version of the instance when it was requested
    :param success: result of the compile
    """
    edge, flow = requested.edge, replace(requested.flow, announcement=None)
    branch: Branch | None = Branch.target(edge)
    if before.deleted or before.version != version:
        message = (
            f"Transfer {edge.source} -> {edge.target} of service instance {before.id} ignored: "
            f"it was requested in version {version}, the current version is {before.version}"
        )
        event = Event(flow, message, edge.source, edge.target, logging.WARNING, ignored=True, outcome=True)
        return Decision(before, before, [event])
    if not edges.is_in_force(entity.lifecycle, edge, requested.trigger):
        return failure(before, Branch.target(edge), flow, "the lifecycle does not have this transfer any more")
    if not success:
        branch = Branch.of_error(edge)
    if branch is None:
        return failure(before, Branch.target(edge), flow, "the validation failed and the transfer has no error state")
    if branch.is_noop:
        result = "succeeded" if success else "failed"
        return _stay(before, branch, flow, f"Validation {result}, service instance {before.id} stays in state {before.state}")
    return follow(before, entity, options, branch, flow)


def follow(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    branch: Branch,
    flow: Flow,
    *,
    sets: AttributeSets | None = None,
) -> Decision:
    """
    Execute a transfer.

    A transfer back to the same state without operation is not executed: a repair run would make the model compile for nothing.
    An update always changes something.

    :param branch: the branch of the edge to follow
    :param flow: the flow that it belongs to
    :param sets: the attribute sets to start with; those of the instance by default
    """
    if branch.is_noop and sets is None:
        stay = _stay(before, branch, flow, f"Service instance {before.id} stays in state {before.state}")
        return replace(stay, failed=True)
    try:
        operated = (sets or before.sets).apply(branch.operation)
    except ImpossibleOperationError as exception:
        return failure(before, branch, flow, str(exception))
    known_error = _is_known_error(branch, flow)
    export = exports(entity.lifecycle, before.state, branch.destination, options) and not (
        branch.same_desired_state and options.transfer_optimization
    )
    after = replace(
        before,
        version=before.version + 1,
        desired_state_version=before.desired_state_version + (0 if branch.same_desired_state else 1),
        state=branch.destination,
        sets=operated,
        deleted=entity.lifecycle.get_state(branch.destination).deleted,
        auto_done=False,
        report_pending=export and _awaits_report(entity.lifecycle, branch.destination),
    )
    message = (
        f"Service instance {before.id} successfully executed transfer {before.state} -> {branch.destination}"
        f" (error={branch.error})"
    )
    return Decision(
        before=before,
        after=after,
        events=[
            *_announcement(before, branch, flow),
            *([CompileQueued(flow, False, before.state, branch.destination, known_error)] if export else []),
            Event(flow, message, before.state, branch.destination, is_error=branch.error, outcome=True),
        ],
        compile=ExportRequest(flow, before.state, branch.destination) if export else None,
        attempt=Attempt(branch, flow),
    )


def failure(before: Instance, branch: Branch, flow: Flow, reason: str) -> Decision:
    """
    Decide to leave the instance as it is, because a transfer cannot be executed.

    :param branch: the branch of the edge that was to be followed
    :param flow: the flow that it belongs to
    :param reason: why it cannot be executed
    """
    message = f"Service instance {before.id} failed to execute transfer {before.state} -> {branch.destination}: {reason}"
    event = Event(
        flow, message, before.state, branch.destination, logging.ERROR, is_error=_is_known_error(branch, flow), outcome=True
    )
    return Decision(before, _auto_done(before, flow), [*_announcement(before, branch, flow), event], failed=True)


def exports(lifecycle: Lifecycle, source: str, destination: str, options: EnvironmentOptions) -> bool:
    """Whether an instance has to be exported for a transfer: its resources are part of the desired state before or after."""
    states = (lifecycle.get_state(source), lifecycle.get_state(destination))
    return options.server_compile and any(state.export_resources for state in states)


def _stay(before: Instance, branch: Branch, flow: Flow, message: str) -> Decision:
    event = Event(flow, message, before.state, branch.destination, is_error=branch.error, outcome=True)
    return Decision(before, _auto_done(before, flow), [*_announcement(before, branch, flow), event])


def _announcement(before: Instance, branch: Branch, flow: Flow) -> Sequence[Event]:
    if flow.announcement is None:
        return []
    return [Event(flow, flow.announcement, before.state, branch.destination, is_error=_is_known_error(branch, flow))]


def _is_known_error(branch: Branch, flow: Flow) -> bool:
    """Whether a failure is known from the start. That of a validation is not: its flow begins as any other."""
    return branch.error and flow.event_type is EventType.RESOURCE_TRANSITION


def _auto_done(instance: Instance, flow: Flow) -> Instance:
    return replace(instance, auto_done=True) if flow.event_type is EventType.AUTO_TRANSITION else instance


def _awaits_report(lifecycle: Lifecycle, state: str) -> bool:
    return edges.find(lifecycle, state, TransferTrigger.RESOURCE_BASED) is not None
