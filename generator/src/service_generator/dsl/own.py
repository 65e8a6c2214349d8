"""Entities and resources that the module itself defines, besides its services."""

from typing import Any, ClassVar, Self, cast

from service_generator.dsl.expressions import Reference
from service_generator.dsl.fields import MISSING, Field
from service_generator.dsl.modules import Instance, construct
from service_generator.dsl.parts import Part
from service_generator.installed import InstalledAttribute, InstalledEntity, InstalledRelation, describe_entity
from service_generator.kinds import ANY, BOOL, DICT, FLOAT, INT, STRING, Kind

_KINDS: dict[object, Kind] = {str: STRING, int: INT, float: FLOAT, bool: BOOL, dict: DICT}


def attribute(description: str, *, default: object = MISSING) -> Any:
    """
    An attribute of an entity or resource of one's own.

    :param description: what it stands for
    :param default: the value when none is given
    """
    return Field("rw", description, default)


def related(entity: str, description: str, *, optional: bool = False, many: bool = False) -> Any:
    """
    A relation of an entity or resource of one's own to an entity of an installed module.

    :param entity: its full name, like ``std::Host``
    :param description: what it stands for
    :param optional: whether there may be none
    :param many: whether there may be several
    """
    return Relation(entity, description, optional, many)


class Relation:
    """What is said about a relation of an entity of one's own."""

    def __init__(self, entity: str, description: str, optional: bool, many: bool) -> None:
        """
        :param entity: the full name of the other entity
        :param description: what it stands for
        :param optional: whether there may be none
        :param many: whether there may be several
        """
        self.entity = entity
        self.description = description
        self.lower = 0 if optional or many else 1
        self.upper = None if many else 1


def _placeholder(part: type[Part]) -> str:
    # The namespace follows from the Python module, once it is known which package of descriptions that is part of.
    return f"@{part.__module__}::{part.__name__}"


class OwnEntity(Part, Reference):
    """
    An entity that the module defines, to be made by helpers and shared functions.

    The class body lists its attributes, ``<name>: <type> = attribute("<description>")``, and ``unique`` what tells it apart.
    Calling the class describes an instance.
    """

    extends: ClassVar[str] = "std::Entity"
    """What it inherits from."""

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        """:param abstract: whether the class is only there for others to inherit from"""
        super().__init_subclass__(abstract=abstract)
        entity = InstalledEntity(_placeholder(cls), (cls.extends,))
        describe_entity(entity)
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if isinstance(value, Field):
                    hint = base.__annotations__.get(name)
                    kind = _KINDS.get(hint, ANY)
                    entity.attributes[name] = InstalledAttribute(kind.item, kind, value.default is not MISSING)
                elif isinstance(value, Relation):
                    entity.relations[name] = InstalledRelation(value.entity, value.lower, value.upper, None)

    def __new__(cls, **attributes: object) -> Self:
        """
        Describe an instance.

        :param attributes: its attributes and relations
        """
        return cast(Self, Instance(construct(_placeholder(cls), attributes), _placeholder(cls)))


class OwnResource(OwnEntity):
    """
    A resource that the module defines. Its handler is Python, somewhere in ``inmanta_plugins/<module>``: a class with
    ``@resource("<module>::<namespace>::<name>", ...)`` and a handler with ``@provider(...)``.
    """

    extends: ClassVar[str] = "std::PurgeableResource"
    """What it inherits from."""
