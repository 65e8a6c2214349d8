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
class ItemHistory:
    """
    What happened to an instance since its item was started.

    :param action: what the item does with the instance
    :param deleted: whether it is deleted
    :param stable: whether it stays where it is until it is asked to move
    :param events: since the item was started, the oldest first
    :param outcomes: the ids of those events that are the last ones of their flow
    :param failed_exports: the compiles that were to export the instance and failed
    :param validation: the last compile that validated the instance, if there was one
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
    validation: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    How an item ended.

    :param failure: why it failed, None if it is completed
    :param reason: the same in words, as far as it is known from the events
    :param version: the version of the instance in which to look for details of the failure
    """

    failure: OrderItemFailureType | None = None
    reason: str | None = None
    version: int | None = None


def judge(history: ItemHistory) -> Verdict | None:
    """
    Judge an item that was started.

    :return: None as long as the instance is on its way
    """
    forced = [event for event in _outcomes(history) if event.event_type in FORCED_EVENTS]
    if forced:
        return Verdict(OrderItemFailureType.INCONCLUSIVE, f"The instance was changed around its lifecycle. {forced[0].message}")
    if history.deleted:
        return _judge_deleted(history)
    if history.failed_exports:
        return Verdict(
            OrderItemFailureType.INCONCLUSIVE,
            f"The compile {history.failed_exports[-1]}, which was to export the instance, failed.",
        )
    if not history.stable or _has_open_flow(history):
        return None
    if history.action is OrderItemAction.delete:
        return _failure(history, f"The instance is in state {history.state}, it was not deleted.")
    last = _outcomes(history)[-1:]
    if last and last[0].severity >= logging.ERROR:
        return Verdict(OrderItemFailureType.EXECUTION_FAILED, last[0].message)
    label = history.entity.lifecycle.get_state(history.state).label
    if label not in GOOD_LABELS:
        return _failure(history, f"The instance is in state {history.state}, which means {label}.")
    if _transfers(history) and _transfers(history)[-1].is_error_transition:
        return _failure(history, f"The instance is in state {history.state}, after an error.")
    return Verdict()


def _judge_deleted(history: ItemHistory) -> Verdict:
    if history.action is OrderItemAction.delete:
        return Verdict()
    return _failure(history, f"The instance is in state {history.state}, it is deleted.")


def _failure(history: ItemHistory, reason: str) -> Verdict:
    errors = [event for event in _transfers(history) if event.is_error_transition]
    if errors and errors[-1].event_type is not EventType.RESOURCE_TRANSITION:
        kind = OrderItemFailureType.VALIDATION_COMPILE_FAILED
    else:
        kind = OrderItemFailureType.EXECUTION_FAILED
    # An event belongs to the version in which the trigger was received, the transfer led to the next one.
    return Verdict(kind, reason, errors[-1].service_instance_version + 1 if errors else None)


def _outcomes(history: ItemHistory) -> list[ServiceInstanceEvent]:
    return [event for event in history.events if event.id in history.outcomes and not event.ignored_transition]


def _transfers(history: ItemHistory) -> list[ServiceInstanceEvent]:
    return [event for event in _outcomes(history) if event.severity < logging.ERROR and event.destination is not None]


def _has_open_flow(history: ItemHistory) -> bool:
    flows = {event.event_correlation_id for event in history.events if event.event_type is not EventType.ALLOCATION_UPDATE}
    ended = {event.event_correlation_id for event in history.events if event.id in history.outcomes}
    return bool(flows - ended)
