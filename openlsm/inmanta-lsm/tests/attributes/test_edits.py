"""Edits of attribute sets."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.attributes.changes import apply_allocation_edits, apply_edits, apply_expert_edits, complete_for_create
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.model import EditOperation, PatchCallEdit

from ..helpers.described_service import ANY_JSON, BODIES, TEXTS, attribute, embedded, rich_service, service

STRICT, LOOSE = rich_service(strict=True), rich_service(strict=False)
FREE = service(
    attribute("text", "string"),
    attribute("note", "string?"),
    attribute("size", "int", default=3),
    attribute("data", "dict", default={}),
    strict_modifier_enforcement=True,
    embedded_entities=[embedded("ports", "rw+", None), embedded("spare", "rw+", 1)],
)


def edit(operation: str, target: str, value: object = None, edit_id: str = "e1") -> PatchCallEdit:
    """An edit."""
    return PatchCallEdit(edit_id=edit_id, operation=operation, target=target, value=value)


def base(**body: Any) -> dict[str, Any]:
    """A set of the free service."""
    return complete_for_create(FREE, {"text": "a", **body})


REPLACED = [
    ("text", "b", base() | {"text": "b"}),
    ("data.a", 1, base() | {"data": {"a": 1}}),
    ("ports[number=1].label", "x", base(ports=[{"number": 1, "label": "x"}])),
    ("ports[number=1]", {"number": 1, "label": "y"}, base(ports=[{"number": 1, "label": "y"}])),
    ("ports[number=2]", {"number": 2}, base(ports=[{"number": 1}, {"number": 2}])),
    (".", {"text": "c"}, base() | {"text": "c"}),
    (".text", "d", base() | {"text": "d"}),
]


@pytest.mark.parametrize(("target", "value", "result"), REPLACED, ids=[target for target, _, _ in REPLACED])
def test_replace_sets_what_the_path_leads_to(target: str, value: object, result: dict[str, Any]) -> None:
    start = base(ports=[{"number": 1}]) if "ports" in target else base()

    assert apply_edits(FREE, start, [edit("replace", target, value)]) == result


def test_replacing_the_whole_set_keeps_what_is_allocated() -> None:
    start = complete_for_create(STRICT, {"name": "a", "size": 5}) | {"address": "x"}

    replaced = apply_edits(STRICT, start, [edit("replace", ".", {"name": "a"})])

    assert (replaced["size"], replaced["address"]) == (1, "x")


def test_edits_are_applied_in_their_order() -> None:
    edits = [
        edit("replace", "ports[number=1]", {"number": 1}),
        edit("replace", "ports[number=1].label", "x"),
        edit("remove", "data"),
    ]

    result = apply_edits(FREE, base(data={"a": 1}), edits)

    assert result == base(ports=[{"number": 1, "label": "x"}])


@pytest.mark.parametrize(("target", "value"), [("note", None), ("size", 3), ("data", {}), ("ports", []), ("spare", None)])
def test_what_is_removed_takes_its_default(target: str, value: object) -> None:
    start = base(note="n", size=9, data={"a": 1}, ports=[{"number": 1}], spare={"number": 1})

    assert apply_edits(FREE, start, [edit("remove", target)])[target] == value


def test_what_only_the_allocation_writes_is_not_removed_by_users() -> None:
    start = complete_for_create(STRICT, {"name": "a"}) | {"address": "x"}

    with pytest.raises(RuleViolationError, match="Attribute address is read-only"):
        apply_edits(STRICT, start, [edit("remove", "address")])
    assert apply_allocation_edits(STRICT, start, [edit("remove", "address")])["address"] is None
    assert apply_expert_edits(STRICT, start, [edit("remove", "address")])["address"] is None


def test_an_embedded_entity_is_removed_by_its_key() -> None:
    start = base(ports=[{"number": 1}, {"number": 2}])

    assert apply_edits(FREE, start, [edit("remove", "ports[number=1]")]) == base(ports=[{"number": 2}])


MERGED = [
    ("data", {"b": 2}, {"data": {"a": 1, "b": 2}}),
    ("ports", [{"number": 1, "label": "x"}, {"number": 2}], {"ports": [{"number": 1, "label": "x"}, {"number": 2}]}),
    ("ports", {"number": 3}, {"ports": [{"number": 1, "label": "old"}, {"number": 3}]}),
    ("ports[number=1]", {"label": "x"}, {"ports": [{"number": 1, "label": "x"}]}),
    ("spare", {"number": 4}, {"spare": {"number": 4}}),
    ("note", "n", {"note": "n"}),
    (".", {"size": 8}, {"size": 8}),
]


@pytest.mark.parametrize(("target", "value", "result"), MERGED)
def test_merge_keeps_what_the_value_does_not_name(target: str, value: object, result: dict[str, Any]) -> None:
    given_attributes = {"data": {"a": 1}, "ports": [{"number": 1, "label": "old"}]}

    merged = apply_edits(FREE, base(**given_attributes), [edit("merge", target, value)])

    assert merged == base(**given_attributes | result)


REFUSED = [
    ("add", "text", "b", 'The operation "add" is unknown, use one of replace, remove, merge.'),
    ("replace", "missing.a", 1, "There is no element (or more than one) at missing.a."),
    ("replace", "ports[number=7].label", "x", "There is no element (or more than one) at ports[number=7].label."),
    ("replace", "text.a", 1, "The target text.a leads through a value that has no such elements."),
    ("replace", "*", 1, "The target * is no valid dict path."),
    ("replace", "ports[number=*].label", 1, "The target ports[number=*].label is no valid dict path."),
    ("replace", "", 1, "The target  is no valid dict path."),
    ("replace", "ports[", 1, "The target ports[ is no valid dict path."),
    ("replace", ".", [1], "The whole attribute set can only be replaced by an object, not by [1]."),
    ("replace", "[" * 100_000, 1, "The target has 100000 characters, a dict path can have 2000 at most."),
    ("remove", ".", None, "The whole attribute set cannot be removed."),
    ("remove", "ports[number=7]", None, "There is no element (or more than one) at ports[number=7]."),
    ("remove", "data.a", None, "There is no element (or more than one) at data.a."),
    ("remove", "missing", None, "There is no element (or more than one) at missing."),
    ("remove", "text", None, "Attribute text is required, it cannot be removed."),
    (
        "merge",
        "size",
        "b",
        'Only an object can be merged with an object, and only embedded entities with a list of them, not "b" with 3.',
    ),
    ("replace", "text", "\0", "The value of the edit holds a NUL character, which cannot be stored."),
]


@pytest.mark.parametrize(("operation", "target", "value", "reason"), REFUSED, ids=[reason[:80] for *_, reason in REFUSED])
@pytest.mark.parametrize("apply", [apply_edits, apply_allocation_edits, apply_expert_edits])
def test_an_edit_that_cannot_be_applied_is_refused_by_its_name(
    apply: Any, operation: str, target: str, value: object, reason: str
) -> None:
    start = base(ports=[{"number": 1}])
    before = copy.deepcopy(start)

    with pytest.raises(RuleViolationError) as refusal:
        apply(FREE, start, [edit("replace", "text", "x", "e0"), edit(operation, target, value)])

    assert str(refusal.value) == f"edit e1: {reason}"
    assert start == before | {"text": "a"}


def test_an_element_that_several_keys_match_is_not_replaced() -> None:
    start = complete_for_create(LOOSE, {"name": "a", "ports": [{"number": 1}, {"number": 1}]})

    with pytest.raises(RuleViolationError, match=r"more than one\) at ports\[number=1\]"):
        apply_edits(LOOSE, start, [edit("replace", "ports[number=1]", {"number": 2})])


def test_the_result_of_edits_follows_the_modifiers() -> None:
    start = complete_for_create(STRICT, {"name": "a", "ports": [{"number": 1}]})

    with pytest.raises(RuleViolationError, match="Attribute name may only be set"):
        apply_edits(STRICT, start, [edit("replace", "name", "b")])
    with pytest.raises(RuleViolationError, match=r"Attribute ports\[number=1\].vlan_id is read-only"):
        apply_edits(STRICT, start, [edit("replace", "ports[number=1].vlan_id", 5)])
    assert apply_allocation_edits(STRICT, start, [edit("replace", "ports[number=1].vlan_id", 5)])["ports"][0]["vlan_id"] == 5


def test_the_result_of_edits_fits_the_service() -> None:
    with pytest.raises(RuleViolationError, match="Attribute size must be an integer"):
        apply_edits(FREE, base(), [edit("replace", "size", "x")])


def test_an_expert_writes_anything_even_where_there_was_nothing() -> None:
    assert apply_expert_edits(FREE, None, [edit("replace", ".", {"any": 1}), edit("replace", "text", 5)]) == {
        "any": 1,
        "text": 5,
    }


def test_edits_do_not_nest_values_without_end() -> None:
    wrapped: object = 1
    for _ in range(40):
        wrapped = {"a": wrapped}
    path = ".".join(["data", *["a"] * 40])

    with pytest.raises(RuleViolationError, match="edit e2: The value of the attributes is nested deeper"):
        apply_expert_edits(FREE, base(), [edit("replace", "data", wrapped), edit("replace", path, wrapped, "e2")])


def test_each_edit_has_its_own_copy_of_its_value() -> None:
    value: dict[str, Any] = {"x": 1}
    edits = [edit("replace", "data", value), edit("replace", "data.x", 2)]

    apply_expert_edits(FREE, base(), edits)

    assert value == {"x": 1}


KNOWN_PATHS = [".", "name", "size", "ports", "ports[number=1]", "ports[number=1].label", "tags", "uplink.label", "a.b"]
PATHS = st.sampled_from(KNOWN_PATHS) | TEXTS
EDITS = st.lists(
    st.builds(
        PatchCallEdit,
        edit_id=TEXTS,
        operation=st.sampled_from(EditOperation) | st.sampled_from(["add"]),
        target=PATHS,
        value=ANY_JSON | st.fixed_dictionaries({"number": st.integers(0, 2)}),
    ),
    max_size=3,
)


@pytest.mark.parametrize("described", [STRICT, LOOSE], ids=["strict", "loose"])
@given(body=BODIES, edits=EDITS)
def test_any_edits_are_either_applied_or_refused(described: Any, body: dict[str, Any], edits: list[PatchCallEdit]) -> None:
    start = complete_for_create(described, body)
    before = copy.deepcopy(start)

    for apply in (apply_edits, apply_allocation_edits, apply_expert_edits):
        with contextlib.suppress(RuleViolationError):
            json.dumps(apply(described, start, edits), allow_nan=False).encode()

    assert start == before


@given(body=BODIES, name=st.sampled_from(["name", "size", "tags", "ports", "fixed_ports", "uplink", "parent", "peers"]))
def test_replacing_with_the_current_value_changes_nothing(body: dict[str, Any], name: str) -> None:
    start = complete_for_create(STRICT, body)

    assert apply_edits(STRICT, start, [edit("replace", name, start[name])]) == start
    assert apply_edits(STRICT, start, [edit("replace", ".", start)]) == start
