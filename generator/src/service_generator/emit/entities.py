"""Entities, relations, indexes and implementations of one namespace, as elements of inmanta-module-factory."""

from inmanta_module_factory.inmanta.attribute import Attribute
from inmanta_module_factory.inmanta.entity import Entity
from inmanta_module_factory.inmanta.entity_field import EntityField
from inmanta_module_factory.inmanta.entity_relation import EntityRelation
from inmanta_module_factory.inmanta.implement import Implement
from inmanta_module_factory.inmanta.implementation import Implementation
from inmanta_module_factory.inmanta.index import Index
from inmanta_module_factory.inmanta.module_element import ModuleElement
from inmanta_module_factory.inmanta.types import InmantaBooleanType, InmantaStringType

from service_generator.emit.elements import AnnotatedRelation, ModifierAttribute
from service_generator.emit.expressions import namespaces_in
from service_generator.emit.statements import render
from service_generator.emit.text import wrap
from service_generator.emit.types import attribute_element
from service_generator.model import services as model
from service_generator.model.hygiene import name_statements
from service_generator.model.implementing import implementation
from service_generator.model.names import INHERITED, private, snake_case
from service_generator.model.resources import Resource
from service_generator.model.statements import expressions
from service_generator.model.types import Cardinality

_ANNOTATIONS = {"r": "lsm::__r__", "rw": "lsm::__rw__", "rw+": "lsm::__rwplus__"}


class EntityElements:
    """All elements of the entities of one namespace, in the order in which they are written."""

    def __init__(self, namespace: model.Namespace) -> None:
        """
        :param namespace: the namespace, as described
        """
        self._namespace = namespace.name
        self._path = namespace.name.split("::")
        self._shared = {shared.name for shared in namespace.shared}
        self._entities: dict[str, Entity] = {}
        self.elements: list[ModuleElement] = []
        for service in namespace.services:
            for entity in service.entity.descendants():
                self._add(entity, service.identity)

    def _add(self, entity: model.Entity, identity: str) -> None:
        element = self._entity(entity)
        self._entities[entity.full_name] = element
        self.elements.append(element)
        self.elements += self._indexes(element, entity, identity)
        self.elements += [self._embedded(element, relation) for relation in entity.embedded]
        self.elements += [self._service(element, relation) for relation in entity.services]
        self.elements += [self._resource(element, resource) for resource in entity.resources]
        self.elements += self._implementations(element, entity)

    def _entity(self, entity: model.Entity) -> Entity:
        fields: list[EntityField] = []
        for attribute in entity.attributes:
            last = attribute is entity.attributes[-1] and not entity.tracks_changes
            modifier = ModifierAttribute(attribute.name, attribute.modifier, last=last)
            fields += [attribute_element(attribute), modifier]
        if entity.tracks_changes:
            fields += [Attribute(private(flag), InmantaBooleanType, default="false") for flag in ("added", "removed")]
        if entity.parent is not None:
            fields.append(EntityRelation(private(entity.parent.name), self._path, (1, 1)))
        return Entity(
            entity.name,
            self._path,
            fields=fields,
            parents=_parents(entity),
            description=wrap(entity.description),
            force_attribute_doc=False,
            sort_attributes=False,
        )

    def _indexes(self, element: Entity, entity: model.Entity, identity: str) -> list[Index]:
        if entity.element_of is None:
            # The orchestrator refuses a second instance with the same identity; the model does so wherever it is compiled.
            indexed = [["instance_id"], [identity]]
        elif entity.keys:
            assert entity.parent is not None
            indexed = [[private(entity.parent.name), *(key.name for key in entity.keys)]]
        else:
            indexed = []
        fields = {field.name: field for field in element.all_fields()}
        return [Index(self._path, element, [fields[name] for name in names]) for names in indexed]

    def _embedded(self, element: Entity, relation: model.EmbeddedRelation) -> EntityRelation:
        parent = relation.target.parent
        assert parent is not None
        peer = EntityRelation(private(parent.name), self._path, (1, 1))
        peer.attach_entity(self._entities[relation.target.full_name])
        annotations = (_ANNOTATIONS[relation.modifier],)
        return self._relation(element, relation.name, relation.cardinality, relation.description, peer, annotations)

    def _service(self, element: Entity, relation: model.ServiceRelation) -> EntityRelation:
        peer = self._nameless(f"{relation.target_namespace}::{relation.target}")
        annotations = ("lsm::__service__", _ANNOTATIONS[relation.modifier])
        return self._relation(element, relation.name, relation.cardinality, relation.description, peer, annotations)

    def _resource(self, element: Entity, resource: Resource) -> EntityRelation:
        peer = self._nameless(resource.entity)
        cardinality = Cardinality(0, None if resource.many else 1)
        return self._relation(element, resource.name, cardinality, resource.description, peer, ())

    def _nameless(self, target: str) -> EntityRelation:
        *path, name = target.split("::")
        peer = EntityRelation("", self._path, (0, 1))
        peer.attach_entity(Entity(name, path))
        return peer

    def _relation(
        self,
        element: Entity,
        name: str,
        cardinality: Cardinality,
        description: str,
        peer: EntityRelation,
        annotations: tuple[str, ...],
    ) -> EntityRelation:
        relation = AnnotatedRelation(name, self._path, (cardinality.lower, cardinality.upper), wrap(description), peer)
        # Attached, but no field of the entity: fields turn up in its docstring, and with that in the service catalog.
        relation.attach_entity(element)
        relation.annotations = annotations
        return relation

    def _implementations(self, element: Entity, entity: model.Entity) -> list[ModuleElement]:
        implementations = [self._implementation(element, entity)] if entity.deploys and _has_statements(entity) else []
        implement = Implement(self._path, None, element, using_parents=True, implementations=implementations)
        return [*implementations, implement]

    def _implementation(self, element: Entity, entity: model.Entity) -> Implementation:
        statements = name_statements(implementation(entity), self._taken(entity))
        name = f"{snake_case(entity.name)}_resources"
        made = Implementation(name, self._path, element, render(statements, self._namespace))
        for node in expressions(statements):
            for namespace in namespaces_in(node, self._namespace) - {self._namespace}:
                made.add_import(namespace)
        return made

    def _taken(self, entity: model.Entity) -> frozenset[str]:
        # Inside of an implementation, the members of the entity and the variables of the namespace go by their names.
        members = (entity.attributes, entity.embedded, entity.services, entity.resources)
        return frozenset({member.name for kind in members for member in kind} | self._shared | INHERITED)


def _parents(entity: model.Entity) -> list[Entity]:
    if entity.element_of is None:
        return [Entity("ServiceEntity", ["lsm"], fields=[Attribute("instance_id", InmantaStringType)])]
    embedded = Entity("EmbeddedEntity", ["lsm"])
    return [embedded, Entity("ServiceBase", ["lsm"])] if entity.deploys else [embedded]


def _has_statements(entity: model.Entity) -> bool:
    return bool(entity.resources) or entity.element_of is not None
