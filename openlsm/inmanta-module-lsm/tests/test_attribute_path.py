"""Finding attributes in attribute sets."""

from typing import Any

import pytest
from inmanta.plugins import PluginException
from inmanta_plugins.lsm.attribute_path import AttributePath

ATTRIBUTES: dict[str, Any] = {
    "name": "a",
    "none": None,
    "one": {"id": 1},
    "no_one": None,
    "items": [{"id": 1, "value": "x", "parts": [{"key": "k", "value": 5}]}, {"id": 2}, {"id": 3}, {"id": 3}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "a"),
        ("none", None),
        ("missing", None),
        ("one.id", 1),
        ("no_one.id", None),
        ("items[id=1].value", "x"),
        ("items[id=2].value", None),
        ("items[id=9].value", None),
        ("items[id=1].parts[key=k].value", 5),
        ("items[id=2].parts[key=k].value", None),
        ("none.deep.down", None),
    ],
)
def test_a_path_leads_to_the_value_of_an_attribute(path: str, value: object) -> None:
    assert AttributePath(path).value(ATTRIBUTES) == value


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("missing", True),
        ("items[id=2].missing", True),
        ("items[id=9].value", False),
        # It is not certain which of two elements is meant.
        ("items[id=3].value", False),
        ("no_one.id", False),
    ],
)
def test_only_one_existing_element_can_hold_an_attribute(path: str, held: bool) -> None:
    assert (AttributePath(path).holder(ATTRIBUTES) is not None) == held


def test_a_set_that_does_not_exist_holds_nothing() -> None:
    assert AttributePath("name").holder(None) is None
    assert AttributePath("name").value(None) is None


@pytest.mark.parametrize("path", ["items[id=1", "items[id=*].value", "items[id=1]", ".", ""])
def test_a_path_that_names_no_attribute_is_refused(path: str) -> None:
    with pytest.raises(PluginException, match="attribute"):
        AttributePath(path).value(ATTRIBUTES)
