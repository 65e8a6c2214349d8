"""Entities, relations, indexes and implementations of one namespace, as elements of inmanta-module-factory."""

from collections.abc import Mapping
from typing import Any

from inmanta_module_factory.inmanta.attribute import Attribute
from inmanta_module_factory.inmanta.entity import Entity
from inmanta_module_factory.inmanta.entity_field import EntityField
from inmanta_module_factory.inmanta.entity_relation import EntityRelation
from inmanta_module_factory.inmanta.implement import Implement
from inmanta_module_factory.inmanta.implementation import Implementation
from inmanta_module_factory.inmanta.index import Index
from inmanta_module_factory.inmanta.module_element import ModuleElement
from inmanta_module_factory.inmanta.types import InmantaAdvancedType, InmantaBaseType, InmantaBooleanType, InmantaStringType

from service_generator.emit.elements import AnnotatedRelation, AnnotationsAttribute, DescribedEntity, ModifierAttribute
from service_generator.emit.expressions import namespaces_in
from service_generator.emit.statements import render
from service_generator.emit.text import wrap
from service_generator.emit.types import attribute_element
from service_generator.errors import DescriptionError
from service_generator.model import services as model
from service_generator.model.expressions import Construct, data_node
from service_generator.model.hygiene import name_statements
from service_generator.model.implementing import SELF, implementation
from service_generator.model.names import INHERITED, PREVIOUS, private, snake_case
from service_generator.model.resources import Resource, SharedByKey
from service_generator.model.statements import Assign, SetMember, expressions
from service_generator.model.types import Cardinality

_ANNOTATIONS = {"r": "lsm::__r__", "rw": "lsm::__rw__", "rw+": "lsm::__rwplus__"}


class EntityElements:
    """All elements of the entities of one namespace, in the order in which they are written."""

    def __init__(self, namespace: model.Namespace) -> None:
        """:param namespace: the namespace, as described"""
        self._namespace = namespace.name
        self._path = namespace.name.split("::")
        self._shared = {shared.name for shared in namespace.shared}
        self._entities: dict[str, Entity] = {}
        self.elements: list[ModuleElement] = []
        self.annotations: list[Assign] = []
        """Variables with the annotations of relations, which have to be made before the relations."""
        for own in namespace.own:
            self._own(own)
        for shared in namespace.shared_by_key:
            self._shared_by_key(shared)
        identities = {service.entity.full_name: service.identity for service in namespace.services}
        for entity in namespace.entities:
            self._add(entity, identities.get(entity.full_name, ""))

    def _own(self, own: model.OwnEntity) -> None:
        *path, parent = own.extends.split("::")
        element = Entity(
            own.name,
            self._path,
            fields=[attribute_element(attribute) for attribute in own.attributes],
            parents=[Entity(parent, path)],
            description=wrap(own.description),
            force_attribute_doc=False,
            sort_attributes=False,
        )
        self.elements += [element, *(self._index(own.name, names) for names in own.unique)]
        for found in own.relations:
            peer = self._nameless(found.target)
            self.elements.append(self._relation(element, found.name, found.cardinality, found.description, peer, ()))
        nothing = Implementation("none", ["std"], element, "")
        self.elements.append(Implement(self._path, None, element, implementations=[nothing]))

    def _shared_by_key(self, shared: SharedByKey) -> None:
        fields = [Attribute(name, InmantaBaseType(kind)) for name, kind in shared.key]
        key = Entity(shared.entity, self._path, fields=fields, description=wrap(shared.description), force_attribute_doc=False)
        made = AnnotatedRelation("made", self._path, (0, 1), wrap(shared.description), self._nameless(shared.construct.entity))
        made.attach_entity(key)
        statements = (SetMember(shared.place, SELF, "made", shared.construct),)
        name = f"shared_{shared.name}"
        named = name_statements(statements, frozenset({*self._shared, *(name for name, _ in shared.key)}))
        implementation = Implementation(name, self._path, key, render(named, self._namespace))
        for node in expressions(named):
            for namespace in namespaces_in(node, self._namespace) - {self._namespace}:
                implementation.add_import(namespace)
        implement = Implement(self._path, None, key, implementations=[implementation])
        self.elements += [
            key,
            self._index(shared.entity, tuple(name for name, _ in shared.key)),
            made,
            implementation,
            implement,
        ]

    def _add(self, entity: model.Entity, identity: str) -> None:
        element = self._entity(entity)
        self._entities[entity.full_name] = element
        self.elements.append(element)
        self.elements += self._indexes(element, entity, identity)
        self.elements += [self._embedded(element, relation) for relation in entity.embedded]
        self.elements += [self._service(element, relation) for relation in entity.services]
        inherited = {resource.name for resource in entity.base.resources} if entity.base else set()
        self.elements += [self._resource(element, found) for found in entity.resources if found.name not in inherited]
        self.elements += [self._before(element, found) for found in entity.resources if entity.before.get(found.name)]
        self.elements += self._implementations(element, entity)

    def _entity(self, entity: model.Entity) -> Entity:
        fields: list[EntityField] = []
        for attribute in entity.attributes:
            followed = entity.tracks_changes or entity.annotations or entity.keeps_previous
            last = attribute is entity.attributes[-1] and not followed
            modifier = ModifierAttribute(attribute.name, attribute.modifier, last=last and not attribute.annotations)
            try:
                fields += [attribute_element(attribute), modifier]
            except DescriptionError as error:
                raise error.within(f"{entity.name}.{attribute.name}") from error
            if attribute.annotations:
                fields.append(AnnotationsAttribute(f"{attribute.name}__annotations", attribute.annotations, last=last))
        if entity.tracks_changes:
            fields += [Attribute(private(flag), InmantaBooleanType, default="false") for flag in ("added", "removed")]
        if entity.keeps_previous:
            fields.append(Attribute(PREVIOUS, InmantaAdvancedType("dict"), optional=True, default="null"))
        if entity.annotations:
            fields.append(AnnotationsAttribute("__annotations", entity.annotations, last=True))
        return DescribedEntity(
            entity.name,
            self._path,
            fields=fields,
            parents=self._parents(entity),
            description=wrap(entity.description),
            force_attribute_doc=False,
            sort_attributes=False,
        )

    def _indexes(self, element: Entity, entity: model.Entity, identity: str) -> list[Index]:
        indexed: list[tuple[str, ...]] = []
        if entity.is_service:
            # The orchestrator refuses a second instance with the same identity; the model does so wherever it is compiled.
            indexed += [] if entity.base is not None else [("instance_id",)]
            indexed += [(identity,)] if identity else []
        elif entity.keys and entity.parent is not None:
            indexed.append((private(entity.parent.name), *(key.name for key in entity.keys)))
        indexed += entity.unique
        return [self._index(element.name, names) for names in indexed]

    def _index(self, name: str, members: tuple[str, ...]) -> Index:
        # Only names are written, also of what the entity inherits.
        fields = [Attribute(member, InmantaStringType) for member in members]
        return Index(self._path, Entity(name, self._path, fields=fields), fields)

    def _embedded(self, element: Entity, relation: model.EmbeddedRelation) -> EntityRelation:
        way = relation.parent
        arity = (1, 1) if len(relation.target.parents) == 1 else (0, 1)
        peer = EntityRelation(private(way.name), self._path, arity)
        peer.attach_entity(self._known(relation.target.full_name))
        annotations = (_ANNOTATIONS[relation.modifier], *self._annotations(element, relation.name, relation.annotations))
        return self._relation(element, relation.name, relation.cardinality, relation.description, peer, annotations)

    def _service(self, element: Entity, relation: model.ServiceRelation) -> EntityRelation:
        peer = self._nameless(f"{relation.target_namespace}::{relation.target}")
        more = self._annotations(element, relation.name, relation.annotations)
        annotations = ("lsm::__service__", _ANNOTATIONS[relation.modifier], *more)
        return self._relation(element, relation.name, relation.cardinality, relation.description, peer, annotations)

    def _annotations(self, element: Entity, relation: str, annotations: Mapping[str, Any]) -> tuple[str, ...]:
        if not annotations:
            return ()
        name = f"__{snake_case(element.name)}_{relation}__"
        made = Construct("lsm::RelationAnnotations", (("annotations", data_node(annotations)),))
        self.annotations.append(Assign(None, name, made))
        return (name,)

    def _known(self, full_name: str) -> Entity:
        *path, name = full_name.split("::")
        return self._entities.get(full_name) or Entity(name, path)

    def _resource(self, element: Entity, resource: Resource) -> EntityRelation:
        peer = self._nameless(resource.entity)
        cardinality = Cardinality(0, None if resource.many else 1)
        return self._relation(element, resource.name, cardinality, resource.description, peer, ())

    def _parents(self, entity: model.Entity) -> list[Entity]:
        if entity.base is not None:
            return [self._known(entity.base.full_name)]
        if entity.is_service:
            return [Entity("ServiceEntity", ["lsm"])]
        embedded = Entity("EmbeddedEntity", ["lsm"])
        return [embedded, Entity("ServiceBase", ["lsm"])] if entity.deploys else [embedded]

    def _before(self, element: Entity, resource: Resource) -> EntityRelation:
        description = f"What an update left behind of {resource.name}."
        peer = self._nameless(resource.entity)
        return self._relation(element, private(f"{resource.name}_before"), Cardinality(0, None), description, peer, ())

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
        implementations = [self._implementation(element, entity)] if _has_statements(entity) else []
        used = [*implementations, *(self._hand_written(element, name) for name in entity.hand_written)]
        implement = Implement(self._path, None, element, using_parents=True, implementations=used)
        return [*implementations, implement]

    def _hand_written(self, element: Entity, full_name: str) -> Implementation:
        *path, name = full_name.split("::")
        return Implementation(name, path, element, "")

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
        members = (entity.all_attributes(), entity.all_embedded(), entity.all_services(), entity.resources)
        return frozenset({member.name for kind in members for member in kind} | self._shared | INHERITED)


def _has_statements(entity: model.Entity) -> bool:
    if entity.is_abstract:
        return False
    in_tree = bool(entity.parents) and entity.deploys
    return bool(entity.resources or entity.computed or entity.actions) or in_tree
