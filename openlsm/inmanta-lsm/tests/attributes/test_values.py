"""Which values fit an attribute."""

import contextlib
import json
import uuid
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.attributes.changes import complete_for_create
from inmanta_lsm.attributes.schema import editing_schema, schema
from inmanta_lsm.attributes.shape import check_set
from inmanta_lsm.attributes.storable import MAXIMUM_DEPTH, check_storable
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.model import InterServiceRelation

from ..helpers.described_service import ANY_JSON, BODIES, MODIFIED_BODIES, attribute, embedded, rich_service, service

ENUM = {"validation_type": "enum", "validation_parameters": {"value": "kind_t", "names": {"A": "a", "ONE": 1}}}
CONINT = {"validation_type": "pydantic.conint", "validation_parameters": {"ge": 0, "lt": 4096}}
REGEX = {"validation_type": "pydantic.constr", "validation_parameters": {"regex": "^[a-z]+$"}}

FITTING: list[tuple[str, dict[str, Any], Any]] = [
    ("string", {}, "text"),
    ("int", {}, 10**30),
    ("float", {}, 1),
    ("number", {}, 1.5),
    ("bool", {}, False),
    ("dict", {}, {"a": [1, None]}),
    ("list", {}, [1, "a"]),
    ("any", {}, None),
    ("module::type_t", {}, {"anything": 1}),
    ("string?", {}, None),
    ("int[]", {}, []),
    ("int[]", {}, [1, 2]),
    ("string[]?", {}, None),
    ("string[]?", {}, ["a"]),
    ("string", ENUM, "a"),
    ("any", ENUM, 1),
    ("string?", ENUM | {"validation_type": "enum?"}, None),
    ("int", CONINT, 4095),
    ("int?", CONINT | {"validation_type": "pydantic.conint?"}, None),
    ("int[]", CONINT | {"validation_type": "pydantic.conint[]"}, [0, 1]),
    ("module::vlan_t", CONINT | {"validation_type": "pydantic.conint?"}, None),
    ("string", REGEX, "abc"),
    ("number", {"validation_type": "pydantic.confloat", "validation_parameters": {"gt": 0.5}}, 0.75),
    ("int", {"validation_type": "pydantic.PositiveInt"}, 1),
    ("string", {"validation_type": "ipaddress.IPv4Address"}, "1.2.2.1"),
    ("string", {"validation_type": "ipaddress.IPv4Network"}, "10.0.0.0/24"),
    ("string", {"validation_type": "ipaddress.IPv4Interface"}, "10.0.0.1/24"),
    ("string", {"validation_type": "pydantic.IPvAnyInterface"}, "fe80::1/64"),
    ("string", {"validation_type": "pydantic.IPvAnyAddress"}, "fe80::1"),
    ("string", {"validation_type": "unknown.Type"}, "anything"),
    ("string", {"validation_type": "pydantic.ImportString"}, "no.such.module"),
    ("string", {"validation_type": "pydantic.FilePath"}, "/no/such/file"),
]

UNFITTING: list[tuple[str, dict[str, Any], Any, str]] = [
    ("string", {}, 1, "Attribute a must be a string, not 1."),
    ("string", {}, None, "Attribute a must be a string, not null."),
    ("int", {}, True, "Attribute a must be an integer, not true."),
    ("int", {}, 1.5, "Attribute a must be an integer, not 1.5."),
    ("number", {}, "1", 'Attribute a must be a number, not "1".'),
    ("bool", {}, 1, "Attribute a must be a boolean, not 1."),
    ("dict", {}, [], "Attribute a must be an object, not []."),
    ("int[]", {}, 1, "Attribute a must be a list, not 1."),
    ("int[]", {}, [1, "x"], 'Attribute a[1] must be an integer, not "x".'),
    ("string", ENUM, "b", 'Attribute a must be one of "a", 1, not "b".'),
    ("any", ENUM, True, 'Attribute a must be one of "a", 1, not true.'),
    ("int", CONINT, 4096, "Attribute a must be a valid pydantic.conint, not 4096: Input should be less than 4096."),
    ("string", REGEX, "A", "Attribute a must be a valid pydantic.constr, not \"A\": String should match pattern '^[a-z]+$'."),
    (
        "string",
        {"validation_type": "ipaddress.IPv4Address"},
        "1.2.2.1/32",
        'Attribute a must be a valid ipaddress.IPv4Address, not "1.2.2.1/32": Input is not a valid IPv4 address.',
    ),
    ("string", {}, {"k": "v" * 100}, f'Attribute a must be a string, not {{"k": "{"v" * 53}....'),
]


@pytest.mark.parametrize(("type_name", "fields", "value"), FITTING)
def test_a_value_of_the_type_fits(type_name: str, fields: dict[str, Any], value: object) -> None:
    described = service(attribute("a", type_name, **fields))

    assert complete_for_create(described, {"a": value}) == {"a": value}
    jsonschema_rs.validate(schema(described), {"a": value})


ALLOCATED = service(
    attribute("name", "string", "rw"),
    attribute("service-id", "int", "r"),
    embedded_entities=[embedded("ports", "rw+", None), embedded("taps", "r", None), embedded("uplink", "r", 1)],
    inter_service_relations=[InterServiceRelation(name="parent", entity_type="service", modifier="r", lower_limit=1)],
)
ALLOCATED_PORT = {"number": 1, "label": "", "color": "red", "vlan_id": 7}
ALLOCATED_SET = {
    "name": "a",
    "service-id": 12,
    "ports": [ALLOCATED_PORT],
    "taps": [ALLOCATED_PORT],
    "uplink": ALLOCATED_PORT,
    "parent": [str(uuid.UUID(int=1))],
}


def test_the_schema_of_a_creation_knows_no_attribute_that_only_the_allocation_writes() -> None:
    described = schema(ALLOCATED)

    assert described["properties"].keys() == {"name", "ports"}
    assert described["$defs"]["Port"]["properties"].keys() == {"number", "label", "color"}
    assert not jsonschema_rs.is_valid(described, ALLOCATED_SET)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"name": "b"},
        {"service-id": None, "taps": None, "uplink": None, "parent": None},
        {"ports": [{**ALLOCATED_PORT, "vlan_id": None}]},
    ],
)
def test_the_schema_of_an_edit_takes_a_set_with_what_was_allocated(change: dict[str, Any]) -> None:
    check_set(ALLOCATED, ALLOCATED_SET | change)

    jsonschema_rs.validate(editing_schema(ALLOCATED), ALLOCATED_SET | change)


@pytest.mark.parametrize(
    "change",
    [
        {"service-id": "twelve"},
        {"service-id-2": 12},
        {"a service-id": 12},
        {"other": 1},
        {"taps": [{**ALLOCATED_PORT, "vlan_id": "seven"}]},
        {"ports": [{**ALLOCATED_PORT, "vlan": 7}]},
        {"parent": ["nobody"]},
    ],
)
def test_the_schema_of_an_edit_takes_no_set_that_does_not_fit(change: dict[str, Any]) -> None:
    validator = jsonschema_rs.validator_for(editing_schema(ALLOCATED), validate_formats=True)

    assert validator.is_valid(ALLOCATED_SET)
    assert not validator.is_valid(ALLOCATED_SET | change)


@pytest.mark.parametrize("creation", [{"name": "a"}, {"name": "a", "ports": [{"number": 1}]}])
def test_the_schema_of_an_edit_offers_and_needs_what_that_of_a_creation_does(creation: dict[str, Any]) -> None:
    described, edited = schema(ALLOCATED), editing_schema(ALLOCATED)

    jsonschema_rs.validate(edited, creation)
    assert (edited["properties"], edited["required"]) == (described["properties"], described["required"])


@pytest.mark.parametrize(("type_name", "fields", "value", "sentence"), UNFITTING)
def test_another_value_is_refused_in_one_sentence(type_name: str, fields: dict[str, Any], value: object, sentence: str) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        complete_for_create(service(attribute("a", type_name, **fields)), {"a": value})

    assert str(refusal.value) == sentence


RELATION = InterServiceRelation(name="peers", entity_type="other", modifier="rw", lower_limit=1, upper_limit=2)
ONE = str(uuid.UUID(int=1))


@pytest.mark.parametrize(
    ("relation", "value", "sentence"),
    [
        (RELATION, [], "Attribute peers must have at least 1 entities, it has 0."),
        (RELATION, [ONE, ONE, ONE], "Attribute peers must have at most 2 entities, it has 3."),
        (RELATION, ONE, f'Attribute peers must be a list, not "{ONE}".'),
        (RELATION, ["x"], 'Attribute peers must be the id of an instance of service other, not "x".'),
        (RELATION, [f"{{{ONE}}}"], f'Attribute peers must be the id of an instance of service other, not "{{{ONE}}}".'),
        (RELATION.model_copy(update={"upper_limit": 1}), None, "Attribute peers is required, it cannot be null."),
        (RELATION.model_copy(update={"upper_limit": 1}), [ONE], "Attribute peers must be a single value, not a list."),
        (embedded("peers", "rw", None), None, "Attribute peers must be a list, not null."),
        (embedded("peers", "rw", None), [1], "Attribute peers must hold embedded entities (objects), not 1."),
        (embedded("peers", "rw", None), [{}], "Attribute peers[number=None].number is required."),
        (
            embedded("peers", "rw", None),
            [{"number": 1, "x": 2}],
            "Embedded entity peers has no attribute peers[number=1].x, it has color, label, number, vlan_id.",
        ),
        (embedded("peers", "rw", 1), {"number": "1"}, 'Attribute peers.number must be an integer, not "1".'),
        (
            embedded("peers", "rw", None),
            [{"number": 1}, {"number": 1}],
            "Attribute peers has several entities with the same number: [1].",
        ),
    ],
)
def test_a_relation_has_the_right_number_of_the_right_things(relation: Any, value: object, sentence: str) -> None:
    kind = "inter_service_relations" if isinstance(relation, InterServiceRelation) else "embedded_entities"
    described = service(strict_modifier_enforcement=True, **{kind: [relation]})

    with pytest.raises(RuleViolationError) as refusal:
        complete_for_create(described, {"peers": value})

    assert str(refusal.value) == sentence


def test_the_same_key_twice_is_fine_without_strict_enforcement() -> None:
    described = service(embedded_entities=[embedded("ports", "rw", None)])

    completed = complete_for_create(described, {"ports": [{"number": 1}, {"number": 1}]})

    assert len(completed["ports"]) == 2


def test_an_identity_that_no_index_can_hold_is_refused() -> None:
    described = service(attribute("name", "string", "rw"), service_identity="name")

    with pytest.raises(RuleViolationError, match="identifies the instance, it cannot be longer than 1000 bytes"):
        complete_for_create(described, {"name": "ä" * 501})


@pytest.mark.parametrize("value", ["a\0b", {"\0": 1}, ["\ud800"], {"a": [float("nan")]}, float("inf")])
def test_what_the_database_cannot_store_is_refused(value: object) -> None:
    with pytest.raises(RuleViolationError):
        check_storable(value, "the value")


def test_a_value_that_is_nested_too_deep_is_refused() -> None:
    value: object = 1
    for _ in range(MAXIMUM_DEPTH):
        value = [value]
    check_storable(value, "the value")

    for _ in range(100_000):
        value = {"a": value}
    with pytest.raises(RuleViolationError, match="nested deeper than 64 levels"):
        check_storable(value, "the value")


@pytest.mark.parametrize("strict", [True, False])
@given(body=MODIFIED_BODIES | st.dictionaries(st.text(), ANY_JSON, max_size=3))
def test_any_json_is_either_completed_or_refused(strict: bool, body: dict[str, Any]) -> None:
    with contextlib.suppress(RuleViolationError):
        json.dumps(complete_for_create(rich_service(strict=strict), body), allow_nan=False).encode()


@pytest.mark.parametrize("strict", [True, False])
@given(body=BODIES)
def test_what_is_completed_fits_keeps_what_was_given_and_is_complete(strict: bool, body: dict[str, Any]) -> None:
    described = rich_service(strict=strict)

    completed = complete_for_create(described, body)

    check_set(described, completed)
    jsonschema_rs.validate(schema(described), body)
    jsonschema_rs.validate(editing_schema(described), body)
    jsonschema_rs.validate(editing_schema(described), completed)
    assert described.add_defaults(completed) == completed
    assert completed.keys() == {item.name for item in described.members}
    assert all(
        completed[name] == value for name, value in body.items() if "port" not in name and name not in ("uplink", "spare")
    )
