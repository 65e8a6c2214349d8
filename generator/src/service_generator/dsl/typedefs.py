"""Types with constraints: enumerations, regular expressions, bounds, and the typedefs of installed modules."""

import enum
import math
import re
from dataclasses import dataclass
from typing import Any

from service_generator.errors import DescriptionError


class Enumeration(enum.StrEnum):
    """
    A set of strings: ``class Color(Enumeration): RED = "red"``.

    The name in the model is that of the class, in snake case, and its docstring is the description.
    """


class IntegerEnumeration(enum.IntEnum):
    """A set of integers: ``class Speed(IntegerEnumeration): SLOW = 10``."""


@dataclass(frozen=True)
class InstalledType:
    """A typedef that an installed module defines, used as ``Annotated[str, InstalledType("std::uuid")]``."""

    name: str


@dataclass(frozen=True)
class Pattern:
    """The constraint of a string that matches a regular expression as a whole."""

    regex: str
    description: str


@dataclass(frozen=True)
class Bounds:
    """The constraint of a number that lies within bounds."""

    bounds: tuple[tuple[str, int | float], ...]
    description: str


@dataclass(frozen=True)
class Valid:
    """The constraint of a value that ``std::validate_type`` accepts."""

    type: str
    parameters: tuple[tuple[str, Any], ...]
    description: str


@dataclass(frozen=True)
class Values:
    """The constraint of a value that is one of several."""

    values: tuple[str | int, ...]
    description: str = ""


@dataclass(frozen=True)
class Union:
    """The constraint of a value that satisfies one of several constraints."""

    constraints: tuple[Pattern | Bounds | Valid | Values, ...]
    description: str


def validated(name: str, description: str = "", /, **parameters: Any) -> Valid:
    """
    A value that ``std::validate_type`` accepts: ``Annotated[str, validated("pydantic.constr", "A name.", max_length=9)]``.

    :param name: a type of Python or pydantic, with its module
    :param description: what the type stands for
    :param parameters: the parameters of the type
    """
    return Valid(name, tuple(parameters.items()), description)


def one_of(*values: str | int) -> Values:
    """
    One of several values, inside of :func:`any_of`; by themselves, they are better an enumeration.

    :param values: strings or integers
    """
    return Values(values)


def any_of(description: str, *constraints: Pattern | Bounds | Valid | Values) -> Union:
    """
    A value that satisfies one of several constraints: ``Annotated[str, any_of("A range.", one_of("all"), pattern("[0-9]+"))]``.

    :param description: what the type stands for
    :param constraints: at least two constraints; their own descriptions can be left out
    :raises DescriptionError: there are fewer
    """
    if len(constraints) < 2:
        raise DescriptionError("any_of(...) names fewer than two constraints. Use the one that there is.")
    return Union(constraints, description)


def pattern(regex: str, description: str = "", *, as_it_is: bool = False) -> Pattern:
    """
    A string that matches a regular expression as a whole: ``type Code = Annotated[str, pattern("[A-Z]{3}", "A code.")]``.

    :param regex: the regular expression, in the syntax of Python
    :param description: what the type stands for
    :param as_it_is: whether the model, and the catalog, hold exactly this expression, which says itself where it ends
    :raises DescriptionError: the regular expression is not valid
    """
    if not isinstance(regex, str) or not isinstance(description, str):
        raise DescriptionError('pattern(...) takes two strings. Write pattern("[a-z]+", "What it stands for.").')
    try:
        re.compile(regex)
    except re.error as error:
        raise DescriptionError(f"{regex!r} is not a regular expression: {error}. Correct it.") from error
    if any(character in regex for character in "\n\r"):
        raise DescriptionError("the regular expression holds a line break as it is. Write \\n for it.")
    if as_it_is:
        return Pattern(regex, description)
    flags = re.match(r"\(\?([aiLmsux]+)\)", regex)
    if flags is not None:
        # Flags are only allowed at the very start, and what follows them goes into a group.
        return Pattern(f"^(?{flags[1]}:{regex[flags.end() :]})$", description)
    return Pattern(f"^(?:{regex})$", description)


def bounds(
    description: str = "",
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Bounds:
    """
    A number within bounds: ``type Vlan = Annotated[int, bounds("A VLAN id.", ge=1, le=4094)]``.

    :param description: what the type stands for
    :param ge: greater than or equal to
    :param gt: greater than
    :param le: less than or equal to
    :param lt: less than
    :raises DescriptionError: no bound is given, or nothing can satisfy them
    """
    given = tuple((name, value) for name, value in ((">=", ge), (">", gt), ("<=", le), ("<", lt)) if value is not None)
    lower = [value for operator, value in given if operator in (">=", ">")]
    upper = [value for operator, value in given if operator in ("<=", "<")]
    if any(isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) for _, value in given):
        raise DescriptionError("a bound is not a finite number. Write ge=1, or gt=0.5.")
    if not given:
        raise DescriptionError("bounds(...) names no bound. Give ge, gt, le or lt.")
    if lower and upper and max(lower) > min(upper):
        raise DescriptionError(f"nothing is between {max(lower)} and {min(upper)}. Swap the bounds.")
    return Bounds(given, description)
