"""
In which order the items of an order are executed, and what the order comes to.

Pure functions of plain data.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from inmanta_lsm.model.order import OrderItemAction, OrderItemState, OrderState

FINAL_STATES = frozenset({OrderItemState.completed, OrderItemState.failed})

type Dependencies = Mapping[uuid.UUID, Set[uuid.UUID]]
"""The items that have to be completed before an item is started, by the instance ids of the items."""


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """
    What the place of an item in the order depends on.

    :param instance_id: the instance that the item is about
    :param action: what it does with the instance
    :param requested: the attributes or the values of the edits that the item brings
    :param stored: the attribute sets that the instance has already
    """

    instance_id: uuid.UUID
    action: OrderItemAction
    requested: Any = None
    stored: Iterable[Any] = field(default=())


def dependencies(items: Collection[PlannedItem]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """
    Find out which item has to wait for which others.

    What refers to a new instance waits for its creation. An instance is deleted after those that refer to it.

    :param items: the items of the order
    """
    created = {str(item.instance_id) for item in items if item.action is OrderItemAction.create}
    deleted = {str(item.instance_id) for item in items if item.action is OrderItemAction.delete}
    waits_for: dict[uuid.UUID, set[uuid.UUID]] = {item.instance_id: set() for item in items}
    for item in items:
        if item.action is OrderItemAction.delete:
            for reference in referred(list(item.stored)) & deleted - {str(item.instance_id)}:
                waits_for[uuid.UUID(reference)].add(item.instance_id)
        else:
            waits_for[item.instance_id] |= {uuid.UUID(reference) for reference in referred(item.requested) & created}
    return waits_for


def referred(value: object) -> set[str]:
    """The texts inside a JSON value, in lower case: the ids of other instances are among them."""
    match value:
        case str():
            return {value.lower()}
        case dict():
            return set().union(*map(referred, value.values()))
        case list():
            return set().union(*map(referred, value))
        case _:
            return set()


def in_cycle(waits_for: Dependencies) -> set[uuid.UUID]:
    """
    The items that wait for themselves, directly or by way of others.

    :param waits_for: what each item waits for
    """
    left = _without_free_items(waits_for)
    return {item for item in left if item in _reachable(item, left)}


def _without_free_items(waits_for: Dependencies) -> Dependencies:
    """The items that are part of a cycle or wait for one, with what they wait for among these."""
    waiting = {item: len(others) for item, others in waits_for.items()}
    followers: dict[uuid.UUID, list[uuid.UUID]] = {item: [] for item in waits_for}
    for item, others in waits_for.items():
        for other in others:
            followers[other].append(item)
    free = [item for item, count in waiting.items() if not count]
    for item in free:
        for follower in followers[item]:
            waiting[follower] -= 1
            if not waiting[follower]:
                free.append(follower)
    left = waits_for.keys() - free
    return {item: waits_for[item] & left for item in left}


def _reachable(start: uuid.UUID, waits_for: Dependencies) -> set[uuid.UUID]:
    reached: set[uuid.UUID] = set()
    pending = list(waits_for[start])
    while pending:
        item = pending.pop()
        if item not in reached:
            reached.add(item)
            pending.extend(waits_for[item])
    return reached


def order_state(states: Iterable[OrderItemState]) -> OrderState:
    """What an order has come to."""
    present = set(states)
    if present - FINAL_STATES:
        return OrderState.in_progress
    if present == {OrderItemState.completed}:
        return OrderState.success
    return OrderState.partial if OrderItemState.completed in present else OrderState.failed
