"""What has to hold when nothing is left to be done, read from the database: each query finds what breaks one rule."""

import json
from typing import Any

import asyncpg

SETTLED = """
SELECT id::text FROM lsm_serviceinstance WHERE NOT deleted AND (transfer_context <> 'stable' OR state <> 'up')
UNION ALL SELECT id::text FROM compile WHERE completed IS NULL OR NOT handled
UNION ALL SELECT id::text FROM lsm_order WHERE completed_at IS NULL
"""
"""What is still under way: an instance that is not up, a compile without an applied result, an order in progress."""

RULES = {
    "an instance has a row in the log for each of its versions": """
        SELECT instance.id FROM lsm_serviceinstance AS instance
        WHERE instance.version <> (
            SELECT count(*) FROM lsm_serviceinstancelog AS log
            WHERE log.environment = instance.environment AND log.service_instance_id = instance.id
                AND log.version BETWEEN 1 AND instance.version
        )
    """,
    "the newest row of the log is the instance": """
        SELECT instance.id FROM lsm_serviceinstance AS instance
        LEFT JOIN lsm_serviceinstancelog AS log
            ON log.environment = instance.environment AND log.service_instance_id = instance.id
            AND log.version = instance.version
        WHERE log.state IS DISTINCT FROM instance.state OR log.deleted IS DISTINCT FROM instance.deleted
    """,
    "each flow has one outcome": """
        SELECT event_correlation_id FROM lsm_serviceinstanceevent
        WHERE event_type NOT IN ('CREATE_TRANSITION', 'ALLOCATION_UPDATE')
        GROUP BY environment, event_correlation_id HAVING count(*) FILTER (WHERE is_outcome) <> 1
    """,
    "no instance was rejected or failed, as nothing was wrong with any": """
        SELECT service_instance_id FROM lsm_serviceinstancelog WHERE state LIKE '%rejected%' OR state LIKE '%failed%'
    """,
    "an instance is where it was asked to be": "SELECT id FROM lsm_serviceinstance WHERE NOT deleted AND state <> 'up'",
    "an order did all that it was asked for": "SELECT id FROM lsm_order WHERE state <> 'success'",
    "an item of an order is there, or gone, as the last one about the instance says": """
        SELECT instance.id FROM lsm_serviceinstance AS instance
        WHERE instance.deleted <> EXISTS (
            SELECT FROM lsm_serviceinstancelog AS log
            WHERE log.environment = instance.environment AND log.service_instance_id = instance.id AND log.state = 'deleting'
        )
        UNION ALL SELECT item.instance_id FROM lsm_orderitem AS item
        WHERE NOT EXISTS (
            SELECT FROM lsm_serviceinstance AS instance
            WHERE instance.environment = item.environment AND instance.id = item.instance_id
                AND (instance.deleted OR item.action <> 'delete')
        )
    """,
}

ACTIVE = """
SELECT active_attributes FROM lsm_serviceinstance WHERE NOT deleted AND service_entity = $1
"""


async def under_way(connection: asyncpg.Connection) -> list[str]:
    """Find what is not settled."""
    return [record["id"] for record in await connection.fetch(SETTLED)]


async def broken(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Find the rules that are broken, with whom they are broken by."""
    found = {rule: [str(record[0]) for record in await connection.fetch(query)] for rule, query in RULES.items()}
    return {rule: culprits for rule, culprits in found.items() if culprits}


async def active_attributes(connection: asyncpg.Connection, service: str) -> list[dict[str, Any]]:
    """Give the active attributes of the instances of a service that are not deleted."""
    return [json.loads(record["active_attributes"]) for record in await connection.fetch(ACTIVE, service)]


async def sizes(connection: asyncpg.Connection) -> dict[str, int]:
    """Give the bytes of the tables that grow with the work."""
    records = await connection.fetch(
        "SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class WHERE relkind = 'r'"
        " AND (relname LIKE 'lsm_%' OR relname IN ('compile', 'report', 'resource', 'resourceaction')) ORDER BY relname"
    )
    return {record["relname"]: record["bytes"] for record in records}
