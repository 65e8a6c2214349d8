"""The service entities in the database."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from asyncpg import Connection, Record

from inmanta_lsm.model import ServiceEntity, definition_of

_LAST_VERSION = 2**31 - 1  # the largest integer of the column
_LOCK = 0x6C736D  # tells the locks of this extension from other advisory locks, its letters are lsm
_SELECT = "SELECT environment, name, version, is_default, definition, config FROM lsm_serviceentity"


async def load_entity(
    connection: Connection, environment: uuid.UUID, name: str, version: int | None = None
) -> ServiceEntity | None:
    """
    Load a version of a service entity, without what is computed from other rows.

    :param version: of the service entity; the default version when None
    :return: None when there is no such service entity, or no such version of it
    """
    if version is not None and not 0 <= version <= _LAST_VERSION:
        return None
    condition = "is_default" if version is None else "version = $3"
    values = (environment, name) if version is None else (environment, name, version)
    record = await connection.fetchrow(f"{_SELECT} WHERE environment = $1 AND name = $2 AND {condition}", *values)
    return None if record is None else to_entity(record)


def to_entity(record: Mapping[str, Any] | Record) -> ServiceEntity:
    """
    Make a service entity from its row.

    :param record: the row, with all its columns
    """
    return ServiceEntity(
        **{**record["definition"], "environment": record["environment"], "name": record["name"], "version": record["version"]},
        config=record["config"],
    )


async def load_all(connection: Connection, environment: uuid.UUID, name: str | None = None) -> list[ServiceEntity]:
    """
    Load all versions of the service entities of an environment, without what is computed from other rows.

    :param name: of a service entity, to load only its versions
    """
    records = await connection.fetch(
        f"{_SELECT} WHERE environment = $1 AND ($2::varchar IS NULL OR name = $2) ORDER BY name, version", environment, name
    )
    return [to_entity(record) for record in records]


async def default_versions(connection: Connection, environment: uuid.UUID) -> dict[str, int]:
    """
    Load which version of each service entity is the default one.

    :return: the default version by the name of the service entity
    """
    records = await connection.fetch(
        "SELECT name, version FROM lsm_serviceentity WHERE environment = $1 AND is_default", environment
    )
    return {record["name"]: record["version"] for record in records}


async def owned_entities(connection: Connection, environment: uuid.UUID) -> dict[str, list[str]]:
    """
    Load which service entities own others, in any version.

    :return: the names of the service entities that are owned, sorted, by the name of the owner
    """
    records = await connection.fetch(
        "SELECT DISTINCT definition->>'owner' AS owner, name FROM lsm_serviceentity"
        " WHERE environment = $1 AND definition->>'owner' IS NOT NULL ORDER BY name",
        environment,
    )
    owned: dict[str, list[str]] = {}
    for record in records:
        owned.setdefault(record["owner"], []).append(record["name"])
    return owned


async def lock_catalog(connection: Connection, environment: uuid.UUID, *, shared: bool) -> None:
    """
    Keep the definitions of an environment as they are until the end of the transaction, or everybody else from using them.

    What fits a definition has to fit it when the transaction ends too. This lock has to be taken before any row is locked.

    :param connection: in a transaction
    :param shared: True to use the definitions, False to change them
    """
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    # Keys have 32 bits. That two environments share a lock at times does no harm.
    await connection.execute(f"SELECT {function}($1, $2)", _LOCK, environment.time_low - 2**31)


async def insert_entity(connection: Connection, entity: ServiceEntity) -> None:
    """
    Store a version of a service entity that does not exist yet. It is not the default one.

    :param connection: in a transaction
    """
    await connection.execute(
        "INSERT INTO lsm_serviceentity (environment, name, version, is_default, definition, config)"
        " VALUES ($1, $2, $3, FALSE, $4, $5)",
        entity.environment,
        entity.name,
        entity.version,
        json.dumps(definition_of(entity)),
        json.dumps(entity.config),
    )


async def replace_entity(connection: Connection, entity: ServiceEntity) -> None:
    """
    Store another definition and another config for a version of a service entity.

    :param connection: in a transaction
    """
    await connection.execute(
        "UPDATE lsm_serviceentity SET definition = $4, config = $5 WHERE environment = $1 AND name = $2 AND version = $3",
        entity.environment,
        entity.name,
        entity.version,
        json.dumps(definition_of(entity)),
        json.dumps(entity.config),
    )


async def set_default_version(connection: Connection, environment: uuid.UUID, name: str, version: int) -> None:
    """
    Make a version of a service entity the default one.

    :param connection: in a transaction
    :param version: of the service entity, which exists
    """
    # In two steps, as an index allows one default version at any time.
    await connection.execute(
        "UPDATE lsm_serviceentity SET is_default = FALSE WHERE environment = $1 AND name = $2 AND version <> $3",
        environment,
        name,
        version,
    )
    await connection.execute(
        "UPDATE lsm_serviceentity SET is_default = TRUE WHERE environment = $1 AND name = $2 AND version = $3",
        environment,
        name,
        version,
    )


async def delete_version(connection: Connection, environment: uuid.UUID, name: str, version: int) -> None:
    """
    Remove a version of a service entity, with what is left of its deleted instances.

    :param connection: in a transaction
    """
    await connection.execute(
        "DELETE FROM lsm_serviceentity WHERE environment = $1 AND name = $2 AND version = $3", environment, name, version
    )


async def delete_entity(connection: Connection, environment: uuid.UUID, name: str) -> None:
    """
    Remove a service entity with all its versions, its callbacks, and what is left of its deleted instances.

    :param connection: in a transaction
    """
    await connection.execute("DELETE FROM lsm_callback WHERE environment = $1 AND service_entity = $2", environment, name)
    await connection.execute("DELETE FROM lsm_serviceentity WHERE environment = $1 AND name = $2", environment, name)
