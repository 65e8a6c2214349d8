"""In which order items are executed, and what an order comes to."""

import itertools
import uuid
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.order.model import OrderItemAction, OrderItemState, OrderState
from inmanta_lsm.order.plan import PlannedItem, dependencies, in_cycle, order_state

A, B, C, OUTSIDE = (uuid.UUID(letter * 32) for letter in "abcd")


def creates(instance: uuid.UUID, *references: uuid.UUID) -> PlannedItem:
    """An item that creates an instance that refers to others, one of them inside an embedded entity."""
    attributes = {"peers": [str(reference) for reference in references[1:]]}
    embedded = [{"peer": str(reference).upper()} for reference in references[:1]]
    return PlannedItem(instance, OrderItemAction.create, requested=attributes | {"embedded": embedded})


def deletes(instance: uuid.UUID, *references: uuid.UUID) -> PlannedItem:
    """An item that deletes an instance that refers to others, in one of its attribute sets."""
    return PlannedItem(instance, OrderItemAction.delete, stored=[{}, {"peers": [str(reference) for reference in references]}])


def test_what_refers_to_a_new_instance_waits_for_its_creation() -> None:
    updates = PlannedItem(C, OrderItemAction.update, requested=[{"peer": str(A)}])

    waits_for = dependencies([creates(A, OUTSIDE), creates(B, A, C), updates])

    assert waits_for == {A: set(), B: {A}, C: {A}}


def test_an_instance_is_deleted_after_those_that_refer_to_it() -> None:
    assert dependencies([deletes(A, A, OUTSIDE), deletes(B, A), deletes(C, A, B)]) == {A: {B, C}, B: {C}, C: set()}


def test_deletions_and_creations_do_not_wait_for_each_other() -> None:
    assert dependencies([deletes(A), creates(B, A)]) == {A: set(), B: set()}


def test_only_the_items_of_a_cycle_are_in_it() -> None:
    assert in_cycle(dependencies([creates(A, B), creates(B, A), creates(C, A)])) == {A, B}
    assert in_cycle(dependencies([creates(A, A)])) == {A}
    assert in_cycle(dependencies([creates(A, B), creates(B, C), creates(C)])) == set()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_without_the_cycles_there_is_always_an_item_to_start_with(edges: list[tuple[int, int]]) -> None:
    items = [uuid.UUID(int=number) for number in range(6)]
    waits_for = {item: {items[end] for begin, end in edges if items[begin] == item} for item in items}

    left = set(items) - in_cycle(waits_for)
    while left:
        ready = {item for item in left if not waits_for[item] & left}
        assert ready
        left -= ready


def test_a_long_chain_has_no_cycle() -> None:
    chain = [uuid.UUID(int=number) for number in range(50_000)]
    waits_for = {item: {before} for before, item in itertools.pairwise(chain)} | {chain[0]: set[uuid.UUID]()}

    assert in_cycle(waits_for) == set()


DONE, LOST = OrderItemState.completed, OrderItemState.failed


@pytest.mark.parametrize(
    ("states", "result"),
    [
        ([DONE, DONE], OrderState.success),
        ([LOST, LOST], OrderState.failed),
        ([DONE, LOST], OrderState.partial),
        ([DONE, OrderItemState.acknowledged], OrderState.in_progress),
        ([LOST, OrderItemState.in_progress], OrderState.in_progress),
    ],
)
def test_an_order_is_what_its_items_are(states: Sequence[OrderItemState], result: OrderState) -> None:
    assert order_state(states) is result
