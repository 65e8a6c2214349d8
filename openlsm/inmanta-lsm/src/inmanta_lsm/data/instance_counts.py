"""How many instances a service has, from counts that the database keeps with every change of an instance."""

import datetime
import time
import uuid
from collections.abc import Collection

from asyncpg import Connection
from inmanta.data import Environment

_TABLE = "public.lsm_instancecount"
_COUNTED = "environment, service_entity, deleted, state, created"
"""What the instances that one row counts have in common."""

_INTERVAL = 60.0
"""Seconds between two times that counts are merged."""

# Rows are only added and removed, so whoever merges them waits for nobody: what another one merges is skipped.
_MERGE = f"""
    WITH
        several AS (
            SELECT {_COUNTED} FROM {_TABLE} GROUP BY {_COUNTED} HAVING count(*) > 1
        ),
        locked AS (
            SELECT part.ctid FROM {_TABLE} AS part JOIN several USING ({_COUNTED})
            FOR UPDATE OF part SKIP LOCKED
        ),
        gone AS (DELETE FROM {_TABLE} AS part USING locked WHERE part.ctid = locked.ctid RETURNING part.*)
    INSERT INTO {_TABLE} ({_COUNTED}, instances)
        SELECT {_COUNTED}, sum(instances) FROM gone GROUP BY {_COUNTED}
        HAVING sum(instances) <> 0
"""


def counted_hour(moment: datetime.datetime) -> datetime.datetime:
    """
    Give the hour with whose instances those are counted that were created at a moment.

    :param moment: of any time zone
    """
    return moment.astimezone(datetime.UTC).replace(minute=0, second=0, microsecond=0)


async def count_instances(
    connection: Connection,
    environment: uuid.UUID,
    service_entity: str,
    deleted: Collection[bool],
    states: Collection[str] | None = None,
    before: datetime.datetime | None = None,
) -> tuple[int, int]:
    """
    Count the instances of a service.

    :param deleted: which instances: those that are not deleted, those that are, or both
    :param states: only those in one of these states, in any if None
    :param before: an hour
    :return: how many there are, and how many of them were created before that hour
    """
    record = await connection.fetchrow(
        f"SELECT coalesce(sum(instances), 0)::bigint, coalesce(sum(instances) FILTER (WHERE created < $5), 0)::bigint"
        f" FROM {_TABLE} WHERE environment = $1 AND service_entity = $2 AND deleted = ANY ($3::boolean[])"
        f" AND ($4::varchar[] IS NULL OR state = ANY ($4))",
        environment,
        service_entity,
        list(deleted),
        None if states is None else list(states),
        before,
    )
    assert record is not None
    return record[0], record[1]


async def count_states(
    connection: Connection, environment: uuid.UUID, service_entity: str | None = None
) -> dict[str, dict[str, int]]:
    """
    Count the instances that are not deleted.

    :param service_entity: the service whose instances are counted, all of the environment if None
    :return: the number of instances per service entity and state; zeros are left out
    """
    query = f"""
        SELECT service_entity, state, sum(instances)::bigint AS instances
        FROM {_TABLE}
        WHERE environment = $1 AND NOT deleted {"" if service_entity is None else "AND service_entity = $2"}
        GROUP BY service_entity, state
        HAVING sum(instances) <> 0
    """
    values = [environment] if service_entity is None else [environment, service_entity]
    counts: dict[str, dict[str, int]] = {}
    for record in await connection.fetch(query, *values):
        counts.setdefault(record["service_entity"], {})[record["state"]] = record["instances"]
    return counts


async def merge(connection: Connection) -> None:
    """Make one row of all that count the same instances, and none of those that count none."""
    await connection.execute(_MERGE)


class Merging:
    """The duty to merge the counts, now and then."""

    def __init__(self) -> None:
        self._due = time.monotonic()

    async def reconcile(self) -> None:
        """Merge when an interval has passed; what fails is tried again the next time."""
        if time.monotonic() < self._due:
            return
        async with Environment.get_connection() as connection:
            await merge(connection)
        self._due = time.monotonic() + _INTERVAL
