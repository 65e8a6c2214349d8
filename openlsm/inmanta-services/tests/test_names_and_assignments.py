"""How instances are named, and what ``path=value`` means."""

import uuid

import pytest
from inmanta_services import ServicesError
from inmanta_services.attributes.assignments import ChangeKind, assign, change, edits_of, split
from inmanta_services.filters import filters_of, sort_of
from inmanta_services.naming import InstanceName

from .helpers.services import BY_NAME

NETWORK, PORT = BY_NAME["Network"], BY_NAME["Port"]


def test_an_instance_is_named_by_service_and_identity_or_by_its_id() -> None:
    identifier = uuid.uuid4()

    assert InstanceName.parse("Network/a/b") == InstanceName("Network", "a/b")
    assert InstanceName.parse(str(identifier)).id == identifier
    assert InstanceName.parse(f"Network/{identifier}").id == identifier


@pytest.mark.parametrize("text", ["", "core", "/core", "Network/", "123"])
def test_anything_else_names_no_instance(text: str) -> None:
    with pytest.raises(ServicesError, match="names no instance: write SERVICE/IDENTITY"):
        InstanceName.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", ("a", "b")),
        ("a=b=c", ("a", "b=c")),
        ("items[name=x].size=3", ("items[name=x].size", "3")),
        ("items[name=a\\]b].size=3", ("items[name=a\\]b].size", "3")),
        ("a=", ("a", "")),
        ("items[name=x]", ("items[name=x]", None)),
    ],
)
def test_the_value_begins_after_the_first_sign_outside_of_brackets(text: str, expected: tuple[str, str | None]) -> None:
    assert split(text) == expected


def test_a_value_has_the_type_of_its_attribute() -> None:
    attributes: dict[str, object] = {}

    for text in ("name=5", "size=5", "note=null", "rules[key=a].hosts[address=b].weight=2"):
        assign(NETWORK, attributes, text)

    assert attributes == {
        "name": "5",
        "size": 5,
        "note": None,
        "rules": [{"key": "a", "hosts": [{"address": "b", "weight": 2}]}],
    }


def test_changes_of_one_list_build_on_each_other() -> None:
    texts = [(ChangeKind.SET, "tags=[a, b]"), (ChangeKind.ADD, "tags=c"), (ChangeKind.REMOVE, "tags=a")]

    edits = edits_of({"tags": ["x"]}, [change(PORT, kind, text) for kind, text in texts])

    assert [edit.value for edit in edits] == [["a", "b"], ["a", "b", "c"], ["b", "c"]]


def test_what_is_not_in_a_list_cannot_be_removed_from_it() -> None:
    with pytest.raises(ServicesError, match="tags has no value 'y' to remove"):
        edits_of({"tags": ["x"]}, [change(PORT, ChangeKind.REMOVE, "tags=y")])


def test_filters_and_orders_are_those_of_the_api() -> None:
    assert filters_of(["up", "failed"], ["a"], ["version=ge:2", "version=lt:5"]) == {
        "state": ["up", "failed"],
        "id_or_service_identity": ["a"],
        "version": ["ge:2", "lt:5"],
    }
    assert (sort_of("state"), sort_of("state.desc")) == ("state.asc", "state.desc")
