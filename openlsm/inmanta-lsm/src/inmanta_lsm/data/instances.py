"""The service instances in the database: reading with row locks, and writing what was decided."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from asyncpg import Connection

from inmanta_lsm.attributes.sets import Attributes, AttributeSets
from inmanta_lsm.data import documents
from inmanta_lsm.data.documents import Row
from inmanta_lsm.lifecycle.instance import DeploymentReport, Instance
from inmanta_lsm.model import ServiceEntity, ServiceInstance, ServiceInstanceEvent, ServiceInstanceLog, TransferContext

_TABLE = documents.ServiceInstance.table_name()
_LOG_TABLE = documents.ServiceInstanceLog.table_name()
# The fields of an instance that are columns as they are.
_PLAIN = [
    field.name for field in fields(Instance) if field.name in documents.ServiceInstance.get_field_names() - {"last_report"}
]
_FIXED = frozenset({"environment", "id", "service_entity"})
_LOGGED = ", ".join(
    name
    for name in documents.ServiceInstanceLog.get_field_names()
    if name not in {"environment", "service_instance_id", "timestamp"}
)

INSTANCE_COLUMNS = ", ".join(
    name for name in documents.ServiceInstance.get_field_names() if name in ServiceInstance.model_fields
)
"""The columns of an instance that its model shows; the others are the memory of the lifecycle engine."""


async def lock_instance(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID) -> Instance | None:
    """
    Read an instance and keep everybody else from changing it until the end of the transaction.

    :param connection: in a transaction
    :return: None when there is no such instance
    """
    record = await connection.fetchrow(
        f"SELECT * FROM {_TABLE} WHERE environment = $1 AND id = $2 FOR NO KEY UPDATE", environment, instance_id
    )
    return None if record is None else to_lifecycle_instance(record)


async def find_instance(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID) -> Instance | None:
    """
    Read an instance, which others may change at any time.

    :return: None when there is no such instance
    """
    record = await connection.fetchrow(f"SELECT * FROM {_TABLE} WHERE environment = $1 AND id = $2", environment, instance_id)
    return None if record is None else to_lifecycle_instance(record)


async def is_identity_taken(connection: Connection, environment: uuid.UUID, service_entity: str, identity: str) -> bool:
    """Whether an instance of a service that is not deleted has an identity."""
    taken: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM {_TABLE} WHERE environment = $1 AND service_entity = $2"
        " AND service_identity_attribute_value = $3 AND NOT deleted)",
        environment,
        service_entity,
        identity,
    )
    return taken


async def get_instance(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID) -> ServiceInstance:
    """
    Read an instance as the API shows it.

    :raises LookupError: there is no such instance
    """
    record = await connection.fetchrow(
        f"SELECT {INSTANCE_COLUMNS} FROM {_TABLE} WHERE environment = $1 AND id = $2", environment, instance_id
    )
    if record is None:
        raise LookupError(f"there is no service instance {instance_id}")
    return to_instance(record)


async def insert_instance(
    connection: Connection, instance: Instance, entity: ServiceEntity, context: TransferContext, now: datetime.datetime
) -> None:
    """
    Store a new instance and its first log row.

    :param connection: in a transaction
    :param now: when it was created
    :raises asyncpg.UniqueViolationError: its id or its identity is taken
    :raises asyncpg.ForeignKeyViolationError: its service entity was removed in the meantime
    """
    values = {
        **_columns(instance, entity, context),
        "environment": instance.environment,
        "id": instance.id,
        "service_entity": instance.service_entity,
        "created_at": now,
        "last_updated": now,
    }
    numbers = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO {_TABLE} ({', '.join(values)}) VALUES ({numbers})", *values.values())
    await _write_log(connection, instance)


async def update_instance(
    connection: Connection,
    before: Instance,
    after: Instance,
    entity: ServiceEntity,
    context: TransferContext,
    now: datetime.datetime,
) -> None:
    """
    Store a changed instance, with a log row when it has a new version.

    :param connection: in the transaction that locked the instance
    :param before: the instance that was read
    :param after: the instance to store
    :param now: when it was changed
    :raises asyncpg.UniqueViolationError: its new identity is taken
    """
    values = _columns(after, entity, context)
    if (before.version, before.sets, before.config) != (after.version, after.sets, after.config):
        values["last_updated"] = now
    assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(values, start=3))
    await connection.execute(
        f"UPDATE {_TABLE} SET {assignments} WHERE environment = $1 AND id = $2", after.environment, after.id, *values.values()
    )
    if after.version != before.version:
        await _write_log(connection, after)


async def instances_in_states(
    connection: Connection, environment: uuid.UUID, service_entity: str, version: int, states: Sequence[str]
) -> list[tuple[datetime.datetime, uuid.UUID]]:
    """
    Give the instances of one version of a service entity that may be about to follow an auto edge, and since when.

    :param states: names of the states that auto edges leave
    """
    records = await connection.fetch(
        f"SELECT last_updated, id FROM {_TABLE} WHERE environment = $1 AND service_entity = $2 AND service_entity_version = $3"
        " AND state = ANY($4) AND NOT deleted",
        environment,
        service_entity,
        version,
        states,
    )
    return [(record["last_updated"], record["id"]) for record in records]


async def set_metadata(connection: Connection, instance: Instance, key: str, value: str) -> None:
    """
    Store a metadata value of an instance.

    :param connection: in the transaction that locked the instance
    :param key: name of the value
    """
    await connection.execute(
        f"INSERT INTO {documents.ServiceInstanceMetadata.table_name()} (environment, service_instance_id, key, value)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (environment, service_instance_id, key) DO UPDATE SET value = excluded.value",
        instance.environment,
        instance.id,
        key,
        value,
    )


def to_instance(record: Row) -> ServiceInstance:
    """
    Make an instance from its row.

    :param record: the row, with at least :data:`INSTANCE_COLUMNS`
    """
    return ServiceInstance(callback=[], **record)


def to_log(record: Row, events: list[ServiceInstanceEvent]) -> ServiceInstanceLog:
    """
    Make a log entry from its row.

    :param record: the row, with all columns of the log
    :param events: the events that led to this version, the oldest one first
    """
    return ServiceInstanceLog(callback=[], events=events, **record)


def to_lifecycle_instance(record: Row) -> Instance:
    """
    Make an instance, as the lifecycle takes it, from its row.

    :param record: the row, with all its columns
    """
    report = record["last_report"]
    return Instance(
        **{name: record[name] for name in _PLAIN},
        sets=AttributeSets(
            candidate=record["candidate_attributes"],
            active=record["active_attributes"],
            rollback=record["rollback_attributes"],
        ),
        last_report=None
        if report is None
        else DeploymentReport(**{**report, "failed_resources": tuple(report["failed_resources"])}),
    )


def _columns(instance: Instance, entity: ServiceEntity, context: TransferContext) -> dict[str, Any]:
    """The columns that may change, as they are sent to the database."""
    sets, report = instance.sets, instance.last_report
    plain = {name: getattr(instance, name) for name in _PLAIN if name not in _FIXED}
    return plain | {
        "config": _json(instance.config),
        "candidate_attributes": _json(sets.candidate),
        "active_attributes": _json(sets.active),
        "rollback_attributes": _json(sets.rollback),
        "service_identity_attribute_value": sets.identity(entity),
        "transfer_context": context,
        "last_report": None if report is None else json.dumps(asdict(report)),
    }


def _json(value: Attributes | Mapping[str, bool] | None) -> str | None:
    return None if value is None else json.dumps(value)


async def _write_log(connection: Connection, instance: Instance) -> None:
    await connection.execute(
        f"INSERT INTO {_LOG_TABLE} (environment, service_instance_id, timestamp, {_LOGGED})"
        f" SELECT environment, id, last_updated, {_LOGGED} FROM {_TABLE} WHERE environment = $1 AND id = $2",
        instance.environment,
        instance.id,
    )
