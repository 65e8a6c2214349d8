"""How the calls on the inventory refuse a request: rules of other modules as errors of the protocol."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg
from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest, Conflict, NotFound

from inmanta_lsm.attributes.sets import AttributeSets, ImpossibleOperationError
from inmanta_lsm.attributes.storable import check_text
from inmanta_lsm.attributes.violation import RuleViolationError, quoted
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.lifecycle.instance import EnvironmentOptions
from inmanta_lsm.model import ServiceEntity


@contextmanager
def violation_is_bad_request() -> Iterator[None]:
    """
    Refuse a request that breaks a rule.

    :raises BadRequest: with the sentence of the rule
    """
    try:
        yield
    except (RuleViolationError, ImpossibleOperationError) as exception:
        raise BadRequest(str(exception)) from exception


@contextmanager
def taken_is_conflict(entity: ServiceEntity, instance_id: uuid.UUID, sets: AttributeSets) -> Iterator[None]:
    """
    Refuse a request that gives an instance what belongs to another one.

    :param sets: attribute sets that it is to have
    :raises Conflict: the id or the identity is taken
    """
    try:
        yield
    except asyncpg.UniqueViolationError as exception:
        if exception.constraint_name == "lsm_serviceinstance_identity_index":
            value = sets.identity(entity)
            message = f"There is a service instance of {entity.name} with {entity.service_identity} {value} already"
        elif exception.constraint_name == "lsm_serviceinstance_pkey":
            message = f"There is a service instance with id {instance_id} already"
        else:
            raise
        raise Conflict(message) from exception


def check_argument(name: str, text: str | None, longest: int | None = None) -> None:
    """
    Refuse a text that cannot be stored.

    :param name: of the argument
    :param longest: how many bytes it may have as UTF-8
    :raises BadRequest: the database does not take it
    """
    if text is None:
        return
    with violation_is_bad_request():
        check_text(text, name)
    if longest is not None and len(text.encode()) > longest:
        raise BadRequest(f"{name} has more than {longest} bytes: shorten it")


def check_config(entity: ServiceEntity, values: Mapping[str, bool]) -> None:
    """
    Refuse options that the lifecycle does not have.

    :param values: the options to set
    :raises BadRequest: an option is unknown
    """
    known = edges.options(entity)
    unknown = sorted(values.keys() - known)
    if unknown:
        options = f"its options are {', '.join(sorted(known))}" if known else "it has no options"
        raise BadRequest(f"The lifecycle of {entity.name} has no option {', '.join(map(quoted, unknown))}: {options}")


def check_state(entity: ServiceEntity, state: str) -> None:
    """
    Refuse a state that the lifecycle does not have.

    :raises BadRequest: the state is unknown
    """
    if not edges.has_state(entity.lifecycle, state):
        raise BadRequest(
            f"The lifecycle of version {entity.version} of service entity {entity.name} has no state {quoted(state)}"
        )


def no_entity(environment: Environment | EnvironmentOptions, name: str, version: int | None) -> NotFound:
    """
    Give the error about a service entity that does not exist.

    :param version: of the service entity, None for the default one
    """
    which = quoted(name) if version is None else f"{quoted(name)} version {version}"
    return NotFound(f"Service entity {which} does not exist in environment {environment.name}({environment.id})")


def no_instance(environment: Environment | EnvironmentOptions, which: object, service_entity: str | None = None) -> NotFound:
    """
    Give the error about a service instance that does not exist.

    :param which: the id of the service instance, or what else it was looked for by
    :param service_entity: name of the service entity that it was looked for in, None for all
    """
    of_entity = "" if service_entity is None else f" of service entity {quoted(service_entity)}"
    return NotFound(
        f"Service instance {quoted(str(which))}{of_entity} does not exist in environment {environment.name}({environment.id})"
    )


def check_version(environment: Environment, instance_id: uuid.UUID, version: int, current_version: int | None) -> None:
    """
    Refuse a call on a service instance that has moved on.

    :param current_version: version that the caller knows; None for a caller that does not care
    :raises Conflict: the versions differ
    """
    if current_version not in (None, version):
        raise Conflict(
            f"The given current version ({current_version}) doesn't match the actual current version ({version})"
            f" of service instance {instance_id} in environment {environment.name}({environment.id})"
        )
