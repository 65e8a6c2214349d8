"""What the service catalog knows about the type of an attribute."""

from typing import Any

import pytest
from inmanta_plugins.lsm.catalog.entity_members import plain_attributes
from inmanta_plugins.lsm.catalog.validation_types import CatalogType, catalog_type
from pytest_inmanta.plugin import Project

CONINT = "pydantic.conint"
CONFLOAT = "pydantic.confloat"
CONSTR = "pydantic.constr"

# Per attribute: its type, and how the catalog describes it.
TYPES: dict[str, tuple[str, str, str | None, dict[str, Any] | None]] = {
    "text": ("string", "string", None, None),
    "number_or_none": ("int?", "int?", None, None),
    "flags": ("bool[]", "bool[]", None, None),
    "optional_texts": ("string[]?", "string[]?", None, None),
    "mapping": ("dict?", "dict?", None, None),
    "elements": ("list", "list", None, None),
    "fraction": ("float", "float", None, None),
    "amount": ("number", "number", None, None),
    "address": ("std::ipv4_address?", "string?", "ipaddress.IPv4Address?", None),
    "networks": ("std::ipv_any_network[]", "string[]", "pydantic.IPvAnyNetwork[]", None),
    "word": ("std::alfanum", "string", CONSTR, {"regex": "^[a-zA-Z0-9]*$", "strict": True}),
    "vlan": ("vlan", "int", CONINT, {"ge": 0, "lt": 4096}),
    "vlans": ("vlan[]?", "int[]?", f"{CONINT}[]?", {"ge": 0, "lt": 4096}),
    "checked": ("checked", "int", CONINT, {"ge": 1}),
    "checked_too": ("checked_too", "int", CONINT, {"le": 9}),
    "color": ("color?", "string?", "enum?", {"value": "color", "names": {"red": "red", "dark blue": "dark blue"}}),
    "speed": ("speed", "int", "enum", {"value": "speed", "names": {"10": 10, "100": 100}}),
    "code": ("code", "string", CONSTR, {"regex": "^[a-z]+$"}),
    "codes": ("code[]", "string[]", f"{CONSTR}[]", {"regex": "^[a-z]+$"}),
    "bounded": ("bounded", "int", CONINT, {"gt": 3, "le": 10}),
    "ratio": ("ratio", "float", CONFLOAT, {"ge": 0, "le": 0.5}),
    "cold": ("cold", "int", CONINT, {"ge": -40}),
    "level": ("level", "number", CONFLOAT, {"gt": 1}),
    "either": ("either", "int", None, None),
    "odd": ("odd", "int", None, None),
    "not_zero": ("not_zero", "int", None, None),
    "encoded": ("std::base64", "string", None, None),
    "false_check": ("false_check", "string", None, None),
    "short_code": ("short_code", "string", "enum", {"value": "short_code", "names": {"a": "a"}}),
    "plain_code": ("plain_code", "string", CONSTR, {"regex": "^[a-z]+$"}),
}

MODEL = """
import lsm
import std

typedef vlan as int matching self >= 0 and self < 4096
typedef checked as int matching std::validate_type("pydantic.conint", self, {"ge": 1}) == true
typedef checked_too as int matching true == std::validate_type("pydantic.conint", self, {"le": 9})
typedef false_check as string matching std::validate_type("ipaddress.IPv4Address", self) == false
typedef color as string matching self in ["red", "dark blue"]
typedef speed as int matching self in [10, 100]
typedef code as string matching /^[a-z]+$/
typedef bounded as int matching self > 1 and 10 >= self and 3 < self and self <= 20
typedef ratio as float matching self >= 0 and self <= 0.5
typedef cold as int matching -40 <= self
typedef level as number matching self > 1
typedef either as int matching self < 5 or self > 10
typedef odd as int matching self < 5 and self != 3
typedef not_zero as int matching self != 0
typedef short_code as code matching self in ["a"]
typedef plain_code as code matching self != "b"

entity Service extends lsm::ServiceEntity:
%s
end
implement Service using parents
"""


@pytest.fixture(scope="module")
def compiled() -> dict[str, CatalogType]:
    """The types by attribute, empty until the first test compiled the model."""
    return {}


@pytest.fixture
def types(compiled: dict[str, CatalogType], request: pytest.FixtureRequest) -> dict[str, CatalogType]:
    if not compiled:
        project: Project = request.getfixturevalue("project")
        project.compile(MODEL % "\n".join(f"    {row[0]} {name}" for name, row in TYPES.items()))
        attributes = plain_attributes((project.types or {})["__config__::Service"])
        compiled.update({attribute.name: catalog_type(attribute.type) for attribute in attributes})
    return compiled


@pytest.mark.parametrize("name", TYPES)
def test_the_catalog_gets_the_primitive_type_and_what_it_can_validate(types: dict[str, CatalogType], name: str) -> None:
    _, primitive, validation_type, parameters = TYPES[name]
    assert types[name] == CatalogType(primitive, validation_type, parameters)
