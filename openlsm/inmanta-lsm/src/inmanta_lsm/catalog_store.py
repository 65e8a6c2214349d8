"""The service entities in the database."""

import uuid
from collections.abc import Mapping
from typing import Any

from asyncpg import Connection, Record

from inmanta_lsm.model import ServiceEntity

_LAST_VERSION = 2**31 - 1  # the largest integer of the column
_SELECT = "SELECT environment, name, version, is_default, definition, config FROM lsm_serviceentity"


async def load_entity(
    connection: Connection, environment: uuid.UUID, name: str, version: int | None = None
) -> ServiceEntity | None:
    """
    Load a version of a service entity, without what is computed from other rows.

    :param connection: to the database.
    :param environment: id of the environment.
    :param name: of the service entity.
    :param version: of the service entity; the default version when None.
    :return: None when there is no such service entity, or no such version of it.
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

    :param record: the row, with all its columns.
    """
    return ServiceEntity(
        **{**record["definition"], "environment": record["environment"], "name": record["name"], "version": record["version"]},
        config=record["config"],
    )


async def load_all(connection: Connection, environment: uuid.UUID, name: str | None = None) -> list[ServiceEntity]:
    """
    Load all versions of the service entities of an environment, without what is computed from other rows.

    :param connection: to the database.
    :param environment: id of the environment.
    :param name: of a service entity, to load only its versions.
    """
    records = await connection.fetch(
        f"{_SELECT} WHERE environment = $1 AND ($2::varchar IS NULL OR name = $2) ORDER BY name, version", environment, name
    )
    return [to_entity(record) for record in records]
