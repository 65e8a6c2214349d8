"""From the classes of descriptions to entities with their attributes and relations."""

import types
from collections.abc import Mapping
from typing import Any

from service_generator.dsl.fields import MISSING, Field
from service_generator.dsl.own import OwnEntity, Relation
from service_generator.dsl.parts import Embedded, InstalledService, Part, Service
from service_generator.dsl.resources import describe
from service_generator.dsl.unknown import Unknown
from service_generator.errors import DescriptionError
from service_generator.installed import extends
from service_generator.model import services as model
from service_generator.model.names import snake_case
from service_generator.model.types import AttributeType, Cardinality, Typedef, is_json, is_text
from service_generator.read.allocations import read_allocator
from service_generator.read.annotations import Hint, read_hint
from service_generator.read.fields import at, fields_of
from service_generator.read.packages import Package
from service_generator.read.symbols import resource_fields


class EntityReader:
    """Reads classes; each class becomes one entity."""

    def __init__(self, package: Package) -> None:
        """:param package: where the descriptions are"""
        self._package = package
        self.entities: dict[type[Part], model.Entity] = {}
        """All entities that were read, in the order in which they have to be defined."""
        self.typedefs: dict[tuple[str, str], Typedef] = {}
        self._derived: dict[tuple[type[Part], type[Part], str], type[Part]] = {}
        self._embedded_by: dict[type[Part], tuple[type[Part], str]] = {}
        self._reading: list[type[Part]] = []

    def service(self, part: type[Part]) -> model.Entity:
        """
        The entity of a service.

        :param part: the class
        :raises DescriptionError: the class breaks a rule
        """
        return self.entities[part] if part in self.entities else self._entity(part)

    def _entity(self, part: type[Part]) -> model.Entity:
        if part in self._reading:
            raise DescriptionError(
                "the entity is embedded in itself. Use a relation to a service instead.", where=part.__name__
            )
        base = self._base(part)
        namespace = self._package.namespace_of(part.__module__, f"the class {part.__name__}")
        entity = model.Entity(part.__name__, namespace, _described(part), base=base)
        entity.has_resources = any(field.deployed for field in resource_fields(part).values())
        entity.is_abstract = part.is_abstract
        entity.is_service = issubclass(part, Service)
        entity.hand_written = _hand_written(part)
        entity.annotations = _annotations(part.__name__, "annotations", "annotations = {...}", part.annotations)
        entity.unique = _unique(part)
        self._reading.append(part)
        try:
            for name, field, hint in fields_of(part):
                if field.role != "parent":
                    self._field(part, entity, name, field, hint)
        finally:
            self._reading.pop()
        self.entities[part] = entity
        return entity

    def own(self, part: type[OwnEntity]) -> model.OwnEntity:
        """
        An entity that is neither a service nor embedded in one.

        :param part: the class
        :raises DescriptionError: the class breaks a rule
        """
        attributes: list[model.Attribute] = []
        for name, field, hint in fields_of(part):
            where = f"{part.__name__}.{name}"
            target = at(where, lambda hint=hint: read_hint(hint, self._package)).target  # type: ignore[misc]  # bound in the loop
            if not isinstance(target, AttributeType):
                raise DescriptionError("it is no plain value. Write related(...) for a relation.", where=where)
            if isinstance(target.item, Typedef):
                self._keep(where, target.item)
            attribute = self._attribute(where, part, model.Entity(part.__name__, "", ""), name, field, target)
            if attribute.has_default and not target.accepts(attribute.default):
                raise DescriptionError(f"the default {attribute.default!r} does not fit the type {target}.", where=where)
            attributes.append(attribute)
        relations = [
            model.OwnRelation(name, value.entity, Cardinality(value.lower, value.upper), " ".join(value.description.split()))
            for base in reversed(part.__mro__)
            for name, value in vars(base).items()
            if isinstance(value, Relation)
        ]
        return model.OwnEntity(
            part.__name__,
            self._package.namespace_of(part.__module__, f"the class {part.__name__}"),
            describe(part.__doc__, part.__name__),
            part.extends,
            tuple(attributes),
            tuple(relations),
            _unique(part),
        )

    def _base(self, part: type[Part]) -> model.Entity | None:
        abstract = [base for base in part.__mro__[1:] if issubclass(base, Part) and vars(base).get("is_abstract")]
        return self.service(abstract[0]) if abstract else None

    def _field(self, part: type[Part], entity: model.Entity, name: str, field: Field, hint: object) -> None:
        where = f"{part.__name__}.{name}"
        said = field.description
        if said is not None and not (isinstance(said, str) and said.strip()):
            raise DescriptionError("its description is empty, or no string. Say in a sentence what it stands for.", where=where)
        if said is not None and not is_text(said):
            raise DescriptionError("its description has NUL or half a character in it. Take it out.", where=where)
        if _is_unknown(field.default):
            raise DescriptionError(
                "its default is only known when the model is compiled, and the catalog needs it before. "
                "Write a constant, or decide in a method.",
                where=where,
            )
        _annotations(where, "annotations=", "annotations={...}", field.annotations)
        read = at(where, lambda: read_hint(hint, self._package))
        target = read.target
        if isinstance(target, AttributeType):
            if isinstance(target.item, Typedef):
                self._keep(where, target.item)
            entity.attributes += (self._attribute(where, part, entity, name, field, target),)
        elif issubclass(target, Embedded):
            entity.embedded += (self._embedded(where, part, entity, name, field, read, target),)
        else:
            entity.services += (self._service_relation(where, name, field, read, target),)

    def _keep(self, where: str, typedef: Typedef) -> None:
        for found in typedef.family():
            key = (found.namespace, found.name)
            if self.typedefs.setdefault(key, found) != found:
                other = self.typedefs[key].python_name
                raise DescriptionError(
                    f"the types {other} and {found.python_name} both become {found.name} in the model. Rename one.", where=where
                )

    def _attribute(
        self, where: str, part: type[Part], entity: model.Entity, name: str, field: Field, kind: AttributeType
    ) -> model.Attribute:
        if field.role not in ("r", "rw", "rw+"):
            raise DescriptionError("an owner is a service. Give it the class of a service as its type.", where=where)
        if field.at_least or field.at_most is not None:
            raise DescriptionError("at_least= and at_most= are for lists of embedded entities and of services.", where=where)
        allocator = None
        if field.allocation is not None:
            allocation = field.allocation
            holders = [*self._reading]
            allocator = at(where, lambda: read_allocator(allocation, holders, entity.namespace, self._package))
        if field.value is not None and allocator is not None:
            raise DescriptionError("allocator= and value= are both given. Give one of them.", where=where)
        if field.value is not None and issubclass(part, Embedded):
            raise DescriptionError("value= is for attributes of services. Move it to the service.", where=where)
        return model.Attribute(
            name=name,
            type=kind,
            modifier=field.role,
            description=_in_one_line(field.description),
            has_default=field.default is not MISSING,
            default=None if field.default is MISSING else field.default,
            is_key=field.key,
            allocator=allocator,
            computed=field.value is not None,
            annotations=field.annotations,
        )

    def _embedded(
        self, where: str, part: type[Part], holder: model.Entity, name: str, field: Field, hint: Hint, target: type[Part]
    ) -> model.EmbeddedRelation:
        modifier = _relation_modifier(where, field, embedded=True)
        if target.is_abstract:
            raise DescriptionError(
                f"{target.__name__} is abstract, so nobody could tell what to make. Use one of its subclasses.", where=where
            )
        cardinality = _cardinality(field, hint)
        own = self._own_class(part, name, target, cardinality)
        entity = self.entities[own] if own in self.entities else self._entity(own)
        back = self._parent(where, part, holder, name, own, shared=own in self._embedded_by)
        self._embedded_by.setdefault(own, (part, name))
        entity.parents += (back,)
        if entity.element_of is None or cardinality.many:
            entity.element_of = cardinality
        return model.EmbeddedRelation(
            name, entity, cardinality, modifier, _in_one_line(field.description), back, field.annotations
        )

    def _own_class(self, part: type[Part], name: str, target: type[Part], cardinality: Cardinality) -> type[Part]:
        # The elements of a list are told apart by an index, which has to name what they are embedded in: a class in several
        # relations becomes an entity for each, of which the first keeps the name.
        if target not in self._embedded_by or not (cardinality.many or _has_key(target)):
            return target
        key = (target, part, name)
        if key not in self._derived:
            made = f"{part.__name__}{target.__name__}"
            if any(found.__name__ == made for found in self._derived.values()):
                made = f"{part.__name__}{''.join(word.capitalize() for word in name.split('_'))}{target.__name__}"
            attributes = {"__doc__": target.__doc__, "__module__": target.__module__, "__qualname__": made}
            self._derived[key] = types.new_class(
                made, (target,), {"documented": target.is_documented}, lambda body: body.update(attributes)
            )
        return self._derived[key]

    def _parent(
        self, where: str, part: type[Part], holder: model.Entity, relation: str, target: type[Part], *, shared: bool
    ) -> model.ParentRelation:
        named = [(name, hint) for name, field, hint in fields_of(target) if field.role == "parent"]
        holders = [(name, self._parent_type(target, name, hint)) for name, hint in named]
        matching = [name for name, found in holders if issubclass(part, found) or issubclass(found, part)]
        if len(matching) > 1:
            raise DescriptionError(
                "there are two ways back to what this is embedded in. Keep one parent().",
                where=f"{target.__name__}.{matching[1]}",
            )
        if named and not matching and not shared and len(named) == 1:
            raise DescriptionError(
                f"the type of parent(...) is not what this is embedded in. It is embedded in {part.__name__}.",
                where=f"{target.__name__}.{named[0][0]}",
            )
        taken = {parent.name for parent in self.entities[target].parents}
        name = matching[0] if matching else "parent_entity"
        if name in taken:
            name = f"{snake_case(part.__name__)}_{relation}"
        return model.ParentRelation(name, holder.full_name)

    def _parent_type(self, target: type[Part], name: str, hint: object) -> type[Part]:
        where = f"{target.__name__}.{name}"
        found = at(where, lambda: read_hint(hint, self._package)).target
        if not isinstance(found, type) or found.__name__ == "AttributeType":
            raise DescriptionError(
                "the type of parent(...) is not a class of the description. Name what it is in.", where=where
            )
        return found

    def _service_relation(self, where: str, name: str, field: Field, hint: Hint, target: type[Part]) -> model.ServiceRelation:
        is_owner = field.role == "owner"
        if is_owner and (hint.is_list or hint.optional):
            raise DescriptionError("a service has exactly one owner. Take list[...] and | None away.", where=where)
        modifier = _relation_modifier(where, field, embedded=False)
        installed = issubclass(target, InstalledService)
        if installed:
            namespace, entity = at(where, lambda: _installed(target))
        else:
            namespace = self._package.namespace_of(target.__module__, f"the class {target.__name__}")
            entity = target.__name__
        return model.ServiceRelation(
            name=name,
            target=entity,
            target_namespace=namespace,
            cardinality=_cardinality(field, hint),
            modifier=modifier,
            description=_in_one_line(field.description),
            is_owner=is_owner,
            installed=installed,
            annotations=field.annotations,
        )


def _described(part: type[Part]) -> str:
    if part.is_documented:
        return describe(part.__doc__, part.__name__)
    if part.__doc__:
        raise DescriptionError(
            "it has a docstring, and documented=False says that there is none. Take one of them away.", where=part.__name__
        )
    return ""


def _in_one_line(description: str | None) -> str:
    return " ".join((description or "").split())


def _installed(target: type[Part]) -> tuple[str, str]:
    full_name = getattr(target, "entity", "")
    if not isinstance(full_name, str) or "::" not in full_name:
        raise DescriptionError(f'{target.__name__} names no entity. Write entity = "module::namespace::Entity".')
    if not extends(full_name, "lsm::ServiceEntity"):
        raise DescriptionError(f"{full_name} is no service: it does not extend lsm::ServiceEntity.")
    namespace, _, name = full_name.rpartition("::")
    return namespace, name


def _has_key(part: type[Part]) -> bool:
    return any(field.key for _, field, _ in fields_of(part))


def _is_unknown(value: object) -> bool:
    match value:
        case Unknown():
            return True
        case Mapping():
            return any(_is_unknown(item) for item in value.values())
        case list() | tuple():
            return any(_is_unknown(item) for item in value)
    return False


def _annotations(where: str, what: str, remedy: str, given: object) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise DescriptionError(f"{what} is not a dict. Write {remedy}, or use web.", where=where)
    if not is_json(given):
        raise DescriptionError(
            f"{what} holds something that is no JSON. Use strings, finite numbers, booleans, None, lists and dicts.",
            where=where,
        )
    return given


def _hand_written(part: type[Part]) -> tuple[str, ...]:
    names: Any = part.implementations
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) and "::" in name for name in names):
        raise DescriptionError(
            'implementations is no list of full names. Write implementations = ("module::namespace::name",).',
            where=part.__name__,
        )
    return tuple(names)


def _unique(part: type[Part]) -> tuple[tuple[str, ...], ...]:
    unique: Any = part.unique
    if not isinstance(unique, tuple | list):
        raise DescriptionError('unique is no list. Write unique = ("name", ("site", "number")).', where=part.__name__)
    return tuple((names,) if isinstance(names, str) else tuple(names) for names in unique)


def _relation_modifier(where: str, field: Field, *, embedded: bool) -> model.Modifier:
    if field.role == "owner" and embedded:
        raise DescriptionError("an owner is a service, not an embedded entity.", where=where)
    if field.allocation is not None or field.value is not None:
        raise DescriptionError("a relation has no allocator and no value. The orchestrator sets it elsewhere.", where=where)
    if field.default is not MISSING and field.role != "r":
        raise DescriptionError("a relation has no default. Leave default= out.", where=where)
    if field.key:
        raise DescriptionError("a relation cannot be a key. Only attributes tell elements apart.", where=where)
    modifier = field.modifier if field.role == "owner" else field.role
    if modifier not in ("r", "rw", "rw+"):
        raise DescriptionError(f"{modifier!r} is no modifier. Use rw, rw+ or r.", where=where)
    return modifier


def _cardinality(field: Field, hint: Hint) -> Cardinality:
    if not hint.is_list:
        return Cardinality(0 if hint.optional else 1, 1)
    return Cardinality(field.at_least, field.at_most)
