"""The attributes and relations of a description: ``rw``, ``rw_plus``, ``r``, ``owner`` and ``parent``."""

from dataclasses import dataclass
from typing import Any, Literal

from service_generator.dsl.allocators import Allocation


class _Missing:
    """Stands for a default that is not given, since ``None`` is a default too."""


MISSING = _Missing()

type Role = Literal["r", "rw", "rw+", "owner", "parent"]


@dataclass(eq=False)
class Field:
    """What is said about one attribute or relation, next to its type."""

    role: Role
    description: str = ""
    default: object = MISSING
    key: bool = False
    at_least: int = 0
    at_most: int | None = None
    allocation: Allocation | None = None
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


def rw(description: str, *, default: object = MISSING, key: bool = False, at_least: int = 0, at_most: int | None = None) -> Any:
    """
    An attribute or relation that is set when the service is created, and never changes.

    :param description: what it stands for; it reaches the service catalog
    :param default: the value when none is given
    :param key: whether it tells the elements of a list of embedded entities apart
    :param at_least: for a list of embedded entities or services, the smallest number of elements
    :param at_most: for such a list, the greatest number of elements; no limit when left out
    """
    return Field("rw", description, default, key, at_least, at_most)


def rw_plus(
    description: str, *, default: object = MISSING, key: bool = False, at_least: int = 0, at_most: int | None = None
) -> Any:
    """
    An attribute or relation that can be changed at any time.

    :param description: what it stands for; it reaches the service catalog
    :param default: the value when none is given
    :param key: accepted to be refused with an explanation: what tells elements apart can't change
    :param at_least: for a list of embedded entities or services, the smallest number of elements
    :param at_most: for such a list, the greatest number of elements; no limit when left out
    """
    return Field("rw+", description, default, key, at_least, at_most)


def r(description: str, *, allocator: Allocation | None = None) -> Any:
    """
    An attribute that the orchestrator sets.

    Its type is optional, since it is null until it is allocated.

    :param description: what it stands for; it reaches the service catalog
    :param allocator: where its value comes from
    """
    return Field("r", description, None, allocation=allocator)


def owner(description: str) -> Any:
    """
    The service that this one is a part of: it lives in the owner's resource set and is compiled together with it.

    :param description: what it stands for; it reaches the service catalog
    """
    return Field("owner", description)


def parent() -> Any:
    """In an embedded entity, the entity that it is embedded in; it is no part of the service catalog."""
    return Field("parent")
