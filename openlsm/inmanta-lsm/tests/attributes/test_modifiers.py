"""Who may write which attribute."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.attributes.changes import apply_allocation, apply_put, apply_update, complete_for_create
from inmanta_lsm.attributes.shape import check_set
from inmanta_lsm.attributes.violation import RuleViolationError

from ..helpers.described_service import ANY_JSON, BODIES, MODIFIED_BODIES, attribute, embedded, ports, rich_service, service

FIXED = "may not be added or removed after the instance is created"
STRICT, LOOSE = rich_service(strict=True), rich_service(strict=False)


def stored(**body: Any) -> dict[str, Any]:
    """A set of the strict service, whose ports are allocated."""
    completed = complete_for_create(STRICT, {"name": "a", **body})
    for relation in ("ports", "fixed_ports"):
        for port in completed[relation]:
            port["vlan_id"] = port["number"] + 100
    return completed | {"address": "10.0.0.1"}


def refused(changes: dict[str, Any], base: dict[str, Any]) -> str:
    """Update a set of the strict service and give the refusal."""
    with pytest.raises(RuleViolationError) as refusal:
        apply_update(STRICT, base, changes)
    return str(refusal.value)


@pytest.mark.parametrize("described", [STRICT, LOOSE])
@pytest.mark.parametrize("value", [None, "10.0.0.1"])
def test_a_creation_does_not_set_what_only_the_allocation_writes(described: Any, value: object) -> None:
    with pytest.raises(RuleViolationError, match="Attribute address is read-only, only the allocation may write it"):
        complete_for_create(described, {"name": "a", "address": value})


def test_a_creation_sets_read_only_attributes_inside_embedded_entities_only_without_strict_enforcement() -> None:
    body = {"name": "a", "ports": [{"number": 1, "vlan_id": 5}]}

    assert complete_for_create(LOOSE, body)["ports"][0]["vlan_id"] == 5
    with pytest.raises(RuleViolationError, match=r"Attribute ports\[number=1\].vlan_id is read-only"):
        complete_for_create(STRICT, body)


def test_an_update_changes_what_users_may_change() -> None:
    updated = apply_update(STRICT, stored(), {"size": 5, "note": "hi"})

    assert updated == stored() | {"size": 5, "note": "hi"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "b"}, "Attribute name may only be set when the instance is created."),
        ({"tags": ["x"]}, "Attribute tags may only be set when the instance is created."),
        ({"address": "10.0.0.2"}, "Attribute address is read-only, only the allocation may write it."),
        ({"address": None}, "Attribute address is read-only, only the allocation may write it."),
        (
            {"fixed_ports": []},
            f"Attribute fixed_ports[number=1] {FIXED} (the modifier of fixed_ports is rw).",
        ),
        (
            {"fixed_ports": [{"number": 1}, {"number": 2}]},
            f"Attribute fixed_ports[number=2] {FIXED} (the modifier of fixed_ports is rw).",
        ),
        (
            {"fixed_ports": [{"number": 1, "color": "red"}]},
            "Attribute fixed_ports[number=1].color may only be set when the instance is created.",
        ),
        (
            {"ports": [{"number": 1, "color": "red"}]},
            "Attribute ports[number=1].color may only be set when the instance is created.",
        ),
        (
            {"ports": [{"number": 1, "vlan_id": 7}]},
            "Attribute ports[number=1].vlan_id is read-only, only the allocation may write it.",
        ),
        (
            {"ports": [{"number": 3, "vlan_id": 7}]},
            "Attribute ports[number=3].vlan_id is read-only, only the allocation may write it.",
        ),
        (
            {"uplink": {"number": 1}},
            "Attribute uplink may not be added or removed after the instance is created (the modifier of uplink is rw).",
        ),
        (
            {"parent": "00000000-0000-0000-0000-000000000001"},
            "Attribute parent may only be set when the instance is created.",
        ),
    ],
)
def test_a_strict_update_changes_nothing_else(changes: dict[str, Any], sentence: str) -> None:
    base = stored(ports=[{"number": 1}], fixed_ports=[{"number": 1}])

    assert refused(changes, base) == sentence


def test_a_strict_update_adds_removes_and_changes_embedded_entities_and_keeps_what_is_allocated() -> None:
    base = stored(ports=[{"number": 1}, {"number": 2}], fixed_ports=[{"number": 1}])

    updated = apply_update(
        STRICT, base, {"ports": [{"number": 2, "label": "x"}, {"number": 3}], "fixed_ports": [{"number": 1, "label": "y"}]}
    )

    assert [(port["number"], port["label"], port["vlan_id"]) for port in updated["ports"]] == [(2, "x", 102), (3, "", None)]
    assert [(port["number"], port["label"], port["vlan_id"]) for port in updated["fixed_ports"]] == [(1, "y", 101)]


def test_embedded_entities_are_matched_by_key_whatever_their_order() -> None:
    base = stored(fixed_ports=[{"number": 1}, {"number": 2, "color": "red"}])

    updated = apply_update(STRICT, base, {"fixed_ports": [{"number": 2, "color": "red"}, {"number": 1}]})

    assert [port["vlan_id"] for port in updated["fixed_ports"]] == [102, 101]


def test_a_single_embedded_entity_without_key_stays_the_same_entity() -> None:
    base = stored(uplink={"number": 1, "label": "a"})

    assert apply_update(STRICT, base, {"uplink": {"number": 1, "label": "b"}})["uplink"]["label"] == "b"
    assert refused({"uplink": {"number": 2}}, base) == "Attribute uplink.number may only be set when the instance is created."


def test_a_single_embedded_entity_with_key_may_be_another_one_where_entities_may_be_added_and_removed() -> None:
    keyed = [embedded("free", "rw+", 1, key_attributes=["number"]), embedded("fixed", "rw", 1, key_attributes=["number"])]
    described = service(strict_modifier_enforcement=True, embedded_entities=keyed)
    base = complete_for_create(described, {"free": {"number": 1}, "fixed": {"number": 1}})

    assert apply_update(described, base, {"free": {"number": 2, "color": "red"}})["free"]["color"] == "red"
    with pytest.raises(RuleViolationError, match="Attribute fixed may not be added or removed"):
        apply_update(described, base, {"fixed": {"number": 2}})


def test_without_strict_enforcement_a_relation_changes_freely_or_not_at_all() -> None:
    base = complete_for_create(LOOSE, {"name": "a", "ports": [{"number": 1}], "fixed_ports": [{"number": 1}]})

    updated = apply_update(LOOSE, base, {"ports": [{"number": 1, "color": "red", "vlan_id": 4}]})

    assert updated["ports"] == [{"number": 1, "label": "", "color": "red", "vlan_id": 4}]
    with pytest.raises(RuleViolationError, match="Attribute fixed_ports may only be set when the instance is created"):
        apply_update(LOOSE, base, {"fixed_ports": [{"number": 1, "label": "x"}]})


def test_in_json_true_is_not_1() -> None:
    described = service(attribute("value", "any", "rw"))

    with pytest.raises(RuleViolationError, match="Attribute value may only be set"):
        apply_update(described, {"value": 1}, {"value": True})


def test_a_put_resets_what_it_leaves_out_and_keeps_what_is_allocated() -> None:
    base = stored(ports=[{"number": 1, "label": "x"}], size=7)

    replaced = apply_put(STRICT, base, {"name": "a", "ports": [{"number": 1}]})

    assert (replaced["size"], replaced["address"]) == (1, "10.0.0.1")
    assert replaced["ports"] == [{"number": 1, "label": "", "color": "black", "vlan_id": 101}]


def test_a_put_ignores_read_only_attributes_when_it_says_so() -> None:
    base = stored(ports=[{"number": 1}])
    body = {"name": "a", "address": "other", "ports": [{"number": 1, "vlan_id": 9}, {"number": 2, "vlan_id": 9}]}

    replaced = apply_put(STRICT, base, body, ignore_read_only=True)

    assert replaced["address"] == "10.0.0.1"
    assert [port["vlan_id"] for port in replaced["ports"]] == [101, None]
    with pytest.raises(RuleViolationError, match="Attribute address is read-only"):
        apply_put(STRICT, base, body)


@pytest.mark.parametrize("ignore", [True, False])
def test_a_put_does_not_change_what_is_set_at_creation(ignore: bool) -> None:
    with pytest.raises(RuleViolationError, match="Attribute name may only be set"):
        apply_put(STRICT, stored(), {"name": "b"}, ignore_read_only=ignore)


def test_a_put_without_a_required_attribute_is_refused() -> None:
    with pytest.raises(RuleViolationError, match="Attribute name is required"):
        apply_put(STRICT, stored(), {})


def test_the_allocation_writes_everything_in_a_strict_service() -> None:
    base = stored(ports=[{"number": 1}])

    written = apply_allocation(STRICT, base, {"address": "10.0.0.9", "name": "b", "ports": [{"number": 1, "vlan_id": 5}]})

    assert (written["address"], written["name"], written["ports"][0]["vlan_id"]) == ("10.0.0.9", "b", 5)


def test_the_allocation_does_not_write_inside_embedded_entities_without_strict_enforcement() -> None:
    base = complete_for_create(LOOSE, {"name": "a", "ports": [{"number": 1}]})

    with pytest.raises(RuleViolationError, match=r"Attribute ports\[number=1\].vlan_id cannot be allocated"):
        apply_allocation(LOOSE, base, {"ports": [{"number": 1, "vlan_id": 5}]})
    assert apply_allocation(LOOSE, base, {"address": "x"})["address"] == "x"


def test_the_allocation_writes_whole_embedded_entities_that_are_read_only() -> None:
    allocated = [port.model_copy(update={"modifier": "r"}) for port in embedded("x", "r", None).attributes]
    described = service(embedded_entities=[embedded("chosen", "r", None, attributes=allocated)])

    written = apply_allocation(described, {"chosen": []}, {"chosen": [{"number": 1, "vlan_id": 5}]})

    assert written["chosen"] == [{"number": 1, "label": "", "color": "black", "vlan_id": 5}]


def test_the_allocation_refuses_values_of_the_wrong_type_and_unknown_attributes() -> None:
    with pytest.raises(RuleViolationError, match="Attribute address must be a string, not 5"):
        apply_allocation(STRICT, stored(), {"address": 5})
    with pytest.raises(RuleViolationError, match="Service service has no attribute unknown"):
        apply_allocation(STRICT, stored(), {"unknown": 5})


def test_the_allocation_leaves_alone_what_an_expert_broke() -> None:
    broken = stored() | {"size": "no number"}

    assert apply_allocation(STRICT, broken, {"address": "x"}) == broken | {"address": "x"}


def protected(described: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """The part of a set that no update may change."""
    part = {item.name: attributes[item.name] for item in described.attributes if item.modifier != "rw+"}
    part["parent"] = attributes["parent"]
    if not described.strict_modifier_enforcement:
        return part | {name: attributes[name] for name in ("fixed_ports", "uplink")}
    fixed = [*attributes["fixed_ports"], *([attributes["uplink"]] if attributes["uplink"] else [])]
    return part | {"fixed": sorted((port["number"], port["color"], port["vlan_id"]) for port in fixed if port)}


@pytest.mark.parametrize("described", [STRICT, LOOSE], ids=["strict", "loose"])
@given(body=BODIES, requests=st.lists(st.tuples(st.booleans(), BODIES | MODIFIED_BODIES), max_size=4))
def test_no_sequence_of_updates_changes_what_users_may_not_change(
    described: Any, body: dict[str, Any], requests: list[tuple[bool, dict[str, Any]]]
) -> None:
    current = apply_allocation(described, complete_for_create(described, body), {"address": "10.0.0.1"})
    for relation in ("fixed_ports", "ports"):
        for port in current[relation]:
            port["vlan_id"] = 100
    if current["uplink"]:
        current["uplink"]["vlan_id"] = 100
    before = copy.deepcopy(current)

    for is_put, changes in requests:
        base = copy.deepcopy(current)
        with contextlib.suppress(RuleViolationError):
            current = (apply_put if is_put else apply_update)(described, base, changes)
        check_set(described, current)

    assert protected(described, current) == protected(described, before)


@pytest.mark.parametrize("described", [STRICT, LOOSE], ids=["strict", "loose"])
@given(body=BODIES, changes=MODIFIED_BODIES | st.fixed_dictionaries({"ports": ports()}) | st.dictionaries(st.text(), ANY_JSON))
def test_a_request_does_not_change_the_set_it_starts_from(
    described: Any, body: dict[str, Any], changes: dict[str, Any]
) -> None:
    base = complete_for_create(described, body)
    before = copy.deepcopy(base)

    for apply in (apply_update, apply_put, apply_allocation):
        with contextlib.suppress(RuleViolationError):
            apply(described, base, changes)

    assert base == before


@pytest.mark.timeout(10)
def test_many_embedded_entities_are_compared_in_no_time() -> None:
    many = [{"number": number} for number in range(4_000)]
    base = complete_for_create(STRICT, {"name": "a", "fixed_ports": many, "ports": many})

    updated = apply_update(STRICT, base, {"fixed_ports": many[::-1], "ports": many[::-1]})

    assert len(updated["fixed_ports"]) == len(many)
    with pytest.raises(RuleViolationError, match="Attribute fixed_ports may only be set"):
        apply_update(LOOSE, base, {"fixed_ports": [*many[:-1], {"number": -1}]})
