"""From the bindings of the model to the definitions of the services in the catalog."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta.ast import MultiException
from inmanta.ast.attribute import RelationAttribute
from inmanta.ast.entity import Entity
from inmanta.ast.type import Type
from inmanta.plugins import PluginException
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.definition import check_definition
from inmanta_lsm.model import Lifecycle, ServiceEntity
from inmanta_plugins.lsm import ownership
from inmanta_plugins.lsm.catalog import entity_members
from inmanta_plugins.lsm.catalog.bound_services import BoundService, BoundVersion, ServiceDirectory
from inmanta_plugins.lsm.catalog.entity_definition import read_members
from inmanta_plugins.lsm.catalog.error import CatalogError
from inmanta_plugins.lsm.catalog.lifecycle_definition import read_lifecycle
from pydantic import ValidationError

REPORTING = "lsm::report_deployment"
"""The implementation of `lsm::ServiceEntity` that tells the orchestrator what became of the resources of an instance."""

NOTHING = "std::none"

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class CatalogEntry:
    """
    A service as it is sent to the catalog.

    :param name: its name
    :param versions: the definitions of its versions
    :param default_version: the version that is used when none is asked for; None for a service without versions
    """

    name: str
    versions: tuple[ServiceEntity, ...]
    default_version: int | None


def build_catalog(
    environment: uuid.UUID,
    services: Sequence[BoundService],
    directory: ServiceDirectory,
    types: Mapping[str, Type],
) -> list[CatalogEntry]:
    """
    The definitions of services, owners before what they own. A service that is bound twice in the same way appears once.

    :param environment: the environment the definitions belong to
    :param services: the services to define
    :param directory: finds all services of the model
    :param types: the types of the model by full name
    :raises CatalogError: a service breaks a rule. When several services do, their errors are raised together.
    """
    entries: dict[str, CatalogEntry] = {}
    errors: list[CatalogError] = []
    for service in services:
        try:
            entry = _build_entry(environment, service, directory, types)
            if entries.setdefault(service.name, entry) != entry:
                raise CatalogError("it is bound more than once: use one lsm::ServiceBinding for all its versions")
        except CatalogError as problem:
            error = CatalogError(f"Service {service.name} cannot be exported to the catalog: {problem.get_message()}.")
            location = service.binding._get_instance().get_location()
            if location is not None:
                error.set_location(location)
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise MultiException([*errors])
    return _owners_first(entries)


def _build_entry(
    environment: uuid.UUID,
    service: BoundService,
    directory: ServiceDirectory,
    types: Mapping[str, Type],
) -> CatalogEntry:
    numbers = [version.number for version in service.versions]
    if len(set(numbers)) != len(numbers):
        raise CatalogError(f"several of its versions have the same number: {', '.join(map(str, sorted(numbers)))}")
    if service.default_version is not None and service.default_version not in numbers:
        known = ", ".join(map(str, sorted(numbers))) or "none"
        raise CatalogError(f"its default version {service.default_version} is not one of its versions: {known}")
    versions = [
        _build_version(environment, service.name, version, directory, types)
        for version in sorted(service.versions, key=lambda version: version.number)
    ]
    return CatalogEntry(service.name, tuple(versions), service.default_version)


def _build_version(
    environment: uuid.UUID, name: str, version: BoundVersion, directory: ServiceDirectory, types: Mapping[str, Type]
) -> ServiceEntity:
    binding: Any = version.binding
    entity = types.get(version.service_entity)
    if not isinstance(entity, Entity):
        raise CatalogError(f"there is no entity {version.service_entity}, give the full name of an entity")
    if not entity_members.extends(entity, entity_members.SERVICE_ENTITY):
        raise CatalogError(f"entity {version.service_entity} does not extend {entity_members.SERVICE_ENTITY}")
    owner = directory.owner_of(version)
    _check_relation_to_owner(entity, owner, binding.relation_to_owner)

    def service_of(relation: RelationAttribute) -> str:
        try:
            return directory.service_of(entity_members.target(relation))
        except CatalogError as problem:
            raise CatalogError(f"relation {relation} does not lead to one service: {problem.get_message()}") from problem

    try:
        lifecycle = read_lifecycle(binding.lifecycle)
        _check_validations(lifecycle)
        _check_implementation(entity, lifecycle)
        definition = ServiceEntity(
            environment=environment,
            name=name,
            version=version.number,
            description=entity_members.entity_description(entity),
            lifecycle=lifecycle,
            service_identity=binding.service_identity,
            service_identity_display_name=binding.service_identity_display_name,
            strict_modifier_enforcement=binding.strict_modifier_enforcement,
            owner=owner,
            relation_to_owner=binding.relation_to_owner,
            **read_members(entity, binding.strict_modifier_enforcement, service_of),
        )
        check_definition(definition)
    except PluginException as problem:
        raise CatalogError(problem.message) from problem
    except RuleViolationError as violation:
        raise CatalogError(str(violation).removeprefix(f"Service {name}: ").removesuffix(".")) from violation
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise CatalogError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from invalid
    return definition


def _check_implementation(entity: Entity, lifecycle: Lifecycle) -> None:
    """
    Refuse an entity that is implemented, but without what `lsm::ServiceEntity` has: nobody would hear of the deployment of its
    instances, which would stay in their first state that deploys. An entity may be implemented by nothing at all; that is told
    where its lifecycle waits for a deployment.
    """
    implementations = {known.get_full_name() for implement in entity.get_implements() for known in implement.implementations}
    if REPORTING in implementations or not any(transfer.resource_based for transfer in lifecycle.transfers):
        return
    name = entity.get_full_name()
    problem = (
        f"entity {name} does not have the implementations of {entity_members.SERVICE_ENTITY}, so that its deployment would"
        f" never be reported: write `implement {name} using parents`, and the same for each entity between the two"
    )
    if implementations - {NOTHING}:
        raise CatalogError(problem)
    LOGGER.warning("The instances of a service will wait forever: %s", problem)


def _check_relation_to_owner(entity: Entity, owner: str | None, relation: str | None) -> None:
    if relation is not None:
        problem = ownership.relation_problem(entity, relation)
        if problem is not None:
            raise CatalogError(problem)
    elif owner is not None:
        raise CatalogError(f"it is owned by {owner}, but its binding names no relation to it: set relation_to_owner")


def _check_validations(lifecycle: Lifecycle) -> None:
    for transfer in lifecycle.transfers:
        if transfer.validate_ and transfer.error is None:
            raise CatalogError(
                f"transfer {transfer.source} -> {transfer.target} of lifecycle {lifecycle.name} validates, but has no error"
                " state to go to when the validation fails"
            )


def _owners_first(entries: Mapping[str, CatalogEntry]) -> list[CatalogEntry]:
    """
    Sort services so that the owner of a service is sent before the service; their order remains the same otherwise.

    :raises CatalogError: services own each other
    """
    ordered: dict[str, CatalogEntry] = {}

    def place(entry: CatalogEntry, owned: tuple[str, ...]) -> None:
        if entry.name in ordered:
            return
        if entry.name in owned:
            raise CatalogError(f"Services own each other: {' is owned by '.join([*owned, entry.name])}.")
        for owner in sorted({version.owner for version in entry.versions if version.owner is not None}):
            if owner in entries:
                place(entries[owner], (*owned, entry.name))
        ordered[entry.name] = entry

    for entry in entries.values():
        place(entry, ())
    return list(ordered.values())
