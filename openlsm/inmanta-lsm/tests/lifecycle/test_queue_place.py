"""The place of exports: the first of a burst is up soon, the burst takes hardly longer, and nobody waits for ever."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.lifecycle.queue_place import BATCH, Waiting, place

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Compile:
    """A compile of a burst."""

    kind: str
    number: int
    requested: datetime.datetime


def run(instances: int, others: frozenset[int] = frozenset(), *, merging: bool = True) -> list[list[Compile]]:
    """
    Run a burst as the compiler does.

    :param others: after how many validations somebody else requested a compile
    :return: the compiles, each with those that ran as one
    """
    now = START
    queue: list[Compile] = []

    def tick() -> datetime.datetime:
        nonlocal now
        now += datetime.timedelta(milliseconds=1)
        return now

    for number in range(instances):
        queue.append(Compile("validation", number, tick()))
        if number in others:
            queue.append(Compile("other", number, tick()))
    ran: list[list[Compile]] = []
    while queue:
        queue.sort(key=lambda waiting: waiting.requested)
        first = queue.pop(0)
        together = [first]
        if first.kind == "export" and merging:
            together += [other for other in queue if other.kind == "export"]
            queue = [other for other in queue if other.kind != "export"]
        ran.append(together)
        if first.kind == "validation":
            requested = tick()
            if not merging or not any(waiting.kind == "export" for waiting in queue):
                waiting = [Waiting(one.requested, one.kind == "validation") for one in queue]
                is_first = not any(one.kind == "export" for done in ran for one in done)
                requested = place(waiting, requested, is_first=is_first)
            queue.append(Compile("export", first.number, requested))
    return ran


def exported(ran: list[list[Compile]]) -> Iterator[int]:
    """Give the instances in the order of their exports."""
    for together in ran:
        for one in sorted(together, key=lambda one: one.number):
            if one.kind == "export":
                yield one.number


@given(st.integers(1, 300), st.booleans())
def test_the_first_of_a_burst_is_exported_as_soon_as_it_is_validated(instances: int, merging: bool) -> None:
    ran = run(instances, merging=merging)
    assert [(together[0].kind, together[0].number) for together in ran[:2]] == [("validation", 0), ("export", 0)]


@given(st.integers(1, 300))
def test_a_burst_takes_a_tenth_more_compiles_at_most(instances: int) -> None:
    assert len(run(instances)) <= instances + 1 + 1 + instances / BATCH


@given(st.integers(1, 200), st.booleans())
def test_each_instance_is_exported_once_in_the_order_of_the_requests(instances: int, merging: bool) -> None:
    assert list(exported(run(instances, merging=merging))) == list(range(instances))


@given(st.integers(1, 200))
def test_whoever_is_validated_is_exported_within_a_batch(instances: int) -> None:
    ran = run(instances)
    at = {(one.kind, one.number): position for position, together in enumerate(ran) for one in together}
    assert all(at["export", number] - at["validation", number] <= BATCH + 2 for number in range(instances))


@given(st.integers(1, 100), st.data())
def test_what_others_request_waits_for_no_more_than_what_was_requested_before_and_their_exports(
    instances: int, data: st.DataObject
) -> None:
    after = data.draw(st.integers(0, instances - 1))
    ran = run(instances, frozenset({after}))
    before = [together[0] for together in ran[: next(i for i, one in enumerate(ran) if one[0].kind == "other")]]
    assert all(one.number <= after for one in before if one.kind == "validation")
    assert sum(one.kind == "export" for one in before) <= 2 + after / BATCH


def test_nothing_changes_where_no_validation_waits() -> None:
    assert place([Waiting(START, False)], START + datetime.timedelta(seconds=1), is_first=True) == START + datetime.timedelta(
        seconds=1
    )
