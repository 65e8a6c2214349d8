"""The counts of instances, as the database keeps them and as a walk through the instances gives them."""

import uuid
from collections.abc import Mapping

import asyncpg

type Counts = Mapping[tuple[object, ...], int]
"""How many instances there are, by service, whether they are deleted, state, and hour of creation; without zeros."""


async def kept(connection: "asyncpg.Connection[asyncpg.Record]", environment: uuid.UUID) -> Counts:
    """Give the counts of an environment that the database keeps."""
    return await _counts(
        connection,
        environment,
        """
        SELECT service_entity, deleted, state, created, sum(instances)::int FROM public.lsm_instancecount
        WHERE environment = $1 GROUP BY 1, 2, 3, 4 HAVING sum(instances) <> 0
        """,
    )


async def walked(connection: "asyncpg.Connection[asyncpg.Record]", environment: uuid.UUID) -> Counts:
    """Count the instances of an environment, one by one."""
    return await _counts(
        connection,
        environment,
        """
        SELECT service_entity, deleted, state, date_trunc('hour', created_at, 'UTC'), count(*)::int
        FROM public.lsm_serviceinstance WHERE environment = $1 GROUP BY 1, 2, 3, 4
        """,
    )


async def _counts(connection: "asyncpg.Connection[asyncpg.Record]", environment: uuid.UUID, query: str) -> Counts:
    found = await connection.fetch(query, environment)
    return {tuple(record)[:-1]: record[-1] for record in found}
