"""Types with constraints: enumerations, regular expressions, bounds, and the typedefs of installed modules."""

import enum
import math
import re
from dataclasses import dataclass

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


def pattern(regex: str, description: str) -> Pattern:
    """
    A string that matches a regular expression as a whole: ``type Code = Annotated[str, pattern("[A-Z]{3}", "A code.")]``.

    :param regex: the regular expression, in the syntax of Python
    :param description: what the type stands for
    :raises DescriptionError: the regular expression is not valid
    """
    try:
        re.compile(regex)
    except re.error as error:
        raise DescriptionError(f"{regex!r} is not a regular expression: {error}.") from error
    return Pattern(f"^(?:{regex})$", description)


def bounds(
    description: str,
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
