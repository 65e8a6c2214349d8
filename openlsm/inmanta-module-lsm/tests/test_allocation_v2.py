"""Allocation of attributes of a service and of the entities embedded in it by a specification."""

from collections.abc import Callable
from typing import Any

import pytest
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import allocation_spec, context_v2_unwrapper
from inmanta_plugins.lsm.allocation import AllocationSpecV2
from inmanta_plugins.lsm.allocation_spec import allocate
from inmanta_plugins.lsm.allocation_v2 import dict_path
from inmanta_plugins.lsm.allocation_v2.framework import AllocatorV2, ContextV2, ContextV2Wrapper, ForEach, SetSensitiveForEach
from inmanta_plugins.lsm.compiled_instance import CompiledInstance

Resolve = Callable[..., CompiledInstance]


@pytest.fixture(autouse=True)
def own_specifications(monkeypatch: pytest.MonkeyPatch) -> None:
    """No specification of one test is known in the next."""
    monkeypatch.setattr(allocation_spec, "_specs", {})


class Value(AllocatorV2):
    """Finds a value the way users of the framework do."""

    def __init__(self, attribute: str, find: Callable[[ContextV2], Any]) -> None:
        self.attribute = dict_path.to_path(attribute)
        self.find = find

    def needs_allocation(self, context: ContextV2) -> bool:
        try:
            return context.get_instance().get(self.attribute) is None
        except IndexError:
            return True

    def allocate(self, context: ContextV2) -> None:
        context.set_value(self.attribute, self.find(context))


def of_item(context: ContextV2) -> str:
    return f"vlan of {context.get_instance()['id']}"


EACH = ForEach(item="item", in_list="items", identified_by="id", apply=[Value("vlan", of_item)])


def test_values_of_the_service_and_of_embedded_entities_are_written_in_one_go(server: Any, resolve: Resolve) -> None:
    AllocationSpecV2("spec", Value("first", lambda context: {"a": 1}), EACH, Value("items[id=2].port", lambda context: 7))
    resolved = resolve(allocation_spec="spec", candidate_attributes={"items": [{"id": 1, "vlan": 0}, {"id": 2}]})
    allocate(resolved)
    edits = [("first", {"a": 1}), ("items[id=2].vlan", "vlan of 2"), ("items[id=2].port", 7)]
    assert server.writes == [[("replace", target, value) for target, value in edits]]
    assert resolved.chosen == {"first": {"a": 1}, "items": [{"id": 1, "vlan": 0}, {"id": 2, "vlan": "vlan of 2", "port": 7}]}


def test_levels_nest(server: Any, resolve: Resolve) -> None:
    parts = ForEach(item="part", in_list="parts", identified_by="name", apply=[Value("vlan", lambda context: 5)])
    AllocationSpecV2("spec", ForEach(item="item", in_list="items", identified_by="id", apply=[parts]))
    attributes = {"items": [{"id": "x.y", "parts": [{"name": None}]}, {"id": 2, "parts": None}]}
    allocate(resolve(allocation_spec="spec", candidate_attributes=attributes))
    assert server.writes == [[("replace", r"items[id=x\.y].parts[name=\0].vlan", 5)]]


def test_allocators_of_a_level_share_values_and_the_context(server: Any, resolve: Resolve) -> None:
    def first(context: ContextV2) -> int:
        context.note = "kept"  # type: ignore[attr-defined]
        return 1

    def second(context: ContextV2) -> str:
        return f"{context.get_instance()['a']} {context.note}"  # type: ignore[attr-defined]

    each = ForEach(item="item", in_list="items", identified_by="id", apply=[Value("a", first), Value("b", second)])
    AllocationSpecV2("spec", each)
    resolved = resolve(allocation_spec="spec", candidate_attributes={"items": [{"id": 1}]})
    allocate(resolved)
    assert resolved.chosen == {"items": [{"id": 1, "a": 1, "b": "1 kept"}]}


def test_nothing_is_written_when_an_allocator_fails(server: Any, resolve: Resolve) -> None:
    def fail(context: ContextV2) -> None:
        raise ValueError("no value")

    AllocationSpecV2("spec", EACH, Value("other", fail))
    resolved = resolve(allocation_spec="spec", candidate_attributes={"items": [{"id": 1}]})
    with pytest.raises(ValueError, match="no value"):
        allocate(resolved)
    assert (server.writes, resolved.chosen) == ([], {"items": [{"id": 1}]})


def test_no_value_is_set_in_an_element_that_is_not_there(server: Any, resolve: Resolve) -> None:
    AllocationSpecV2("spec", Value("items[id=9].port", lambda context: 7))
    with pytest.raises(PluginException, match=r"No value can be set for items\[id=9\].port"):
        allocate(resolve(allocation_spec="spec", candidate_attributes={"items": [{"id": 1}]}))


def test_attributes_are_looked_up_by_name_or_by_path() -> None:
    context = ContextV2({"a": 1, "items": [{"id": 1, "b": 2}], "one": {"c": 3}}, {}, lambda path, value: None)
    attributes = context.get_instance()
    assert [attributes.get(key) for key in ("a", "one.c", "items[id=1].b")] == [1, 3, 2]
    assert attributes.get(dict_path.to_path("a")) == 1
    assert attributes.get(dict_path.to_path("missing"), "default") == "default"
    assert attributes.get(dict_path.to_path("items[id=1].missing")) is None
    with pytest.raises(IndexError):
        attributes.get(dict_path.to_path("items[id=2].b"))


@pytest.mark.parametrize(
    ("before", "now", "written"),
    [
        ([{"id": 1, "vlan": 0}], [{"id": 1, "vlan": 0}], set()),
        ([{"id": 1}, {"id": 2}], [{"id": 1, "vlan": 0}, {"id": 2}], {"items[id=2].vlan"}),
        ([{"id": 1, "vlan": 0}], [{"id": 1, "vlan": 0}, {"id": 2}], {"items[id=1].vlan", "items[id=2].vlan"}),
        ([{"id": 1, "vlan": 0}, {"id": 2, "vlan": 0}], [{"id": 2, "vlan": 0}], {"items[id=2].vlan"}),
    ],
)
def test_a_changed_set_of_elements_is_allocated_again(
    server: Any, resolve: Resolve, before: list[Any], now: list[Any], written: set[str]
) -> None:
    AllocationSpecV2(
        "spec", SetSensitiveForEach(item="item", in_list="items", identified_by="id", apply=[Value("vlan", of_item)])
    )
    allocate(resolve(allocation_spec="spec", active_attributes={"items": before}, candidate_attributes={"items": now}))
    assert {target for edits in server.writes for _, target, _ in edits} == written


STORED = {"items[id=1].vlan": "kept", "items[id=3].vlan": "old"}


@pytest.mark.parametrize(("track_deletes", "dropped"), [(False, set()), (True, {"items[id=3].vlan"})])
def test_a_wrapper_stores_the_values_in_one_attribute(
    server: Any, resolve: Resolve, track_deletes: bool, dropped: set[str]
) -> None:
    AllocationSpecV2("spec", ContextV2Wrapper("values", EACH, track_deletes=track_deletes))
    attributes = {"values": STORED, "items": [{"id": 1}, {"id": 2}]}
    resolved = resolve(strict=False, allocation_spec="spec", candidate_attributes=attributes)
    allocate(resolved)
    expected = {path: value for path, value in STORED.items() if path not in dropped} | {"items[id=2].vlan": "vlan of 2"}
    assert server.writes == [{"values": expected}]


def test_a_wrapper_that_finds_nothing_new_writes_nothing(server: Any, resolve: Resolve) -> None:
    AllocationSpecV2("spec", ContextV2Wrapper("values", EACH))
    allocate(
        resolve(strict=False, allocation_spec="spec", candidate_attributes={"values": STORED, "items": [{"id": 1}, {"id": 3}]})
    )
    assert server.writes == []


def test_a_wrapper_that_tracks_deletes_drops_values_of_removed_elements(server: Any, resolve: Resolve) -> None:
    AllocationSpecV2("spec", ContextV2Wrapper("values", EACH, track_deletes=True))
    allocate(resolve(strict=False, allocation_spec="spec", candidate_attributes={"values": STORED, "items": [{"id": 1}]}))
    assert server.writes == [{"values": {"items[id=1].vlan": "kept"}}]


def test_the_unwrapper_puts_the_values_back() -> None:
    assignment = {"id": "x", "attributes": {"values": STORED, "items": [{"id": 1}, {"id": 2}]}}
    plain = context_v2_unwrapper([assignment], "values")
    assert plain == [
        {
            "id": "x",
            "attributes": {
                "values": STORED,
                "items": [{"id": 1, "vlan": "kept"}, {"id": 2}, {"id": "3", "vlan": "old"}],
            },
        }
    ]
    tracked = context_v2_unwrapper([assignment], "values", track_deletes=True)
    assert tracked[0]["attributes"]["items"] == [{"id": 1, "vlan": "kept"}, {"id": 2}]
    assert assignment["attributes"] == {"values": STORED, "items": [{"id": 1}, {"id": 2}]}


def test_the_unwrapper_makes_what_is_null_or_missing() -> None:
    values = {"one.vlan": 1, "items[id=a].vlan": 2, "top": 3}
    unwrapped = context_v2_unwrapper([{"attributes": {"values": values, "one": None}}], "values")
    assert unwrapped[0]["attributes"] == {"values": values, "one": {"vlan": 1}, "items": [{"id": "a", "vlan": 2}], "top": 3}
    assert context_v2_unwrapper([{"attributes": {"values": None}}], "values") == [{"attributes": {"values": None}}]
