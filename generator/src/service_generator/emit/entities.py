"""Entities, relations, indexes and implementations of one namespace, as elements of inmanta-module-factory."""

from dataclasses import replace

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
from service_generator.emit.text import render, wrap
from service_generator.emit.types import attribute_element
from service_generator.model import services as model
from service_generator.model.expressions import Construct, Node, Variable
from service_generator.model.names import private, snake_case
from service_generator.model.types import Cardinality

_ANNOTATIONS = {"r": "lsm::__r__", "rw": "lsm::__rw__", "rw+": "lsm::__rwplus__"}
_FOR_SERVICE = (("requires", "self.requires"), ("provides", "self.provides"))


class EntityElements:
    """All elements of the entities of one namespace, in the order in which they are written."""

    def __init__(self, namespace: model.Namespace) -> None:
        """:param namespace: the namespace, as described"""
        self._namespace = namespace.name
        self._path = namespace.name.split("::")
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
            fields += [attribute_element(attribute), ModifierAttribute(attribute.name, attribute.modifier)]
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

    def _resource(self, element: Entity, resource: model.Resource) -> EntityRelation:
        peer = self._nameless(resource.construct.entity)
        return self._relation(element, resource.name, Cardinality(0, 1), resource.description, peer, ())

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
        text = render(
            "resources.cf.j2",
            namespace=self._namespace,
            parent=private(entity.parent.name) if entity.parent is not None else None,
            resources=[_for_service(resource) for resource in entity.resources],
        )
        implementation = Implementation(f"{snake_case(entity.name)}_resources", self._path, element, text)
        for resource in entity.resources:
            nodes: list[Node] = [resource.construct, *(required.node for required in resource.requires)]
            nodes += [resource.condition] if resource.condition is not None else []
            for namespace in set().union(*map(namespaces_in, nodes)) - {self._namespace}:
                implementation.add_import(namespace)
        return implementation


def _parents(entity: model.Entity) -> list[Entity]:
    if entity.element_of is None:
        return [Entity("ServiceEntity", ["lsm"], fields=[Attribute("instance_id", InmantaStringType)])]
    embedded = Entity("EmbeddedEntity", ["lsm"])
    return [embedded, Entity("ServiceBase", ["lsm"])] if entity.deploys else [embedded]


def _has_statements(entity: model.Entity) -> bool:
    return bool(entity.resources) or entity.element_of is not None


def _for_service(resource: model.Resource) -> model.Resource:
    if not resource.owned:
        # It has to be the same for all services.
        return resource
    # What comes before or after the service as a whole comes before or after each of its resources.
    added = tuple((name, Variable(value)) for name, value in _FOR_SERVICE)
    construct = Construct(resource.construct.entity, resource.construct.attributes + added)
    return replace(resource, construct=construct)
