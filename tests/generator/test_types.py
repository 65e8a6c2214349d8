"""Which default values fit which types."""

import re
from pathlib import Path

import pytest
from service_generator import std
from service_generator.installed import read_module
from service_generator.model.types import AttributeType, Cardinality, Matches, OneOf, Typedef, Within

COLOR = Typedef("color", "m", "string", OneOf(("red", "green")))
CODE = Typedef("code", "m", "string", Matches("^(?:[A-Z]+)$"))
VLAN = Typedef("vlan", "m", "int", Within(((">", 0), ("<=", 10))))
SHARE = Typedef("share", "m", "float", Within(((">=", 0.5), ("<", 1.0))))

FITS = [
    (AttributeType("string"), "a", True),
    (AttributeType("string"), 1, False),
    (AttributeType("string"), None, False),
    (AttributeType("string", optional=True), None, True),
    (AttributeType("int"), 1, True),
    (AttributeType("int"), True, False),
    (AttributeType("int"), 1.0, False),
    (AttributeType("float"), 1, True),
    (AttributeType("float"), 1.5, True),
    (AttributeType("number"), 1, True),
    (AttributeType("number"), "1", False),
    (AttributeType("bool"), True, True),
    (AttributeType("bool"), 1, False),
    (AttributeType("dict"), {"a": 1}, True),
    (AttributeType("dict"), [1], False),
    (AttributeType("int", is_list=True), [1, 2], True),
    (AttributeType("int", is_list=True), [1, "2"], False),
    (AttributeType("int", is_list=True), 1, False),
    (AttributeType(COLOR), "red", True),
    (AttributeType(COLOR), "blue", False),
    (AttributeType(CODE), "AB", True),
    (AttributeType(CODE), "ABc", False),
    (AttributeType(VLAN), 1, True),
    (AttributeType(VLAN), 10, True),
    (AttributeType(VLAN), 0, False),
    (AttributeType(VLAN), 11, False),
    (AttributeType(SHARE), 0.5, True),
    (AttributeType(SHARE), 1.0, False),
    (AttributeType(VLAN, is_list=True), [1, 11], False),
]


@pytest.mark.parametrize(("kind", "value", "fits"), FITS, ids=[f"{kind} {value!r}" for kind, value, _ in FITS])
def test_a_default_fits_its_type_or_not(kind: AttributeType, value: object, fits: bool) -> None:
    assert kind.accepts(value) is fits


@pytest.mark.parametrize(
    ("cardinality", "text", "many"),
    [
        (Cardinality(1, 1), "[1]", False),
        (Cardinality(0, 1), "[0:1]", False),
        (Cardinality(0, None), "[0:]", True),
        (Cardinality(2, 2), "[2]", True),
        (Cardinality(1, 4), "[1:4]", True),
    ],
)
def test_a_cardinality_is_written_like_in_the_language(cardinality: Cardinality, text: str, many: bool) -> None:
    assert (str(cardinality), cardinality.many) == (text, many)


def test_type_checkers_know_all_types_of_the_installed_std() -> None:
    stub = Path(std.__file__).with_suffix(".pyi").read_text(encoding="utf-8")

    known = set(re.findall(r"^type (\w+) =", stub, re.MULTILINE))
    assert {name.rpartition("::")[2] for name in read_module("std").typedefs} <= known
