"""What every description has to satisfy: rules of the service catalog and of the inmanta language."""

import re
from collections import Counter

from service_generator.errors import DescriptionError
from service_generator.installed import close_match, extends, find_entity, read_module
from service_generator.model.entity_rules import check_entity, check_name, names_of
from service_generator.model.hygiene import name_statements
from service_generator.model.implementing import resource_statements
from service_generator.model.machine_rules import check_machine
from service_generator.model.services import Entity, Lifecycle, Module, Namespace, OwnEntity, Service
from service_generator.model.types import PRIMITIVES
from service_generator.model.unrolling import binding_name
from service_generator.python_side import identity_of

_ENTITY = re.compile("[A-Z][A-Za-z0-9_]*")
_CATALOG = re.compile("[A-Za-z][A-Za-z0-9_-]*")


def check(module: Module) -> None:
    """
    Check all services of a module.

    :param module: the module, as described
    :raises DescriptionError: the first rule that is broken
    """
    for namespace in module.namespaces:
        _check_names(namespace)
        _check_shared(namespace)
        for own in namespace.own:
            _check_own(own)
        for entity in namespace.entities:
            _check_loops(entity)
        names = Counter(entity.name for entity in namespace.entities)
        names.update(typedef.name for typedef in namespace.typedefs)
        for name, times in names.items():
            if times > 1:
                raise DescriptionError(f"{times} things are called {name}. Rename all but one.", where=namespace.source)
    services = [service for namespace in module.namespaces for service in namespace.services]
    _check_catalog(services)
    machines = {lifecycle.variable: lifecycle for namespace in module.namespaces for lifecycle in namespace.lifecycles}
    for lifecycle in machines.values():
        check_machine(lifecycle)
    for service in services:
        _check_service(service, machines)
        _check_owners(service, services)
        for entity in service.entity.descendants():
            _check_relations(entity, services)
    _check_circles(services)


def _check_catalog(services: list[Service]) -> None:
    by_name: dict[str, list[Service]] = {}
    for service in services:
        by_name.setdefault(service.catalog_name, []).append(service)
        if not _CATALOG.fullmatch(service.catalog_name):
            raise DescriptionError(
                f"the name {service.catalog_name!r} in the catalog is not made of letters, digits, dashes and underscores. "
                "Choose another one.",
                where=service.entity.name,
            )
    for name, family in by_name.items():
        if len(family) > 1 and not all(service.versions for service in family):
            raise DescriptionError(
                f"{len(family)} services are called {name} in the catalog. Rename all but one.", where=family[-1].entity.name
            )
        if family[0].versions:
            _check_versions(name, family)
    for namespace in {service.entity.namespace for service in services}:
        here = [found for name, found in by_name.items() if found[0].entity.namespace == namespace]
        for variable, times in Counter(binding_name(family[0]) for family in here).items():
            if times > 1:
                where = next(family[-1].entity.name for family in reversed(here) if binding_name(family[0]) == variable)
                raise DescriptionError(f"{times} services have a binding called {variable}. Rename one of them.", where=where)


def _check_versions(name: str, family: list[Service]) -> None:
    where = family[-1].entity.name
    numbers = [number for service in family for number in service.versions]
    if len(set(numbers)) < len(numbers):
        raise DescriptionError(f"two classes describe the same version of {name}. Give each its own versions.", where=where)
    if len({service.entity.namespace for service in family}) > 1:
        raise DescriptionError(f"the versions of {name} are in several files. Move them to one.", where=where)
    if sum(service.default_version for service in family) > 1:
        raise DescriptionError(f"{name} has more than one default version. Keep default_version = True on one.", where=where)
    if len({service.identity for service in family}) > 1:
        raise DescriptionError(f"the versions of {name} have different identities. An identity cannot change.", where=where)


def _check_relations(entity: Entity, services: list[Service]) -> None:
    # A relation has one service in the catalog: a base can stand for the versions of one, and for nothing else.
    for relation in entity.all_services():
        target = f"{relation.target_namespace}::{relation.target}"
        family = {service.catalog_name for service in services if target in _bases(service.entity)}
        if len(family) > 1:
            raise DescriptionError(
                f"{relation.target} stands for several services ({', '.join(sorted(family))}), and a relation leads to one. "
                "Refer to one of them, by a relation for each, or make them versions with one catalog_name.",
                where=f"{entity.name}.{relation.name}",
            )
        if not family and not relation.installed:
            raise DescriptionError(
                f"{relation.target} is abstract, and no service extends it. Refer to a service.",
                where=f"{entity.name}.{relation.name}",
            )


def _bases(entity: Entity) -> set[str]:
    """The names that an entity has by itself, and by what it extends."""
    return {entity.full_name} | (_bases(entity.base) if entity.base else set())


def _check_circles(services: list[Service]) -> None:
    # An instance needs the instances that it refers to, and those need theirs, before they can be created.
    needed = {service.entity.full_name: _needed(service.entity) for service in services}

    def follow(name: str, passed: tuple[str, ...]) -> None:
        if name in passed:
            circle = " -> ".join(found.rpartition("::")[2] for found in (*passed[passed.index(name) :], name))
            raise DescriptionError(
                f"the services need each other, so that none can be created first: {circle}. Make one relation optional.",
                where=name.rpartition("::")[2],
            )
        for other in needed.get(name, ()):
            follow(other, (*passed, name))

    for service in services:
        follow(service.entity.full_name, ())


def _needed(entity: Entity) -> set[str]:
    found = {
        f"{relation.target_namespace}::{relation.target}"
        for relation in entity.all_services()
        if relation.cardinality.lower > 0 and relation.modifier != "r"
    }
    for embedded in entity.all_embedded():
        if embedded.cardinality.lower > 0:
            found |= _needed(embedded.target)
    return found


def _check_names(namespace: Namespace) -> None:
    for part in namespace.name.split("::"):
        check_name(namespace.source, part)
    for shared in namespace.shared:
        check_name(f"shared resource {shared.name}", shared.name)
    for typedef in namespace.typedefs:
        check_name(typedef.python_name, typedef.name)
        if typedef.name in PRIMITIVES:
            raise DescriptionError(
                f"the type is called {typedef.name}, like a type of the language. Choose another name.",
                where=typedef.python_name,
            )
    for entity in namespace.entities:
        if not entity.name[0].isupper():
            raise DescriptionError("the name does not start with a capital. Write it in camel case.", where=entity.name)
        if not _ENTITY.fullmatch(entity.name):
            raise DescriptionError(
                "the name is not made of letters from A to Z, digits and underscores. Write it in camel case.",
                where=entity.name,
            )


def _check_loops(entity: Entity) -> None:
    for resource in entity.resources:
        try:
            name_statements(resource_statements(resource), frozenset())
        except DescriptionError as error:
            raise error.within(f"{entity.name}.{resource.name}") from error


def _check_own(own: OwnEntity) -> None:
    members = {attribute.name for attribute in own.attributes} | {relation.name for relation in own.relations}
    for name in sorted(members):
        check_name(f"{own.name}.{name}", name)
    if own.extends != "std::Entity":
        find_entity(own.extends)
    full_name = f"{own.namespace}::{own.name}"
    if own.extends == "std::Entity" or not extends(own.extends, "std::Resource"):
        return
    known = identity_of(full_name)
    if known is None:
        raise DescriptionError(
            f'the resource has no handler. Write a class with @resource("{full_name}", id_attribute=..., agent=...), and its '
            f"handler, in inmanta_plugins/{own.namespace.split('::')[0]}.",
            where=own.name,
        )
    for name in known:
        if name not in members:
            raise DescriptionError(f"its handler tells it apart by {name}. {close_match(name, members)}", where=own.name)


def _check_shared(namespace: Namespace) -> None:
    # Inside of an implementation, the attributes of the entity hide the variables of the namespace.
    shared = {resource.name for resource in namespace.shared}
    for entity in namespace.entities:
        for name in names_of(entity):
            if name in shared:
                raise DescriptionError("the name is that of a shared resource. Rename one.", where=f"{entity.name}.{name}")


def _check_service(service: Service, machines: dict[str, Lifecycle]) -> None:
    if service.identity:
        _check_identity(service)
    if service.lifecycle not in machines:
        _check_lifecycle(service)
    owners = [relation.name for relation in service.entity.all_services() if relation.is_owner]
    if len(owners) > 1:
        raise DescriptionError(
            f"the service has {len(owners)} owners: {', '.join(owners)}. Keep one.", where=service.entity.name
        )
    for entity in service.entity.descendants():
        where = entity.name if entity is service.entity else f"{service.entity.name}: {entity.name}"
        check_entity(where, entity, service)


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
    found = {attribute.name: attribute for attribute in service.entity.all_attributes()}.get(service.identity)
    if found is None:
        names = [attribute.name for attribute in service.entity.all_attributes()]
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
