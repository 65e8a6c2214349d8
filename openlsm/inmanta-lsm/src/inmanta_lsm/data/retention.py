"""What is removed of deleted service instances: their events and their log."""

import datetime
import uuid

from asyncpg import Connection

from inmanta_lsm.data import documents

_INSTANCES = documents.ServiceInstance.table_name()
_EVENTS = documents.ServiceInstanceEvent.table_name()
_LOG = documents.ServiceInstanceLog.table_name()
_ITEMS = documents.OrderItem.table_name()

# Nobody still waits for what becomes of them: no compile whose result is to be applied, no order that is under way.
_DUE = f"""
    SELECT id FROM {_INSTANCES} AS instance
    WHERE environment = $1 AND deleted AND last_updated < $2
        AND (
            EXISTS (SELECT FROM {_LOG} WHERE environment = $1 AND service_instance_id = instance.id)
            OR EXISTS (SELECT FROM {_EVENTS} WHERE environment = $1 AND service_instance_id = instance.id)
        )
        AND NOT EXISTS (
            SELECT FROM {_ITEMS}
            WHERE environment = $1 AND instance_id = instance.id AND state IN ('acknowledged', 'in_progress')
        )
        AND NOT EXISTS (
            SELECT FROM {_EVENTS} AS event
            INNER JOIN public.compile ON compile.id = event.id_compile_report
            WHERE event.environment = $1 AND event.service_instance_id = instance.id AND NOT compile.handled
        )
    ORDER BY last_updated
    LIMIT $3
    FOR UPDATE OF instance SKIP LOCKED
"""


async def remove_histories(
    connection: Connection, environment: uuid.UUID, deleted_before: datetime.datetime, limit: int
) -> int:
    """
    Remove the events and the log of instances that were deleted before a moment, and have not changed since.

    The instances stay, with all that orders and lists tell of them. They are locked until the transaction ends. Who is being
    changed by somebody else is left alone, as it may come back to life.

    :param connection: in a transaction
    :param limit: of how many instances at most
    :return: of how many instances
    """
    due = [record["id"] for record in await connection.fetch(_DUE, environment, deleted_before, limit)]
    for table in (_EVENTS, _LOG) if due else ():
        await connection.execute(
            f"DELETE FROM {table} WHERE environment = $1 AND service_instance_id = ANY ($2::uuid[])", environment, due
        )
    return len(due)
