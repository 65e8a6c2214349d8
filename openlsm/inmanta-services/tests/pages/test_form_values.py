"""Forms: which fields a service has, and how attributes get into them and out of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.model import ServiceAttribute, ServiceEntity
from inmanta_services.errors import RefusedError
from inmanta_services.pages.forms.fields import GroupField, Kind, RelationField, ValueField, fields_of, labelled
from inmanta_services.pages.forms.problems import field_in, place_of
from inmanta_services.pages.forms.values import FILL_IN, Item, draft_of, empty, parse, paths, read

from ..helpers.services import BY_NAME, NETWORK, NOTE, PORT, attribute, embedded, optional, service

COLOURS: dict[str, Any] = {"validation_type": "enum", "validation_parameters": {"names": {"red": "red", "blue": "blue"}}}


def fields(*attributes: ServiceAttribute, creating: bool = True, **others: Any) -> list[Any]:
    return fields_of(service("Thing", list(attributes), **others), creating=creating)


def test_each_type_has_its_kind_of_field_and_what_the_orchestrator_writes_has_none() -> None:
    found = fields(
        attribute("text", "string"),
        attribute("count", "int?"),
        attribute("share", "float"),
        attribute("on", "bool"),
        attribute("colour", "string", **COLOURS),
        attribute("words", "string[]"),
        attribute("data", "dict"),
        attribute("given", "int?", "r"),
    )

    kinds = {field.name: (field.kind, field.many, field.optional) for field in found if isinstance(field, ValueField)}
    assert kinds == {
        "text": (Kind.TEXT, False, False),
        "count": (Kind.INTEGER, False, True),
        "share": (Kind.NUMBER, False, False),
        "on": (Kind.BOOLEAN, False, False),
        "colour": (Kind.CHOICE, False, False),
        "words": (Kind.TEXT, True, False),
        "data": (Kind.JSON, False, False),
    }
    assert next(field for field in found if field.name == "colour").choices == ("red", "blue")


def test_suggestions_are_read_with_and_without_labels() -> None:
    literal = {"web_suggested_values": {"type": "literal", "values": ["a", {"label": "Second", "value": "b"}]}}
    parameter = {"web_suggested_values": {"type": "parameters", "parameter_name": "sizes of ${entity_type}"}}

    first, second = fields(
        attribute("one", "string", attribute_annotations=literal), attribute("two", "string", attribute_annotations=parameter)
    )

    assert first.suggestions.values == {"a": "a", "Second": "b"}
    assert second.suggestions.parameter == "sizes of ${entity_type}"
    assert labelled([1, {"value": 2}]) == {"1": 1, "2": 2}


def test_what_may_only_be_set_at_creation_is_locked_later_also_inside_embedded_entities() -> None:
    network = {field.name: field for field in fields_of(BY_NAME[NETWORK], creating=False)}
    rules = network["rules"]

    assert (network["name"].locked is not None, network["size"].locked) == (True, None)
    assert isinstance(rules, GroupField)
    assert [(field.name, field.locked is not None) for field in rules.fields] == [
        ("key", True),
        ("action", False),
        ("hosts", False),
    ]
    assert all(field.locked is None for field in fields_of(BY_NAME[NETWORK], creating=True))


def test_without_strict_enforcement_the_modifier_of_the_top_holds_for_all_below() -> None:
    lines = next(field for field in fields_of(BY_NAME[NOTE], creating=False) if field.name == "lines")

    assert isinstance(lines, GroupField)
    assert [field.locked for field in lines.fields] == [None]


def test_a_form_for_something_new_begins_with_defaults_and_what_there_has_to_be() -> None:
    inner = embedded("parts", [attribute("name", "string"), optional("count", "int", 3)], lower_limit=2)

    draft = empty(fields(attribute("name", "string"), optional("size", "int", 10), embedded_entities=[inner]))

    assert draft["size"] == "10"
    assert [(item.values["count"], item.fresh) for item in draft["parts"]] == [("3", True), ("3", True)]


def test_what_is_missing_or_no_value_is_told_where_it_is() -> None:
    network = fields_of(BY_NAME[NETWORK], creating=True)
    draft = empty(network)
    draft |= {"size": "many", "rules": [Item(empty(network[4].fields), fresh=True)]}  # type: ignore[union-attr]

    found = read(network, draft, creating=True)

    assert dict(found.problems) == {"name": FILL_IN, "size": "many is no whole number.", "rules.0.key": FILL_IN}


def test_too_few_and_too_many_are_told() -> None:
    inner = embedded("parts", [], lower_limit=1, upper_limit=2)
    form = fields(embedded_entities=[inner])

    counts = [read(form, {"parts": [Item({})] * number}, creating=True).problems.get("parts") for number in range(4)]

    assert counts == ["At least 1 of them are needed.", None, None, "There may be 2 of them at most."]


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("int", " 12 ", 12),
        ("int?", "", None),
        ("float", "1.5", 1.5),
        ("bool?", None, None),
        ("string[]", "a\n\n b ", ["a", "b"]),
        ("int[]", "1\n2", [1, 2]),
        ("dict", '{"a": [1]}', {"a": [1]}),
        ("string?", None, None),
    ],
)
def test_what_is_written_becomes_a_value_of_the_type(type_: str, written: object, value: object) -> None:
    [field] = fields(attribute("it", type_))

    assert parse(field, written, creating=True) == value


@pytest.mark.parametrize(
    ("type_", "written"), [("int", "1.5"), ("float", "NaN"), ("float", "true"), ("dict", "{"), ("string", ""), ("bool", None)]
)
def test_what_is_no_value_of_the_type_is_refused(type_: str, written: object) -> None:
    [field] = fields(attribute("it", type_))

    with pytest.raises(ValueError, match=r"no |Fill this in"):
        parse(field, written, creating=True)


def values(entity: ServiceEntity) -> st.SearchStrategy[dict[str, Any]]:
    """Attribute sets of a service, with what the orchestrator wrote into them."""
    text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
    host = st.fixed_dictionaries({"address": text, "weight": st.integers()})
    rule = st.fixed_dictionaries(
        {"key": text, "sequence": st.none() | st.integers(), "action": text, "hosts": st.lists(host, max_size=2)}
    )
    owner = st.fixed_dictionaries({"person": text, "phone": st.none() | text})
    return st.fixed_dictionaries(
        {
            "name": text,
            "number": st.none() | st.integers(),
            "size": st.integers(),
            "kind": text,
            "note": st.none() | text,
            "rules": st.lists(rule, max_size=2),
            "owner": st.none() | owner,
        }
    )


@given(values(BY_NAME[NETWORK]))
def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(attributes: dict[str, Any]) -> None:
    form = fields_of(BY_NAME[NETWORK], creating=False)

    found = read(form, draft_of(form, attributes), creating=False)

    assert (found.problems, found.attributes) == ({}, attributes)


def test_relations_keep_their_ids() -> None:
    form = fields_of(BY_NAME[PORT], creating=False)
    attributes = {"name": "p", "password": None, "tags": [], "network": "one", "peers": ["two", "three"]}

    assert read(form, draft_of(form, attributes), creating=False).attributes == attributes
    assert [field.service for field in form if isinstance(field, RelationField)] == [NETWORK, PORT]


def test_a_complaint_is_brought_to_its_field() -> None:
    form = fields_of(BY_NAME[NETWORK], creating=True)
    known = list(paths(form, {**empty(form), "rules": [Item({"hosts": [Item({})]})]}))

    assert "rules.0.hosts.0.address" in known
    assert field_in(RefusedError("Attribute rules[0].key must be a string, not 1.", 400), known) == "rules.0.key"
    assert field_in(RefusedError("The identity name is taken.", 409), known) == "name"
    assert field_in(RefusedError("Something else.", 400), known) is None
    assert place_of("rules.0.key.deeper", known) == "rules.0.key"
    assert place_of("unknown", known) is None
