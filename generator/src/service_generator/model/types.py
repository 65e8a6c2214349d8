"""Types of attributes: what the inmanta language offers, and constraints on it."""

import math
import re
from dataclasses import dataclass, field

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
class Typedef:
    """A type of its own: a primitive type with a constraint."""

    name: str
    namespace: str
    base: str
    constraint: OneOf | Matches | Within
    description: str | None = None
    python_name: str = field(default="", compare=False)

    def accepts(self, value: object) -> bool:
        """
        Whether a value of the base type satisfies the constraint.

        :param value: a value that the base type accepts
        """
        match self.constraint:
            case OneOf(values):
                return value in values
            case Matches(regex):
                return isinstance(value, str) and re.match(regex, value) is not None
            case Within(bounds):
                return isinstance(value, int | float) and all(_COMPARE[operator](value, bound) for operator, bound in bounds)


_COMPARE = {
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
}


@dataclass(frozen=True)
class ModelType:
    """A typedef that an installed module defines."""

    name: str
    namespace: str
    base: str


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
        if not isinstance(value, _PYTHON[self.primitive]) or not _is_json(value):
            return False
        return not isinstance(self.item, Typedef) or self.item.accepts(value)

    def __str__(self) -> str:
        name = self.item if isinstance(self.item, str) else f"{self.item.namespace}::{self.item.name}"
        return name + ("[]" if self.is_list else "") + ("?" if self.optional else "")


def _is_json(value: object) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
        case list():
            return all(_is_json(item) for item in value)
        case float():
            return math.isfinite(value)
    return isinstance(value, str | int | None)


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
