"""Services, their embedded entities, attributes, relations and resources, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from service_generator.model.expressions import Node
from service_generator.model.places import Place
from service_generator.model.resources import Resource
from service_generator.model.types import AttributeType, Cardinality, Typedef

type Modifier = Literal["r", "rw", "rw+"]


@dataclass(frozen=True)
class FreeInteger:
    """An allocator: the first integer of a range that no other element of its kind holds."""

    start: Node
    end: Node


@dataclass(frozen=True)
class CustomAllocator:
    """An allocator that the Python side of the module defines."""

    plugin: str
    source: Path
    location: str
    siblings: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, Node], ...] = ()


type Allocator = FreeInteger | CustomAllocator


@dataclass(frozen=True)
class Attribute:
    """An attribute of a service or of an embedded entity."""

    name: str
    type: AttributeType
    modifier: Modifier
    description: str
    has_default: bool = False
    default: object = None
    is_key: bool = False
    allocator: Allocator | None = None


@dataclass(frozen=True)
class EmbeddedRelation:
    """The relation of an entity to the entities that are embedded in it."""

    name: str
    target: Entity
    cardinality: Cardinality
    modifier: Modifier
    description: str


@dataclass(frozen=True)
class ServiceRelation:
    """The relation of an entity to another service; through ``owner`` that service owns this one."""

    name: str
    target: str
    target_namespace: str
    cardinality: Cardinality
    modifier: Modifier
    description: str
    is_owner: bool = False


@dataclass(frozen=True)
class ParentRelation:
    """The relation of an embedded entity to the entity that it is embedded in, given by its full name."""

    name: str
    target: str


@dataclass
class Entity:
    """A service or an embedded entity."""

    name: str
    namespace: str
    description: str
    attributes: tuple[Attribute, ...] = ()
    embedded: tuple[EmbeddedRelation, ...] = ()
    services: tuple[ServiceRelation, ...] = ()
    parent: ParentRelation | None = None
    resources: tuple[Resource, ...] = ()
    element_of: Cardinality | None = None
    has_resources: bool = False

    @property
    def keys(self) -> tuple[Attribute, ...]:
        """The attributes that tell the elements of a list apart."""
        return tuple(attribute for attribute in self.attributes if attribute.is_key)

    @property
    def full_name(self) -> str:
        """The name with its namespace."""
        return f"{self.namespace}::{self.name}"

    def descendants(self) -> Iterator[Entity]:
        """This entity and all that are embedded in it, the embedded ones first."""
        for relation in self.embedded:
            yield from relation.target.descendants()
        yield self

    @property
    def deploys(self) -> bool:
        """Whether this entity, or one that is embedded in it, has resources."""
        return any(entity.has_resources for entity in self.descendants())

    @property
    def tracks_changes(self) -> bool:
        """Whether an element knows that an update added or removed it."""
        return self.element_of is not None and (self.element_of.many or self.deploys)


@dataclass
class Service:
    """A service: its root entity and how it is offered."""

    entity: Entity
    identity: str
    identity_display_name: str | None
    lifecycle: str
    owner: ServiceRelation | None = None
    place: Place | None = None


@dataclass
class Namespace:
    """What one description file describes, and so what one namespace of the model holds."""

    name: str
    source: str
    description: str = ""
    typedefs: list[Typedef] = field(default_factory=list)
    shared: list[Resource] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities of the namespace, the embedded ones before what they are embedded in."""
        return tuple(entity for service in self.services for entity in service.entity.descendants())


@dataclass
class Module:
    """A whole module."""

    name: str
    root: Path
    source: str
    settings: str
    namespaces: list[Namespace]

    @property
    def runtime(self) -> str:
        """The namespace of the plugins that generated models call."""
        return f"{self.name}::unrolling"
