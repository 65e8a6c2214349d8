"""What every description has to satisfy: rules of the service catalog and of the inmanta language."""

import re
from collections import Counter

from service_generator.errors import DescriptionError
from service_generator.installed import close_match, plugin_arguments, read_module
from service_generator.model.names import CONDITIONS, INHERITED, KEYWORDS
from service_generator.model.services import (
    Attribute,
    CustomAllocator,
    EmbeddedRelation,
    Entity,
    FreeInteger,
    Module,
    Namespace,
    Service,
)
from service_generator.model.types import PRIMITIVES, Cardinality

_NAME = re.compile("[a-z][a-z0-9_]*")
_ENTITY = re.compile("[A-Z][A-Za-z0-9_]*")


def check(module: Module) -> None:
    """
    Check all services of a module.

    :param module: the module, as described
    :raises DescriptionError: the first rule that is broken
    """
    for namespace in module.namespaces:
        _check_names(namespace)
        _check_shared(namespace)
        names = Counter(entity.name for entity in namespace.entities)
        names.update(typedef.name for typedef in namespace.typedefs)
        for name, times in names.items():
            if times > 1:
                raise DescriptionError(f"{times} things are called {name}. Rename all but one.", where=namespace.source)
    services = [service for namespace in module.namespaces for service in namespace.services]
    for name, times in Counter(service.entity.name for service in services).items():
        if times > 1:
            raise DescriptionError(f"{times} services are called {name} in the catalog. Rename all but one.", where=name)
    for service in services:
        _check_service(service)
        _check_owners(service, services)


def _check_names(namespace: Namespace) -> None:
    for part in namespace.name.split("::"):
        _check_name(namespace.source, part)
    for shared in namespace.shared:
        _check_name(f"shared resource {shared.name}", shared.name)
    for typedef in namespace.typedefs:
        _check_name(typedef.python_name, typedef.name)
        if typedef.name in PRIMITIVES:
            raise DescriptionError(
                f"the type is called {typedef.name}, like a type of the language. Choose another name.",
                where=typedef.python_name,
            )
    for entity in namespace.entities:
        if not _ENTITY.fullmatch(entity.name):
            raise DescriptionError("the name does not start with a capital. Write it in camel case.", where=entity.name)


def _check_shared(namespace: Namespace) -> None:
    # Inside of an implementation, the attributes of the entity hide the variables of the namespace.
    shared = {resource.name for resource in namespace.shared}
    for entity in namespace.entities:
        for name in _names(entity):
            if name in shared:
                raise DescriptionError("the name is that of a shared resource. Rename one.", where=f"{entity.name}.{name}")


def _check_service(service: Service) -> None:
    _check_identity(service)
    _check_lifecycle(service)
    owners = [relation.name for relation in service.entity.services if relation.is_owner]
    if len(owners) > 1:
        raise DescriptionError(
            f"the service has {len(owners)} owners: {', '.join(owners)}. Keep one.", where=service.entity.name
        )
    for entity in service.entity.descendants():
        where = entity.name if entity is service.entity else f"{service.entity.name}: {entity.name}"
        _check_entity(where, entity, is_service=entity is service.entity)


def _check_owners(service: Service, services: list[Service]) -> None:
    owners = {found.entity.full_name: found.owner for found in services}
    passed = [service.entity.full_name]
    while (owner := owners.get(passed[-1])) is not None:
        passed.append(f"{owner.target_namespace}::{owner.target}")
        if passed[-1] == passed[0]:
            circle = " -> ".join(name.rpartition("::")[2] for name in passed)
            raise DescriptionError(f"the service owns itself: {circle}. Break the circle.", where=service.entity.name)
        if passed[-1] in passed[:-1]:
            return


def _check_lifecycle(service: Service) -> None:
    try:
        known = "::" in service.lifecycle and service.lifecycle in read_module(service.lifecycle.split("::")[0]).variables
    except DescriptionError as error:
        raise error.within(service.entity.name) from error
    if not known:
        raise DescriptionError(
            f"there is no lifecycle {service.lifecycle}. Use one of fsm, or the full name of a variable.",
            where=service.entity.name,
        )


def _check_identity(service: Service) -> None:
    where = f"{service.entity.name}.{service.identity}"
    found = {attribute.name: attribute for attribute in service.entity.attributes}.get(service.identity)
    if found is None:
        names = [attribute.name for attribute in service.entity.attributes]
        raise DescriptionError(
            f"the identity is not an attribute of the service. {close_match(service.identity, names)}", where=where
        )
    if found.modifier != "rw":
        raise DescriptionError(f"the identity is {found.modifier}. It can never change, so make it rw(...).", where=where)
    if found.type.optional or found.has_default:
        raise DescriptionError(
            "the identity is optional or has a default. Every instance needs its own, so require it.", where=where
        )
    if found.type.is_list or found.type.primitive not in ("string", "int"):
        raise DescriptionError("the identity is neither a string nor an integer. Use another attribute.", where=where)


def _check_entity(where: str, entity: Entity, *, is_service: bool) -> None:
    for name in _names(entity):
        _check_name(f"{where}.{name}", name)
    for relation in entity.services:
        if relation.is_owner and not is_service:
            raise DescriptionError("only a service has an owner. Use rw(...) for a relation.", where=f"{where}.{relation.name}")
    for attribute in entity.attributes:
        _check_attribute(f"{where}.{attribute.name}", attribute, entity)
    for embedded in entity.embedded:
        _check_embedded(f"{where}.{embedded.name}", embedded)


def _names(entity: Entity) -> list[str]:
    members = (entity.attributes, entity.embedded, entity.services, entity.resources)
    return [member.name for kind in members for member in kind]


def _check_name(where: str, name: str) -> None:
    if not _NAME.fullmatch(name) or "__" in name:
        raise DescriptionError(f"the name {name} is not made of words in lower case, joined by underscores.", where=where)
    if name in KEYWORDS:
        raise DescriptionError(f"the name {name} is a word of the inmanta language. Choose another one.", where=where)
    if name in CONDITIONS:
        raise DescriptionError(f"the name {name} stands for a condition, as in self.{name}. Choose another one.", where=where)
    if name in INHERITED:
        raise DescriptionError(f"the name {name} is used by the lsm module. Choose another one.", where=where)


def _check_attribute(where: str, attribute: Attribute, entity: Entity) -> None:
    if attribute.modifier == "r":
        if attribute.allocator is None:
            raise DescriptionError("a read-only attribute needs an allocator, since nobody else sets it.", where=where)
        if not attribute.type.optional:
            raise DescriptionError("a read-only attribute is null until it is allocated. Add | None to its type.", where=where)
    if attribute.has_default and not attribute.type.accepts(attribute.default):
        raise DescriptionError(f"the default {attribute.default!r} does not fit the type {attribute.type}.", where=where)
    if attribute.is_key and attribute.modifier != "rw":
        raise DescriptionError(
            f"a key is {attribute.modifier}. What tells elements apart never changes: use rw(...).", where=where
        )
    if attribute.is_key:
        _check_key(where, attribute, entity)
    if isinstance(attribute.allocator, FreeInteger) and (attribute.type.primitive != "int" or attribute.type.is_list):
        raise DescriptionError("first_free_integer gives an integer. Use int | None as the type.", where=where)
    if isinstance(attribute.allocator, CustomAllocator):
        _check_custom(where, attribute.allocator, entity)


def _check_key(where: str, attribute: Attribute, entity: Entity) -> None:
    if entity.element_of is None or not entity.element_of.many:
        raise DescriptionError(
            "a key tells the elements of a list apart, but this is not in a list. Leave key= out.", where=where
        )
    if attribute.type.optional or attribute.has_default:
        raise DescriptionError("a key is optional or has a default. Every element needs its own, so require it.", where=where)
    if attribute.type.is_list or attribute.type.primitive not in ("string", "int"):
        raise DescriptionError("a key is neither a string nor an integer. Use another attribute.", where=where)


def _check_custom(where: str, allocator: CustomAllocator, entity: Entity) -> None:
    attributes = {attribute.name: attribute for attribute in entity.attributes}
    for argument, sibling in allocator.siblings:
        if sibling not in attributes:
            raise DescriptionError(
                f"the argument {argument} of the allocator is not an attribute of {entity.name}.", where=where
            )
        if attributes[sibling].modifier == "r":
            raise DescriptionError(
                f"the argument {argument} of the allocator is read-only, so it may not be known yet.", where=where
            )
    function = allocator.plugin.rpartition("::")[2]
    arguments = plugin_arguments(allocator.source, function)
    if arguments is None:
        raise DescriptionError(
            f"there is no allocator {function}. Define it in {allocator.location}, decorated with @allocator().", where=where
        )
    needed, accepted = arguments
    given = {name for name, _ in (*allocator.siblings, *allocator.values)}
    if unknown := sorted(given - accepted):
        raise DescriptionError(
            f"the allocator {function} has no argument {unknown[0]}. {close_match(unknown[0], accepted)}", where=where
        )
    if missing := sorted(needed - given):
        raise DescriptionError(f"the allocator {function} needs the argument {missing[0]}. Give it.", where=where)


def _check_limits(where: str, cardinality: Cardinality) -> None:
    for limit in (cardinality.lower, cardinality.upper):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise DescriptionError(f"{limit!r} is no number of elements. Use a whole number that is not negative.", where=where)


def _check_embedded(where: str, relation: EmbeddedRelation) -> None:
    cardinality = relation.cardinality
    _check_limits(where, cardinality)
    if cardinality.upper is not None and cardinality.upper < max(cardinality.lower, 1):
        raise DescriptionError(
            f"at_most={cardinality.upper} is less than at_least={cardinality.lower}, or than one.", where=where
        )
    if cardinality.many and not relation.target.keys:
        raise DescriptionError(
            f"{relation.target.name} has no key, so its elements can't be told apart. Give one of its attributes key=True.",
            where=where,
        )
