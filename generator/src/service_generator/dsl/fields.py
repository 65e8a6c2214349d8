"""The attributes and relations of a description: ``rw``, ``rw_plus``, ``r``, ``owner`` and ``parent``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Never

from service_generator.dsl.allocators import Allocation
from service_generator.errors import DescriptionError


class _Missing:
    """Stands for a default that is not given, since ``None`` is a default too."""


MISSING = _Missing()

type Role = Literal["r", "rw", "rw+", "owner", "parent"]


@dataclass(eq=False)
class Field:
    """What is said about one attribute or relation, next to its type."""

    role: Role
    description: str | None = None
    default: object = MISSING
    key: bool = False
    at_least: int = 0
    at_most: int | None = None
    allocation: Allocation | None = None
    value: Callable[[Any], object] | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)
    modifier: Role = "rw"
    name: str = ""
    part: type | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.part = owner

    def _refuse(self) -> Never:
        raise DescriptionError(
            "in the body of a class, an attribute has no value yet. Use it in a method, as self.<name>, or hand it to "
            "allocate(...) as it is."
        )

    def __bool__(self) -> bool:
        self._refuse()

    def __eq__(self, other: object) -> bool:
        return other is self or self._refuse()

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        self._refuse()

    def __format__(self, spec: str) -> str:
        self._refuse()


class Way:
    """What leads to the parent or the owner; its attributes can be handed to allocators."""

    def __init__(self, field: Field) -> None:
        """:param field: what is said about it"""
        self._field = field

    def __set_name__(self, owner: type, name: str) -> None:
        self._field.__set_name__(owner, name)

    def __getattr__(self, name: str) -> "FieldOf":
        if name.startswith("_"):
            raise AttributeError(name)
        return FieldOf(self._field, name)


def field_of(value: object) -> Field | None:
    """
    What is said about an attribute or relation.

    :param value: the value of a name in the body of a class
    """
    return value._field if isinstance(value, Way) else value if isinstance(value, Field) else None


@dataclass(frozen=True, eq=False)
class FieldOf:
    """An attribute of the parent or owner, in the arguments of an allocator: ``service.name``."""

    of: Field
    name: str


def rw(
    description: str | None,
    *,
    default: object = MISSING,
    key: bool = False,
    at_least: int = 0,
    at_most: int | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Any:
    """
    An attribute or relation that is set when the service is created, and never changes.

    :param description: what it stands for; it reaches the service catalog. None has the catalog say nothing
    :param default: the value when none is given
    :param key: whether it tells embedded entities apart
    :param at_least: for a list of embedded entities or services, the smallest number of elements
    :param at_most: for such a list, the greatest number of elements; no limit when left out
    :param annotations: annotations, like those of ``web``
    """
    return Field("rw", description, default, key, at_least, at_most, annotations=annotations or {})


def rw_plus(
    description: str | None,
    *,
    default: object = MISSING,
    key: bool = False,
    at_least: int = 0,
    at_most: int | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Any:
    """
    An attribute or relation that can be changed at any time.

    :param description: what it stands for; it reaches the service catalog. None has the catalog say nothing
    :param default: the value when none is given
    :param key: accepted to be refused with an explanation: what tells elements apart cannot change
    :param at_least: for a list of embedded entities or services, the smallest number of elements
    :param at_most: for such a list, the greatest number of elements; no limit when left out
    :param annotations: annotations, like those of ``web``
    """
    return Field("rw+", description, default, key, at_least, at_most, annotations=annotations or {})


def r(
    description: str | None,
    *,
    allocator: Allocation | None = None,
    value: Callable[[Any], object] | None = None,
    at_least: int = 0,
    at_most: int | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Any:
    """
    An attribute or relation that the orchestrator sets.

    Its type is optional, since it is null until it is set.

    :param description: what it stands for; it reaches the service catalog. None has the catalog say nothing
    :param allocator: where its value comes from, when it is found once and kept
    :param value: its value, when it follows from the service and is kept up to date: a function of the service
    :param at_least: for a list of services, the smallest number of elements
    :param at_most: for such a list, the greatest number of elements; no limit when left out
    :param annotations: annotations, like those of ``web``
    """
    return Field(
        "r",
        description,
        None,
        at_least=at_least,
        at_most=at_most,
        allocation=allocator,
        value=value,
        annotations=annotations or {},
    )


def owner(
    description: str | None, *, modifier: Literal["rw", "rw+", "r"] = "rw", annotations: Mapping[str, Any] | None = None
) -> Any:
    """
    The service that this one is a part of: it lives in the owner's resource set and is compiled together with it.

    :param description: what it stands for; it reaches the service catalog. None has the catalog say nothing
    :param modifier: who may set it
    :param annotations: annotations, like those of ``web``
    """
    return Way(Field("owner", description, modifier=modifier, annotations=annotations or {}))


def parent() -> Any:
    """In an embedded entity, the entity that it is embedded in; it is no part of the service catalog."""
    return Way(Field("parent"))
