"""
What has become of an item of an order, judged by where its instance is.

Pure functions of plain data.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from inmanta_lsm.model import EventType, ServiceEntity, ServiceInstanceEvent
from inmanta_lsm.model.order import OrderItemAction, OrderItemFailureType

FORCED_EVENTS = frozenset({EventType.FORCE_UPDATE, EventType.FORCE_DELETE})

GOOD_LABELS = ("success", "info", None)


@dataclass(frozen=True, slots=True)
class Progress:
    """
    What happened to an instance since its item was started.

    :ivar action: what the item does with the instance.
    :ivar entity: definition of the service.
    :ivar version: the version of the instance.
    :ivar state: the name of its state.
    :ivar deleted: whether it is deleted.
    :ivar stable: whether it stays where it is until it is asked to move.
    :ivar events: since the item was started, the oldest first.
    :ivar outcomes: the ids of those events that are the last ones of their flow.
    :ivar failed_exports: the compiles that were to export the instance and failed.
    """

    action: OrderItemAction
    entity: ServiceEntity
    version: int
    state: str
    deleted: bool
    stable: bool
    events: Sequence[ServiceInstanceEvent]
    outcomes: frozenset[uuid.UUID]
    failed_exports: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    How an item ended.

    :ivar failure: why it failed, None if it is completed.
    :ivar reason: the same in words, as far as it is known from the events.
    :ivar version: the version of the instance in which to look for details of the failure.
    """

    failure: OrderItemFailureType | None = None
    reason: str | None = None
    version: int | None = None


def judge(progress: Progress) -> Verdict | None:
    """
    Judge an item that was started.

    :param progress: What happened to its instance.
    :return: None as long as the instance is on its way.
    """
    forced = [event for event in _outcomes(progress) if event.event_type in FORCED_EVENTS]
    if forced:
        return Verdict(OrderItemFailureType.INCONCLUSIVE, f"The instance was changed around its lifecycle. {forced[0].message}")
    if progress.deleted:
        return _judge_deleted(progress)
    if progress.failed_exports:
        return Verdict(
            OrderItemFailureType.INCONCLUSIVE,
            f"The compile {progress.failed_exports[-1]}, which was to export the instance, failed.",
        )
    if not progress.stable or _has_open_flow(progress):
        return None
    if progress.action is OrderItemAction.delete:
        return _failure(progress, f"The instance is in state {progress.state}, it was not deleted.")
    last = _outcomes(progress)[-1:]
    if last and last[0].severity >= logging.ERROR:
        return Verdict(OrderItemFailureType.EXECUTION_FAILED, last[0].message)
    label = progress.entity.lifecycle.get_state(progress.state).label
    if label not in GOOD_LABELS:
        return _failure(progress, f"The instance is in state {progress.state}, which means {label}.")
    if _transfers(progress) and _transfers(progress)[-1].is_error_transition:
        return _failure(progress, f"The instance is in state {progress.state}, after an error.")
    return Verdict()


def _judge_deleted(progress: Progress) -> Verdict:
    if progress.action is OrderItemAction.delete:
        return Verdict()
    return _failure(progress, f"The instance is in state {progress.state}, it is deleted.")


def _failure(progress: Progress, reason: str) -> Verdict:
    errors = [event for event in _transfers(progress) if event.is_error_transition]
    if errors and errors[-1].event_type is not EventType.RESOURCE_TRANSITION:
        kind = OrderItemFailureType.VALIDATION_COMPILE_FAILED
    else:
        kind = OrderItemFailureType.EXECUTION_FAILED
    # An event belongs to the version in which the trigger was received, the transfer led to the next one.
    return Verdict(kind, reason, errors[-1].service_instance_version + 1 if errors else None)


def _outcomes(progress: Progress) -> list[ServiceInstanceEvent]:
    return [event for event in progress.events if event.id in progress.outcomes and not event.ignored_transition]


def _transfers(progress: Progress) -> list[ServiceInstanceEvent]:
    return [event for event in _outcomes(progress) if event.severity < logging.ERROR and event.destination is not None]


def _has_open_flow(progress: Progress) -> bool:
    flows = {event.event_correlation_id for event in progress.events if event.event_type is not EventType.ALLOCATION_UPDATE}
    ended = {event.event_correlation_id for event in progress.events if event.id in progress.outcomes}
    return bool(flows - ended)
