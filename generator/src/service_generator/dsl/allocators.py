"""Where the values of read-only attributes come from."""

from dataclasses import dataclass, field
from typing import Protocol

from service_generator.errors import DescriptionError


class Range(Protocol):
    """A range of integers, with both ends included."""

    start: int
    end: int


@dataclass(frozen=True)
class Allocation:
    """What an allocator is asked for."""

    arguments: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class FirstFreeInteger(Allocation):
    """The first integer of a range that is not taken yet."""

    start: object = None
    end: object = None
    pool: str | None = None


@dataclass(frozen=True)
class Custom(Allocation):
    """What a function of the Python side of the module returns."""

    function: str = ""


def first_free_integer(of: Range | range, *, pool: str | None = None) -> Allocation:
    """
    The first integer of a range that no other element, of this or of any other instance of the service, holds.

    :param of: the range: a key of the configuration with a start and an end, or ``range(1, 4095)``, without its end
    :param pool: a name that attributes share which take their numbers from each other, also those of other services
    :raises DescriptionError: it is something else than a range
    """
    if isinstance(of, range):
        if of.step != 1 or not of:
            raise DescriptionError("the range is empty or has a step. Write range(<first>, <last> + 1).")
        return FirstFreeInteger(start=of[0], end=of[-1], pool=pool)
    try:
        return FirstFreeInteger(start=of.start, end=of.end, pool=pool)
    except (DescriptionError, AttributeError) as error:
        raise DescriptionError(
            "first_free_integer(...) needs a range of the configuration, with a start and an end. "
            "Or write range(<first>, <last> + 1)."
        ) from error


@dataclass(frozen=True)
class BySpec(Allocation):
    """What the ``allocation_spec`` of the service finds."""


by_spec = BySpec()
"""Filled by the ``allocation_spec`` of the service."""


def allocate(function: str, **arguments: object) -> Allocation:
    """
    What an allocator of the module returns: a function decorated with ``@allocator()`` in the Python module that goes with
    the namespace of the service's binding, for instance ``inmanta_plugins/<module>/services/<file>/lsm.py``.

    :param function: the name of the function
    :param arguments: its keyword arguments: other attributes of the same entity, configuration keys, or constants
    """
    return Custom(function=function, arguments=arguments)
