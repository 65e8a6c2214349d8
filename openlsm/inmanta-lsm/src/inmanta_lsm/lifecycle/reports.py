"""What a deployment report does to a service instance: pure functions as those of the lifecycle."""

import logging
import uuid
from collections.abc import Collection
from dataclasses import replace

from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.lifecycle.decision import Decision, Event, Flow
from inmanta_lsm.lifecycle.edges import Branch
from inmanta_lsm.lifecycle.instance import DeploymentReport, EnvironmentOptions, Instance
from inmanta_lsm.lifecycle.transfers import follow
from inmanta_lsm.model import EventType, ServiceEntity


def decide_on_report(
    before: Instance,
    entity: ServiceEntity,
    options: EnvironmentOptions,
    report: DeploymentReport,
    flow_id: uuid.UUID,
    no_verdicts: Collection[str] = (),
) -> Decision:
    """
    Decide on a deployment report.

    A report counts when it is about the instance as it is now. Without transfer optimization that is told by the version; with
    it, the transfer resource is not exported again on transfers that keep the desired state, so its version may be behind.
    A failure does not count when all it tells is how resources were before the instance got its version, or that what deployed
    them was cut off: they are deployed once more, and a report about that follows.

    :param flow_id: correlation id of the events
    :param no_verdicts: ids of the resources whose failure says nothing about them
    """
    if options.transfer_optimization and report == before.last_report and not before.deleted:
        return Decision(before, before)
    reason = _why_not_current(before, options, report)
    if reason is not None:
        return ignored_report(before, flow_id, reason)
    if not report.success and no_verdicts and set(report.failed_resources) <= set(no_verdicts):
        return Decision(before, before)
    done = replace(before, report_pending=False)
    edge = edges.find(entity.lifecycle, before.state, TransferTrigger.RESOURCE_BASED)
    if edge is None:
        return ignored_report(before, flow_id, f"no resource-based transfer leaves state {before.state}", done)
    branch = Branch.target(edge) if report.success else Branch.of_error(edge)
    if branch is None:
        return ignored_report(before, flow_id, f"the resource-based transfer of state {before.state} has no error state", done)
    if branch.is_noop:
        return Decision(before, done)
    announcement = f"Resource-based transition triggered for service instance {before.id} in environment {options}"
    decision = follow(before, entity, options, branch, Flow(flow_id, EventType.RESOURCE_TRANSITION, announcement))
    if decision.is_transfer:
        return replace(decision, after=replace(decision.after, last_report=report))
    return replace(decision, after=replace(decision.after, report_pending=False))


def ignored_report(before: Instance, flow_id: uuid.UUID, reason: str, after: Instance | None = None) -> Decision:
    """
    Decide to do nothing with a deployment report but log it.

    :param flow_id: correlation id of the event
    :param reason: why it is ignored
    :param after: the instance afterwards, when the report was the awaited one
    """
    message = f"Deployment report for service instance {before.id} ignored: {reason}"
    flow = Flow(flow_id, EventType.RESOURCE_EVENT)
    return Decision(before, after or before, [Event(flow, message, severity=logging.WARNING, ignored=True, outcome=True)])


def _why_not_current(instance: Instance, options: EnvironmentOptions, report: DeploymentReport) -> str | None:
    if instance.deleted:
        return "the instance is deleted"
    if report.next_desired_state_version != instance.desired_state_version + 1:
        return (
            f"it is about desired state version {report.next_desired_state_version - 1}, "
            f"the current one is {instance.desired_state_version}"
        )
    current = report.next_version == instance.version + 1
    if current or (options.transfer_optimization and report.next_version <= instance.version):
        return None
    return f"it is about version {report.next_version - 1}, the current one is {instance.version}"
