"""
Changes of a service instance that bypass the rules of its lifecycle.

They come from expert calls, from the migration to another version of the service entity and from the allocation. As in the
lifecycle, the decisions are pure functions. A forced change counts as a transfer: the instance gets a new version.
"""

import uuid
from dataclasses import replace

from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.lifecycle.decision import CompileQueued, Decision, Event, ExportRequest, Flow
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.lifecycle.transfers import exports
from inmanta_lsm.model import AttributeOperation, AttributeSetName, EventType, Lifecycle, ServiceEntity


def force_state(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    target: str,
    operation: AttributeOperation | None,
    message: str,
    flow_id: uuid.UUID,
) -> Decision:
    """
    Decide to put an instance into a state, without validation and whether or not an edge leads there.

    :param target: the state, which the lifecycle must have
    :param operation: what to do with the attribute sets
    :param message: of the caller
    :param flow_id: correlation id of the events
    :raises ImpossibleOperationError: the operation cannot be executed on the attribute sets of the instance
    """
    after = replace(before, state=target, sets=before.sets.apply(operation), deleted=entity.lifecycle.get_state(target).deleted)
    text = f"State of service instance {before.id} forced from {before.state} to {target}: {message}"
    return _force(before, after, entity.lifecycle, options, text, flow_id)


def force_attributes(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    sets: AttributeSets,
    changed: AttributeSetName,
    comment: str | None,
    flow_id: uuid.UUID,
) -> Decision:
    """
    Decide to exchange an attribute set.

    :param sets: the attribute sets afterwards
    :param changed: the set that is exchanged
    :param comment: of the caller
    :param flow_id: correlation id of the events
    """
    text = f"Attributes of service instance {before.id} forced in {changed}"
    text = text if comment is None else f"{text}: {comment}"
    return _force(before, replace(before, sets=sets), entity.lifecycle, options, text, flow_id)


def force_delete(before: Instance, message: str, flow_id: uuid.UUID) -> Decision:
    """
    Decide to take an instance out of the inventory as it is. Nothing is exported.

    :param message: of the caller
    :param flow_id: correlation id of the event
    """
    after = replace(
        before,
        version=before.version + 1,
        desired_state_version=before.desired_state_version + 1,
        deleted=True,
        report_pending=False,
    )
    text = f"Service instance {before.id} forcefully deleted: {message}"
    event = Event(Flow(flow_id, EventType.FORCE_DELETE), text, before.state, before.state, outcome=True)
    return Decision(before, after, [event])


def migrate(
    before: Instance,
    old: ServiceEntity,
    new: ServiceEntity,
    options: EnvironmentOptions,
    target: str,
    sets: AttributeSets,
    flow_id: uuid.UUID,
) -> Decision:
    """
    Decide to move an instance to another version of its service entity.

    :param old: definition of the service that the instance has now
    :param new: definition of the service that it gets
    :param target: state of the instance afterwards, which the new lifecycle must have
    :param sets: attribute sets of the instance afterwards
    :param flow_id: correlation id of the events
    """
    after = replace(
        before,
        service_entity_version=new.version,
        state=target,
        sets=sets,
        deleted=new.lifecycle.get_state(target).deleted,
    )
    text = f"Service instance {before.id} migrated from service entity version {old.version} to {new.version}"
    return _force(
        before, after, new.lifecycle, options, text, flow_id, exported=old.lifecycle.get_state(before.state).export_resources
    )


def allocate(before: Instance, candidate: AttributeSets, flow_id: uuid.UUID) -> Decision:
    """
    Decide to store allocated values. The version stays: the compile that allocates goes on with the same version.

    :param candidate: the attribute sets afterwards
    :param flow_id: correlation id of the event
    """
    message = f"Updated allocation received for service instance {before.id}."
    event = Event(Flow(flow_id, EventType.ALLOCATION_UPDATE), message, outcome=True)
    return Decision(before, replace(before, sets=candidate), [event])


def _force(
    before: Instance,
    after: Instance,
    lifecycle: Lifecycle,
    options: EnvironmentOptions,
    message: str,
    flow_id: uuid.UUID,
    *,
    exported: bool | None = None,
) -> Decision:
    flow = Flow(flow_id, EventType.FORCE_UPDATE)
    if exported is None:
        export = exports(lifecycle, before.state, after.state, options)
    else:
        export = options.server_compile and (exported or lifecycle.get_state(after.state).export_resources)
    awaits_report = edges.find(lifecycle, after.state, TransferTrigger.RESOURCE_BASED) is not None
    after = replace(
        after,
        version=before.version + 1,
        desired_state_version=before.desired_state_version + 1,
        auto_done=False,
        report_pending=export and awaits_report and not after.deleted,
    )
    queued = [CompileQueued(flow, False, before.state, after.state)] if export else []
    return Decision(
        before=before,
        after=after,
        events=[*queued, Event(flow, message, before.state, after.state, outcome=True)],
        compile=ExportRequest(flow, before.state, after.state) if export else None,
    )
