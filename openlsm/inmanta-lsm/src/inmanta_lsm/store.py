"""The service instances in the database: reading with row locks, and writing what was decided."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from asyncpg import Connection, Record

from inmanta_lsm import data
from inmanta_lsm.attribute_sets import Attributes, AttributeSets
from inmanta_lsm.attributes import identity_value
from inmanta_lsm.clock import Clock
from inmanta_lsm.decision import Event
from inmanta_lsm.model import ServiceEntity, ServiceInstance, ServiceInstanceEvent, TransferContext
from inmanta_lsm.records import INSTANCE_COLUMNS, to_event, to_instance
from inmanta_lsm.snapshot import DeploymentReport, Instance

_TABLE = data.ServiceInstance.table_name()
_LOG_TABLE = data.ServiceInstanceLog.table_name()
_EVENT_TABLE = data.ServiceInstanceEvent.table_name()
_LOGGED = (
    "version, desired_state_version, service_entity, service_entity_version, config, state, candidate_attributes,"
    " active_attributes, rollback_attributes, created_at, last_updated, deleted, service_identity_attribute_value,"
    " transfer_context"
)


async def lock_instance(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID) -> Instance | None:
    """
    Read an instance and keep everybody else from changing it until the end of the transaction.

    :param connection: in a transaction.
    :param environment: id of the environment.
    :param instance_id: id of the instance.
    :return: None when there is no such instance.
    """
    record = await connection.fetchrow(
        f"SELECT * FROM {_TABLE} WHERE environment = $1 AND id = $2 FOR NO KEY UPDATE", environment, instance_id
    )
    return None if record is None else to_snapshot(record)


async def get_instance(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID) -> ServiceInstance:
    """
    Read an instance as the API shows it.

    :param connection: to the database.
    :param environment: id of the environment.
    :param instance_id: id of the instance.
    :raises LookupError: there is no such instance.
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

    :param connection: in a transaction.
    :param instance: the instance.
    :param entity: definition of the service.
    :param context: its transfer context.
    :param now: when it was created.
    :raises asyncpg.UniqueViolationError: its id or its identity is taken.
    :raises asyncpg.ForeignKeyViolationError: its service entity was removed in the meantime.
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

    :param connection: in the transaction that locked the instance.
    :param before: the instance that was read.
    :param after: the instance to store.
    :param entity: definition of the service.
    :param context: its transfer context.
    :param now: when it was changed.
    :raises asyncpg.UniqueViolationError: its new identity is taken.
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


async def insert_events(
    connection: Connection, instance: Instance, events: Sequence[Event], clock: Clock
) -> list[ServiceInstanceEvent]:
    """
    Store events.

    :param connection: in the transaction that locked the instance.
    :param instance: the instance as it was when the trigger was received: the events belong to its version.
    :param events: the events, in their order.
    :param clock: gives the time of each event.
    :return: the events as they are stored.
    """
    rows = [
        {
            "environment": instance.environment,
            "id": uuid.uuid4(),
            "service_instance_id": instance.id,
            "service_instance_version": instance.version,
            "service_desired_state_version": instance.desired_state_version,
            "timestamp": clock.tick(),
            "source": event.source,
            "destination": event.destination,
            "message": event.message,
            "ignored_transition": event.ignored,
            "event_correlation_id": event.flow.correlation_id,
            "severity": event.severity,
            "id_compile_report": event.compile_id,
            "event_type": event.flow.event_type.value,
            "is_error_transition": event.is_error,
            "is_outcome": event.outcome,
        }
        for event in events
    ]
    if rows:
        columns = list(rows[0])
        numbers = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        await connection.executemany(
            f"INSERT INTO {_EVENT_TABLE} ({', '.join(columns)}) VALUES ({numbers})", [tuple(row.values()) for row in rows]
        )
    return [to_event(row) for row in rows]


async def has_outcome(connection: Connection, environment: uuid.UUID, correlation_id: uuid.UUID) -> bool:
    """
    Whether a flow has ended.

    :param connection: to the database.
    :param environment: id of the environment.
    :param correlation_id: of the flow.
    """
    found: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM {_EVENT_TABLE} WHERE environment = $1 AND event_correlation_id = $2 AND is_outcome)",
        environment,
        correlation_id,
    )
    return found


async def instances_in_states(
    connection: Connection, environment: uuid.UUID, service_entity: str, version: int, states: Sequence[str]
) -> list[tuple[datetime.datetime, uuid.UUID]]:
    """
    Give the instances of one version of a service entity that may be about to follow an auto edge, and since when.

    :param connection: to the database.
    :param environment: id of the environment.
    :param service_entity: name of the service entity.
    :param version: of the service entity.
    :param states: names of the states that auto edges leave.
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

    :param connection: in the transaction that locked the instance.
    :param instance: the instance.
    :param key: name of the value.
    :param value: the value.
    """
    await connection.execute(
        f"INSERT INTO {data.ServiceInstanceMetadata.table_name()} (environment, service_instance_id, key, value)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (environment, service_instance_id, key) DO UPDATE SET value = excluded.value",
        instance.environment,
        instance.id,
        key,
        value,
    )


async def clear(connection: Connection, environment: uuid.UUID) -> None:
    """
    Remove everything of an environment.

    :param connection: in a transaction.
    :param environment: id of the environment.
    """
    # The instances go with their service entities, their history and metadata with the instances, the items with the orders.
    for document in (data.ServiceEntity, data.Callback, data.Order):
        await connection.execute(f"DELETE FROM {document.table_name()} WHERE environment = $1", environment)


def to_snapshot(record: Record | Mapping[str, Any]) -> Instance:
    """
    Make a snapshot from the row of an instance.

    :param record: the row, with all its columns.
    """
    report = record["last_report"]
    return Instance(
        id=record["id"],
        environment=record["environment"],
        service_entity=record["service_entity"],
        service_entity_version=record["service_entity_version"],
        version=record["version"],
        desired_state_version=record["desired_state_version"],
        state=record["state"],
        sets=AttributeSets(
            candidate=record["candidate_attributes"],
            active=record["active_attributes"],
            rollback=record["rollback_attributes"],
        ),
        config=record["config"],
        deleted=record["deleted"],
        auto_done=record["auto_done"],
        report_pending=record["report_pending"],
        last_report=None
        if report is None
        else DeploymentReport(**{**report, "failed_resources": tuple(report["failed_resources"])}),
    )


def _columns(instance: Instance, entity: ServiceEntity, context: TransferContext) -> dict[str, Any]:
    """The columns that may change, as they are sent to the database."""
    sets, report = instance.sets, instance.last_report
    return {
        "service_entity_version": instance.service_entity_version,
        "version": instance.version,
        "desired_state_version": instance.desired_state_version,
        "config": _json(instance.config),
        "state": instance.state,
        "candidate_attributes": _json(sets.candidate),
        "active_attributes": _json(sets.active),
        "rollback_attributes": _json(sets.rollback),
        "deleted": instance.deleted,
        "service_identity_attribute_value": identity_value(entity, sets.candidate, sets.active, sets.rollback),
        "transfer_context": context,
        "auto_done": instance.auto_done,
        "report_pending": instance.report_pending,
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
