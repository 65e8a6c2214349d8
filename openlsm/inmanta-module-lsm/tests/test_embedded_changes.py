"""Which embedded entities count as added or removed by an update."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta.plugins import PluginException
from inmanta_plugins.lsm.embedded_changes import EmbeddedRelation, Flags, read_relations, track

FLAGS = Flags()
PORTS = EmbeddedRelation(name="ports", many=True, keys=("id",))
ITEMS = EmbeddedRelation(name="items", many=True, keys=("name",), nested=(PORTS,))
PLAIN = EmbeddedRelation(name="plain", many=False, nested=(PORTS,))
TRACKED = EmbeddedRelation(name="tracked", many=False, declared=frozenset({"_added", "_removed"}), nested=(PORTS,))
RELATIONS = (ITEMS, PLAIN, TRACKED)


def flagged(added: bool = False, removed: bool = False, **attributes: Any) -> dict[str, Any]:
    return {**attributes, "_added": added, "_removed": removed}


ports = st.lists(st.integers(0, 4), unique=True).map(lambda ids: [{"id": identity, "speed": identity * 10} for identity in ids])
single = st.none() | st.builds(lambda port_list, color: {"color": color, "ports": port_list}, ports, st.sampled_from("rgb"))
items = st.dictionaries(st.sampled_from("abcd"), ports).map(
    lambda chosen: [{"name": name, "ports": port_list} for name, port_list in chosen.items()]
)
attributes = st.fixed_dictionaries({"name": st.text(), "items": items, "plain": single, "tracked": single})


def without_flags(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_flags(element) for key, element in value.items() if key not in ("_added", "_removed")}
    return [without_flags(element) for element in value] if isinstance(value, list) else value


def present(value: Any) -> Any:
    """What is left when everything that is marked as removed is taken out."""
    if isinstance(value, dict):
        return {key: present(element) for key, element in value.items()}
    if isinstance(value, list):
        return [present(element) for element in value if not (isinstance(element, dict) and element.get("_removed"))]
    return value


def names(elements: list[dict[str, Any]], flag: str) -> set[str]:
    return {element["name"] for element in elements if element[flag]}


@given(current=attributes, previous=attributes)
def test_what_is_not_removed_is_the_current_set_in_its_order(current: dict[str, Any], previous: dict[str, Any]) -> None:
    marked = track(current, previous, RELATIONS, FLAGS)
    if current["tracked"] is None and marked["tracked"] is not None:
        assert marked.pop("tracked")["_removed"]
        current = {key: value for key, value in current.items() if key != "tracked"}
    assert without_flags(present(marked)) == current


@given(current=attributes, previous=attributes)
def test_elements_of_one_set_only_are_the_marked_ones(current: dict[str, Any], previous: dict[str, Any]) -> None:
    now, before = ({element["name"] for element in attributes["items"]} for attributes in (current, previous))
    marked = track(current, previous, RELATIONS, FLAGS)["items"]
    assert names(marked, "_added") == now - before
    assert names(marked, "_removed") == before - now


@given(current=attributes, previous=attributes)
def test_neither_set_is_changed(current: dict[str, Any], previous: dict[str, Any]) -> None:
    sets = (current, previous)
    untouched = copy.deepcopy(sets)
    marked = track(current, previous, RELATIONS, FLAGS)
    for element in marked["items"]:
        element["ports"].append({"id": "changed"})
    assert sets == untouched


@given(current=attributes)
def test_nothing_is_marked_without_a_previous_set(current: dict[str, Any]) -> None:
    assert track(current, None, RELATIONS, FLAGS) == track(current, current, RELATIONS, FLAGS)
    assert "True" not in str(track({**current, "name": ""}, None, RELATIONS, FLAGS))


def test_removed_elements_follow_the_current_ones_in_their_previous_order() -> None:
    previous = {"items": [{"name": name} for name in "dacb"]}
    marked = track({"items": [{"name": "a"}, {"name": "e"}]}, previous, RELATIONS, FLAGS)
    assert [element["name"] for element in marked["items"]] == ["a", "e", "d", "c", "b"]


def test_an_element_is_recognised_by_its_keys_whatever_its_values() -> None:
    previous = {"items": [{"name": "a", "ports": [{"id": 1, "speed": 10}]}]}
    current = {"items": [{"name": "a", "ports": [{"id": 1, "speed": 20}, {"id": True}]}]}
    marked = track(current, previous, RELATIONS, FLAGS)
    assert marked == {"items": [flagged(name="a", ports=[flagged(id=1, speed=20), flagged(id=True, added=True)])]}


def test_what_is_inside_an_added_or_removed_element_was_added_or_removed_too() -> None:
    previous = {"items": [{"name": "old", "ports": [{"id": 1}]}]}
    current = {"items": [{"name": "new", "ports": [{"id": 1}]}]}
    marked = track(current, previous, RELATIONS, FLAGS)["items"]
    assert marked == [
        flagged(name="new", added=True, ports=[flagged(id=1, added=True)]),
        flagged(name="old", removed=True, ports=[flagged(id=1, removed=True)]),
    ]


def test_a_single_entity_without_flags_is_not_put_back() -> None:
    assert track({"plain": None}, {"plain": {"color": "r"}}, RELATIONS, FLAGS) == {"plain": None}


def test_a_single_entity_with_flags_is_put_back_with_what_is_inside() -> None:
    marked = track({"tracked": None}, {"tracked": {"ports": [{"id": 1}]}}, RELATIONS, FLAGS)
    assert marked == {"tracked": flagged(removed=True, ports=[flagged(removed=True, id=1)])}


def test_a_single_entity_that_was_not_there_is_added_with_what_is_inside() -> None:
    current = {"tracked": {"ports": [{"id": 1}]}, "plain": {"ports": [{"id": 1}]}}
    marked = track(current, {"tracked": None}, RELATIONS, FLAGS)
    assert marked == {
        "tracked": flagged(added=True, ports=[flagged(added=True, id=1)]),
        "plain": {"ports": [flagged(added=True, id=1)]},
    }


def test_lists_inside_a_kept_single_entity_are_compared() -> None:
    marked = track({"plain": {"ports": []}}, {"plain": {"ports": [{"id": 1}]}}, RELATIONS, FLAGS)
    assert marked == {"plain": {"ports": [flagged(id=1, removed=True)]}}


def test_a_service_without_embedded_entities_stays_as_it_is() -> None:
    assert track({"name": "a", "_odd": []}, {"name": "b"}, (), FLAGS) == {"name": "a", "_odd": []}


def test_an_optional_list_that_is_not_there_stays_away() -> None:
    assert track({"items": None}, {}, RELATIONS, FLAGS) == {"items": None}
    assert track({}, {"items": None}, RELATIONS, FLAGS) == {}


def test_the_flags_can_have_other_names() -> None:
    marked = track({"items": [{"name": "a"}]}, {}, (ITEMS,), Flags(added="is_new", removed="is_gone"))
    assert marked == {"items": [{"name": "a", "is_new": True, "is_gone": False}]}


def test_relations_are_read_from_the_catalog() -> None:
    nested = {"name": "ports", "upper_limit": None, "key_attributes": ["id"], "embedded_entities": []}
    definition = {"embedded_entities": [{"name": "plain", "upper_limit": 1, "embedded_entities": [nested]}]}
    assert read_relations(definition, None, FLAGS) == (PLAIN,)


def test_entities_of_a_list_need_key_attributes() -> None:
    definition = {"embedded_entities": [{"name": "items", "upper_limit": 2, "key_attributes": None}]}
    with pytest.raises(PluginException, match="relation items cannot be found: its entities have no key attributes"):
        read_relations(definition, None, FLAGS)
