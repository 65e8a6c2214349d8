"""Services, their embedded entities, attributes, relations and resources, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from service_generator.model.expressions import Node
from service_generator.model.lifecycles import StateMachine
from service_generator.model.resources import Resource, SharedByKey
from service_generator.model.statements import Statement
from service_generator.model.types import AttributeType, Cardinality, Typedef
from service_generator.places import Place

type Modifier = Literal["r", "rw", "rw+"]


@dataclass(frozen=True)
class FreeInteger:
    """An allocator: the first integer of a range that no other element of its kind holds."""

    start: Node
    end: Node
    pool: str | None = None


@dataclass(frozen=True)
class Argument:
    """
    An attribute that an allocator is given.

    :param name: the argument
    :param attribute: the attribute
    :param levels: how far up it is: 0 for the entity itself, 1 for what it is embedded in, and so on
    :param owner: the relation to the owner whose attribute it is, if it is not one of the service itself
    """

    name: str
    attribute: str
    levels: int = 0
    owner: str = ""


@dataclass(frozen=True)
class CustomAllocator:
    """An allocator that the Python side of the module defines."""

    plugin: str
    source: Path
    location: str
    arguments: tuple[Argument, ...] = ()
    values: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class SpecAllocator:
    """An allocator of the ``allocation_spec`` of the service: the model only reads what it found."""


type Allocator = FreeInteger | CustomAllocator | SpecAllocator


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
    computed: bool = False
    annotations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """A plugin that is called for its effect."""

    name: str
    call: Node
    condition: Node | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Lifecycle:
    """A lifecycle that the description itself defines."""

    variable: str
    machine: StateMachine


@dataclass(frozen=True)
class EmbeddedRelation:
    """The relation of an entity to the entities that are embedded in it."""

    name: str
    target: Entity
    cardinality: Cardinality
    modifier: Modifier
    description: str
    parent: ParentRelation
    annotations: Mapping[str, Any] = field(default_factory=dict)


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
    installed: bool = False
    annotations: Mapping[str, Any] = field(default_factory=dict)


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
    parents: tuple[ParentRelation, ...] = ()
    base: Entity | None = None
    is_service: bool = False
    hand_written: tuple[str, ...] = ()
    keeps_previous: bool = False
    before: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    is_abstract: bool = False
    annotations: Mapping[str, Any] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    computed: tuple[tuple[str, Node], ...] = ()
    actions: tuple[Action, ...] = ()
    resources: tuple[Resource, ...] = ()
    element_of: Cardinality | None = None
    has_resources: bool = False

    @property
    def parent(self) -> ParentRelation | None:
        """The way back to what it is embedded in, where there is only one."""
        return self.parents[0] if len(self.parents) == 1 else None

    @property
    def keys(self) -> tuple[Attribute, ...]:
        """The attributes that tell the elements of a list apart."""
        return tuple(attribute for attribute in self.all_attributes() if attribute.is_key)

    def all_attributes(self) -> tuple[Attribute, ...]:
        """The attributes, those of the abstract base included."""
        return (self.base.all_attributes() if self.base else ()) + self.attributes

    def all_embedded(self) -> tuple[EmbeddedRelation, ...]:
        """The relations to embedded entities, those of the abstract base included."""
        return (self.base.all_embedded() if self.base else ()) + self.embedded

    def all_services(self) -> tuple[ServiceRelation, ...]:
        """The relations to services, those of the abstract base included."""
        return (self.base.all_services() if self.base else ()) + self.services

    @property
    def full_name(self) -> str:
        """The name with its namespace."""
        return f"{self.namespace}::{self.name}"

    def descendants(self) -> Iterator[Entity]:
        """This entity and all that are embedded in it, the embedded ones first, each once."""
        found: dict[int, Entity] = {}
        for relation in self.all_embedded():
            found.update((id(entity), entity) for entity in relation.target.descendants())
        yield from found.values()
        yield self

    @property
    def deploys(self) -> bool:
        """Whether this entity, or one that is embedded in it, has resources."""
        return any(entity.has_resources for entity in self.descendants()) or bool(self.base and self.base.deploys)

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
    catalog_name: str
    owner: ServiceRelation | None = None
    strict: bool = True
    allocation_spec: str | None = None
    versions: tuple[int, ...] = ()
    default_version: bool = False
    place: Place | None = None


@dataclass(frozen=True)
class OwnRelation:
    """A relation of an entity that the module defines to one of an installed module."""

    name: str
    target: str
    cardinality: Cardinality
    description: str


@dataclass(frozen=True)
class OwnEntity:
    """An entity that the module defines, which is neither a service nor embedded in one."""

    name: str
    namespace: str
    description: str
    extends: str
    attributes: tuple[Attribute, ...]
    relations: tuple[OwnRelation, ...]
    unique: tuple[tuple[str, ...], ...]


@dataclass
class Namespace:
    """What one description file describes, and so what one namespace of the model holds."""

    name: str
    source: str
    description: str = ""
    typedefs: list[Typedef] = field(default_factory=list)
    shared: list[Resource] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    lifecycles: list[Lifecycle] = field(default_factory=list)
    shared_by_key: list[SharedByKey] = field(default_factory=list)
    own: list[OwnEntity] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities of the namespace, what others extend first, and the embedded ones before what they are embedded in."""
        return tuple(entity for entity in self.found if entity.namespace == self.name)


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
