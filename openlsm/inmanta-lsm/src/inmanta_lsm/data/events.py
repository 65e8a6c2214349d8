"""The events of service instances in the database."""

import logging
import uuid
from collections.abc import Collection, Sequence

from asyncpg import Connection, Record

from inmanta_lsm.data import documents
from inmanta_lsm.data.clock import Clock
from inmanta_lsm.data.documents import Row
from inmanta_lsm.lifecycle.decision import Event
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import ServiceInstanceEvent

_TABLE = documents.ServiceInstanceEvent.table_name()


async def insert_events(
    connection: Connection, instance: Instance, events: Sequence[Event], clock: Clock
) -> list[ServiceInstanceEvent]:
    """
    Store events.

    :param connection: in the transaction that locked the instance
    :param instance: the instance as it was when the trigger was received: the events belong to its version
    :param events: the events, in their order
    :param clock: gives the time of each event
    :return: the events as they are stored
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
            f"INSERT INTO {_TABLE} ({', '.join(columns)}) VALUES ({numbers})", [tuple(row.values()) for row in rows]
        )
    return [to_event(row) for row in rows]


async def note_repetition(connection: Connection, cut: uuid.UUID, again: uuid.UUID, reason: str, clock: Clock) -> None:
    """
    Add to the flow that requested a compile that it is requested again.

    :param cut: the compile that was cut off
    :param again: the compile that is to do the same
    :param reason: what cut the first one off
    """
    changed = {
        "id": "$2::uuid",
        "timestamp": "$3::timestamptz",
        # The text that it begins with tells the web console what kind of compile it is about.
        "message": "split_part(message, ' queued with id ', 1) || $4::text",
        "id_compile_report": "$5::uuid",
    }
    columns = list(documents.ServiceInstanceEvent.get_field_names())
    await connection.execute(
        f"INSERT INTO {_TABLE} ({', '.join(columns)}) SELECT {', '.join(changed.get(name, name) for name in columns)}"
        f" FROM {_TABLE} WHERE id_compile_report = $1 AND NOT is_outcome LIMIT 1",
        cut,
        uuid.uuid4(),
        clock.tick(),
        f" queued with id {again}: compile {cut} was cut off, {reason}",
        again,
    )


async def has_outcome(connection: Connection, environment: uuid.UUID, correlation_id: uuid.UUID) -> bool:
    """Whether a flow has ended."""
    found: bool = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM {_TABLE} WHERE environment = $1 AND event_correlation_id = $2 AND is_outcome)",
        environment,
        correlation_id,
    )
    return found


async def events_since(connection: Connection, environment: uuid.UUID, instance_id: uuid.UUID, version: int) -> list[Record]:
    """
    Read the rows of the events of an instance that were received in a version or a later one, the oldest first.

    :param version: the first version, 0 for the creation
    """
    records: list[Record] = await connection.fetch(
        f"SELECT * FROM {_TABLE} WHERE environment = $1 AND service_instance_id = $2 AND service_instance_version >= $3"
        " ORDER BY timestamp, id",
        environment,
        instance_id,
        version,
    )
    return records


async def events_by_version(
    environment: uuid.UUID, instance: uuid.UUID, versions: Collection[int]
) -> dict[int, list[ServiceInstanceEvent]]:
    """
    Read the events of an instance that were received in given versions.

    :param versions: the versions, 0 for the creation
    :return: the events per version, the oldest one first
    """
    query = f"""
        SELECT *
        FROM {documents.ServiceInstanceEvent.table_name()}
        WHERE environment = $1 AND service_instance_id = $2 AND service_instance_version = ANY ($3::int[])
        ORDER BY service_instance_version, timestamp, id
    """
    events: dict[int, list[ServiceInstanceEvent]] = {}
    async with documents.ServiceInstanceEvent.get_connection() as connection:
        for record in await connection.fetch(query, environment, instance, versions):
            events.setdefault(record["service_instance_version"], []).append(to_event(record))
    return events


def to_event(record: Row) -> ServiceInstanceEvent:
    """
    Make an event from its row.

    :param record: the row, with all columns of an event; what the model does not have is left out
    """
    return ServiceInstanceEvent(severity_text=logging.getLevelName(record["severity"]), **record)
