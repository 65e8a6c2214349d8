"""Types of attributes: what the inmanta language offers, and constraints on it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
PRIMITIVES = ("string", "int", "float", "number", "bool", "dict")


@dataclass(frozen=True)
class OneOf:
    """A constraint: the value is one of these."""

    values: tuple[str | int, ...]


@dataclass(frozen=True)
class Matches:
    """A constraint: the whole value matches a regular expression."""

    regex: str


@dataclass(frozen=True)
class Within:
    """A constraint: the number lies within bounds, given as pairs of comparison operator and number."""

    bounds: tuple[tuple[str, int | float], ...]


@dataclass(frozen=True)
class Validated:
    """A constraint: ``std::validate_type`` accepts the value, as a type of Python with parameters."""

    type: str
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """A constraint: one of several constraints holds."""

    constraints: tuple[OneOf | Matches | Within | Validated, ...]


type Constraint = OneOf | Matches | Within | Validated | AnyOf


@dataclass(frozen=True)
class ModelType:
    """A typedef that an installed module defines."""

    name: str
    namespace: str
    base: str


@dataclass(frozen=True)
class Typedef:
    """A type of its own: a primitive type with a constraint."""

    name: str
    namespace: str
    base: str
    constraint: Constraint
    description: str | None = None
    python_name: str = field(default="", compare=False)
    extends: "Typedef | ModelType | None" = None

    def accepts(self, value: object) -> bool:
        """
        Whether a value of the base type satisfies the constraint.

        :param value: a value that the base type accepts
        """
        accepted = self.extends.accepts(value) if isinstance(self.extends, Typedef) else True
        return accepted and _satisfies(value, self.constraint)

    def family(self) -> "list[Typedef]":
        """The typedefs of the description that it is based on, and last itself."""
        return [*(self.extends.family() if isinstance(self.extends, Typedef) else []), self]


def _satisfies(value: object, constraint: Constraint) -> bool:
    match constraint:
        case OneOf(values):
            return value in values
        case Matches(regex):
            return isinstance(value, str) and re.match(regex, value) is not None
        case Within(bounds):
            return isinstance(value, int | float) and all(_COMPARE[operator](value, bound) for operator, bound in bounds)
        case AnyOf(constraints):
            return any(_satisfies(value, one) for one in constraints)
        case Validated():
            return is_valid(value, constraint)


def is_valid(value: object, constraint: Validated) -> bool:
    """
    Whether ``std::validate_type`` accepts a value.

    :param value: the value
    :param constraint: the type and its parameters
    :raises ValueError: there is no such type
    """
    import importlib

    from pydantic import TypeAdapter, ValidationError

    module, _, name = constraint.type.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"there is no type {constraint.type}") from error
    if constraint.parameters:
        given = dict(constraint.parameters)
        # What std calls regex became pattern in pydantic.
        if "regex" in given:
            given["pattern"] = given.pop("regex")
        kind = kind(**given)
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


_COMPARE = {
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
}


@dataclass(frozen=True)
class AttributeType:
    """The type of an attribute: a primitive or a typedef, perhaps in a list, perhaps optional."""

    item: str | Typedef | ModelType
    is_list: bool = False
    optional: bool = False

    @property
    def primitive(self) -> str:
        """The primitive type underneath."""
        return self.item if isinstance(self.item, str) else self.item.base

    def accepts(self, value: object) -> bool:
        """
        Whether a default value fits the type.

        :param value: plain Python data
        """
        if value is None:
            return self.optional
        if self.is_list:
            return isinstance(value, list) and all(self._accepts_item(item) for item in value)
        return self._accepts_item(value)

    def _accepts_item(self, value: object) -> bool:
        if isinstance(value, bool) != (self.primitive == "bool"):
            return False
        if not isinstance(value, _PYTHON[self.primitive]) or not is_json(value):
            return False
        return not isinstance(self.item, Typedef) or self.item.accepts(value)

    def __str__(self) -> str:
        name = self.item if isinstance(self.item, str) else f"{self.item.namespace}::{self.item.name}"
        return name + ("[]" if self.is_list else "") + ("?" if self.optional else "")


def is_text(value: str) -> bool:
    """
    Whether a string is one that UTF-8 and a database can hold: without halves of characters and NUL.

    :param value: the string
    """
    return _NO_TEXT.search(value) is None


def is_json(value: object) -> bool:
    """
    Whether data can be stored by the orchestrator.

    :param value: plain Python data
    """
    match value:
        case Mapping():
            return all(isinstance(key, str) and is_json(key) and is_json(item) for key, item in value.items())
        case list() | tuple():
            return all(is_json(item) for item in value)
        case str():
            return is_text(value)
        case float():
            return math.isfinite(value)
    return isinstance(value, int | None)


_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "float": (int, float),
    "number": (int, float),
    "bool": (bool,),
    "dict": (dict,),
}


@dataclass(frozen=True)
class Cardinality:
    """How many elements a relation holds."""

    lower: int
    upper: int | None = field(default=None)

    @property
    def many(self) -> bool:
        """Whether the relation is a list."""
        return self.upper != 1

    def __str__(self) -> str:
        if self.lower == self.upper:
            return f"[{self.lower}]"
        return f"[{self.lower}:{'' if self.upper is None else self.upper}]"
