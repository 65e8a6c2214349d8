"""From the bindings and entities of a compiled model to services, as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from inmanta.ast.attribute import Attribute, RelationAttribute
from inmanta.ast.entity import Entity
from inmanta.execute.proxy import DynamicProxy

from service_generator.errors import DescriptionError
from service_generator.importing import members
from service_generator.importing.allocations import read_allocations
from service_generator.importing.compiled import Compiled
from service_generator.importing.kept import NAME, Described, Kept, keep
from service_generator.importing.model_text import ModelText
from service_generator.importing.names import check_member
from service_generator.importing.types import TypeReader
from service_generator.lifecycles import machine_of
from service_generator.model import services as model
from service_generator.model.types import Cardinality, Typedef

_BINDINGS = ("lsm::ServiceEntityBinding", "lsm::ServiceEntityBindingV2", "lsm::ServiceBinding")


@dataclass
class Imported:
    """What was found in a namespace, to be described."""

    namespace: str
    services: list[model.Service] = field(default_factory=list)
    entities: list[model.Entity] = field(default_factory=list)
    """All entities, each after those that it extends and those that are embedded in it."""
    lifecycles: list[model.Lifecycle] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the description does not say, a sentence each."""
    kept: Kept = field(default_factory=Kept)
    """What the description does not say, and the model does."""

    def typedefs(self) -> list[Typedef]:
        """The types that are described, each after those that it is made from."""
        found: dict[str, Typedef] = {}
        for entity in self.entities:
            for attribute in entity.attributes:
                if isinstance(attribute.type.item, Typedef):
                    found |= {typedef.name: typedef for typedef in attribute.type.item.family()}
        return list(found.values())


@dataclass(frozen=True)
class _Bound:
    name: str
    number: int | None
    is_default: bool
    binding: Any

    @property
    def entity(self) -> str:
        return str(self.binding.service_entity)


def read_services(compiled: Compiled, namespace: str) -> Imported:
    """
    The services whose entities are in a namespace, or in one below it.

    :param compiled: the module, compiled
    :param namespace: the namespace
    :raises DescriptionError: there are none, or one of them cannot be described
    """
    bound = list(_bound(compiled))
    here = [one for one in bound if one.entity.startswith(f"{namespace}::")]
    if not here:
        raise DescriptionError(
            "no binding offers a service whose entity is in this namespace. Name the namespace of the entities.",
            where=namespace,
        )
    reader = _Reader(compiled, namespace, bound)
    for one in here:
        reader.read(one)
    return reader.finished()


def _bound(compiled: Compiled) -> Iterator[_Bound]:
    instances = [
        DynamicProxy(instance)
        for kind in _BINDINGS
        if isinstance(entity := compiled.types.get(kind), Entity)
        for instance in entity.get_all_instances()
    ]
    for binding in sorted(dict.fromkeys(instances), key=_written_at):
        found: Any = binding
        if members.extends(binding._type(), "lsm::ServiceBinding"):
            for version in sorted(found.versions, key=lambda version: int(version.version)):
                is_default = version.version == found.default_version
                yield _Bound(found.service_entity_name, version.version, is_default, version)
        else:
            yield _Bound(found.service_entity_name, None, False, found)


def _written_at(binding: Any) -> tuple[object, ...]:
    location = binding._get_instance().get_location()
    return location.file, location.lnr, getattr(location, "start_char", 0)


class _Reader:
    def __init__(self, compiled: Compiled, namespace: str, bound: list[_Bound]) -> None:
        self._compiled = compiled
        self._namespace = namespace
        self._bound = bound
        self._found = Imported(namespace)
        self._entities: dict[str, model.Entity] = {}
        self._services: dict[str, model.Service] = {}
        self._bindings: dict[str, Any] = {}
        self._machines: dict[Any, str] = {}
        self._undescribed = 0
        names = {name.rpartition("::")[2] for name in compiled.types if name.startswith(f"{namespace}::")}
        self._generated = f"{namespace.split('::')[0]}::services::{namespace.split('::')[-1]}"
        self._types = TypeReader(namespace, f"{self._generated}::{NAME}", {name for name in names if name[:1].isupper()})
        self._allocations = read_allocations(compiled.texts, compiled.types)

    def read(self, one: _Bound) -> None:
        known = self._services.get(one.entity)
        if known is not None:
            self._add_version(known, one)
            return
        binding = one.binding
        owner = members.optional(binding, "owner")
        way = binding.relation_to_owner if owner is not None else None
        spec = binding.allocation_spec
        entity = self._entity(self._type(one.entity), is_service=True, way=way, by_spec=spec is not None)
        service = model.Service(
            entity=entity,
            identity=binding.service_identity or "",
            identity_display_name=binding.service_identity_display_name,
            lifecycle=self._lifecycle(binding.lifecycle),
            catalog_name=one.name,
            owner=next((relation for relation in entity.all_services() if relation.is_owner), None),
            strict=bool(binding.strict_modifier_enforcement),
            allocation_spec=spec,
            versions=() if one.number is None else (one.number,),
            default_version=one.is_default,
        )
        entity.unique = self._unique(self._type(one.entity), service.identity)
        self._services[one.entity] = service
        self._bindings[one.entity] = binding
        self._found.services.append(service)

    def _add_version(self, known: model.Service, one: _Bound) -> None:
        if one.number is None or known.catalog_name != one.name or not known.versions:
            raise DescriptionError(
                f"it is bound to two services, {known.catalog_name} and {one.name}. Give each its own entity in the model.",
                where=one.entity,
            )
        if differs := members.difference(self._bindings[one.entity], one.binding):
            raise DescriptionError(
                f"its versions {known.versions[0]} and {one.number} have a {differs} each, and a class has one. "
                "Give them an entity each in the model.",
                where=one.entity,
            )
        # The last of the versions of a class is the one that is offered.
        known.versions = (
            (*known.versions, one.number)
            if one.is_default or not known.default_version
            else (*known.versions[:-1], one.number, known.versions[-1])
        )
        known.default_version = known.default_version or one.is_default

    def finished(self) -> Imported:
        notes = self._found.notes
        if self._undescribed:
            notes.append(
                f"{self._undescribed} of its entities, attributes, relations "
                f"{'has' if self._undescribed == 1 else 'have'} no documentation, and so the catalog says nothing: write a "
                "sentence for None, and a docstring for documented=False."
            )
        self._found.kept = self._keep()
        for name, implementations in self._found.kept.implementations.items():
            for entity in (one for one in self._found.entities if one.name == name):
                entity.hand_written = implementations
        notes += self._found.kept.notes
        return self._found

    def _keep(self) -> Kept:
        entities = self._found.entities
        relations = {(entity.name, relation.name) for entity in entities for relation in entity.embedded}
        relations |= {(entity.name, relation.name) for entity in entities for relation in entity.services}
        described = Described(
            namespace=self._namespace,
            generated=self._generated,
            entities={entity.name for entity in entities},
            relations=relations,
            typedefs={typedef.name for typedef in self._found.typedefs()},
            kept_types={name.rpartition("::")[2] for name in self._types.kept},
            offered=self._found.services[0].entity.name,
        )
        texts = [text for text in self._compiled.texts if described.is_in(text.namespace)]
        if self._namespace not in {text.namespace for text in texts}:
            texts.append(ModelText(self._namespace, {}, ()))
        return keep(texts, described, self._compiled.plugins)

    def _type(self, name: str) -> Entity:
        found = self._compiled.types.get(name)
        if not isinstance(found, Entity):
            raise DescriptionError("a binding names it, and there is no such entity. Correct the binding.", where=name)
        return found

    def _entity(self, found: Entity, *, is_service: bool, way: str | None = None, by_spec: bool = False) -> model.Entity:
        name = found.get_full_name()
        if name in self._entities:
            return self._entities[name]
        if any(entity.name == found.name for entity in self._entities.values()):
            raise DescriptionError("another entity has the same name, and both would be one class. Rename one.", where=name)
        base = self._base(found, is_service=is_service, way=way, by_spec=by_spec)
        entity = model.Entity(found.name, self._namespace, self._said(members.description(found)), base=base)
        entity.is_service = is_service
        entity.annotations = members.default(found, "__annotations", {})
        self._entities[name] = entity
        inherited = _names(base)
        for member in members.members(found):
            if member.name not in inherited:
                check_member(f"{found.name}.{member.name}", member.name)
                self._member(entity, found, member, way, by_spec)
        self._name_private(found)
        self._found.entities.append(entity)
        return entity

    def _base(self, found: Entity, *, is_service: bool, way: str | None, by_spec: bool) -> model.Entity | None:
        parents = [parent for parent in found.parent_entities if parent.get_full_name().split("::")[0] not in ("lsm", "std")]
        if len(parents) != 1 or any(one.entity == parents[0].get_full_name() for one in self._bound):
            return None
        of_parent = {member.name for member in members.members(parents[0])}
        overridden = of_parent & {name.partition("__")[0] or name for name in found.attributes}
        if overridden or not members.extends(parents[0], "lsm::ServiceEntity" if is_service else "lsm::EmbeddedEntity"):
            return None
        base = self._entity(parents[0], is_service=is_service, way=way, by_spec=by_spec)
        base.is_abstract = True
        return base

    def _member(self, entity: model.Entity, found: Entity, member: Attribute, way: str | None, by_spec: bool) -> None:
        if not isinstance(member, RelationAttribute):
            entity.attributes += (self._attribute(found, member, by_spec),)
        elif members.is_to_service(member):
            entity.services += (self._service_relation(found, member, member.name == way),)
        elif members.extends(_target(member), "lsm::EmbeddedEntity") and not self._leads_back(entity, member):
            entity.embedded += (self._embedded(entity, found, member, by_spec),)

    def _leads_back(self, entity: model.Entity, member: RelationAttribute) -> bool:
        back = self._entities.get(_target(member).get_full_name())
        return not entity.is_service and back is not None and back not in self._found.entities

    def _attribute(self, found: Entity, member: Attribute, by_spec: bool) -> model.Attribute:
        name = member.name
        where = f"{found.name}.{name}"
        modifier = members.default(found, f"{name}__modifier", "rw")
        kind = self._types.read(member.type, where)
        has_default = name in found.get_default_values()
        allocator: model.Allocator | None = None
        if modifier == "r":
            allocator = model.SpecAllocator() if by_spec else self._allocator(found, name)
            if not kind.optional or not has_default:
                self._found.notes.append(f"{where} is read-only: it becomes optional, and null until it has a value.")
        return model.Attribute(
            name=name,
            type=kind,
            modifier=modifier,
            description=self._said(members.attribute_description(found, name)),
            has_default=has_default,
            default=members.default(found, name),
            allocator=allocator,
            annotations=members.default(found, f"{name}__annotations", {}),
        )

    def _allocator(self, found: Entity, name: str) -> model.Allocator | None:
        attribute = found.get_full_name(), name
        if attribute in self._allocations.free_integers:
            return self._allocations.free_integers[attribute]
        if plugin := self._allocations.plugins.get(attribute):
            function = plugin.rpartition("::")[2]
            self._found.notes.append(
                f"{found.name}.{name} is read-only, and the plugin {plugin} finds its value: move it to "
                f'inmanta_plugins/{self._generated.replace("::", "/")}/lsm.py, and write allocator=allocate("{function}").'
            )
        else:
            self._found.notes.append(
                f"{found.name}.{name} is read-only, and only the model says where its value comes from: give it allocator= or "
                "value=."
            )
        return None

    def _service_relation(self, found: Entity, member: RelationAttribute, is_owner: bool) -> model.ServiceRelation:
        target = _target(member)
        namespace, _, name = target.get_full_name().rpartition("::")
        own = target.get_full_name().startswith(f"{self._namespace}::")
        return model.ServiceRelation(
            name=member.name,
            target=name,
            target_namespace=self._namespace if own else namespace,
            cardinality=Cardinality(member.low, member.high),
            modifier=members.modifier(member),
            description=self._said(members.relation_description(member)),
            is_owner=is_owner,
            installed=not own,
            annotations=members.relation_annotations(member),
        )

    def _embedded(
        self, holder: model.Entity, found: Entity, member: RelationAttribute, by_spec: bool
    ) -> model.EmbeddedRelation:
        where = f"{found.name}.{member.name}"
        target = _target(member)
        entity = self._entity(target, is_service=False, by_spec=by_spec)
        names = members.keys(member, target)
        if entity.parents and (names or entity.keys):
            self._found.notes.append(
                f"{where} holds {entity.name}, as another relation does: in the model that is generated, its elements are "
                "an entity of their own, with a name of its own in the catalog."
            )
        entity.attributes = tuple(_with_key(attribute, names) for attribute in entity.attributes)
        back = member.end.name if member.end is not None else ""
        entity.parents += (model.ParentRelation(back.lstrip("_"), holder.full_name),)
        return model.EmbeddedRelation(
            member.name,
            entity,
            Cardinality(member.low, member.high),
            members.modifier(member),
            self._said(members.relation_description(member)),
            entity.parents[-1],
            members.relation_annotations(member),
        )

    def _lifecycle(self, found: Any) -> str:
        if found in self._compiled.lifecycles:
            return self._compiled.lifecycles[found]
        if found not in self._machines:
            machine = machine_of(found)
            self._machines[found] = f"{machine.name} {len(self._machines)}"
            self._found.lifecycles.append(model.Lifecycle(self._machines[found], machine))
        return self._machines[found]

    def _unique(self, found: Entity, identity: str) -> tuple[tuple[str, ...], ...]:
        public = {member.name: member for member in members.members(found)}
        groups = []
        for index in found.get_indices():
            names = tuple(index)
            if set(names) <= {"instance_id"} or names == (identity,):
                continue
            if all(name in public and not isinstance(public[name], RelationAttribute) for name in names):
                groups.append(names)
            else:
                listed = ", ".join(names)
                self._found.notes.append(f"The index {found.name}({listed}) is not described: it holds more than attributes.")
        return tuple(groups)

    def _name_private(self, found: Entity) -> None:
        for name in found.attributes:
            is_private = name.startswith("_") and not name.startswith("__")
            if is_private and not isinstance(found.attributes[name], RelationAttribute):
                self._found.notes.append(
                    f"The attribute {found.name}.{name} is not described, as only the model sees it: what is kept has to do "
                    "without it."
                )

    def _said(self, text: str) -> str:
        self._undescribed += not text
        return text


def _names(base: model.Entity | None) -> set[str]:
    if base is None:
        return set()
    kinds = (base.all_attributes(), base.all_embedded(), base.all_services())
    return {member.name for kind in kinds for member in kind}


def _with_key(attribute: model.Attribute, names: tuple[str, ...]) -> model.Attribute:
    return replace(attribute, is_key=True) if attribute.name in names else attribute


def _target(relation: RelationAttribute) -> Entity:
    target = relation.type
    assert isinstance(target, Entity)
    return target
