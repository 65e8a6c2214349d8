"""
Schedulers that stand still: they run, and do not do what they were asked for.

A scheduler that could not write the start of a deployment takes the resource for one that is being deployed (``deploy_start``,
``_deploying_latest``): it does not deploy it any more, nor what depends on it, whoever asks. One that could not read a version
of the model does so with the next one at the earliest. It forgets both when it starts anew.
"""

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from asyncpg import Connection
from inmanta import const, data

# What each transfer waits for, through any number of resources.
_NEEDED = rf"""
    WITH RECURSIVE exported AS (
        SELECT r.resource_id, r.attributes->'requires' AS requires
        FROM public.resource AS r
        INNER JOIN public.resource_set_configuration_model AS rscm
            ON rscm.environment = r.environment AND rscm.resource_set = r.resource_set
        WHERE r.environment = $1 AND rscm.model = (
            SELECT max(version) FROM {data.ConfigurationModel.table_name()} WHERE environment = $1 AND released
        )
    ), needed (transfer, resource_id) AS (
        SELECT resource_id, resource_id FROM exported WHERE resource_id = ANY ($2::text[])
        UNION
        SELECT needed.transfer, regexp_replace(required.id, ',v=\d+$', '')
        FROM needed
        INNER JOIN exported ON exported.resource_id = needed.resource_id
        CROSS JOIN LATERAL jsonb_array_elements_text(exported.requires) AS required(id)
    )
    SELECT
        needed.transfer,
        max(rps.last_handler_run_at) AS last_run,
        bool_or(rps.blocked = 'BLOCKED') AS is_blocked,
        array_agg(DISTINCT rps.agent) FILTER (WHERE {const.SQL_RESOURCE_STATUS_SELECTOR} <> 'deployed') AS agents
    FROM needed
    INNER JOIN public.resource_persistent_state AS rps ON rps.environment = $1 AND rps.resource_id = needed.resource_id
    GROUP BY needed.transfer
"""

_BEHIND = f"""
    SELECT max(model.version) > COALESCE(max(scheduler.last_processed_model_version), 0)
    FROM {data.ConfigurationModel.table_name()} AS model
    LEFT JOIN {data.Scheduler.table_name()} AS scheduler ON scheduler.environment = model.environment
    WHERE model.environment = $1 AND model.released
"""

_DEPLOYING = """
    SELECT rps.environment, rps.agent, rps.resource_id, max(action.started) AS started
    FROM public.resource_persistent_state AS rps
    INNER JOIN public.resourceaction_resource AS of_resource
        ON of_resource.environment = rps.environment AND of_resource.resource_id = rps.resource_id
    INNER JOIN public.resourceaction AS action
        ON action.environment = rps.environment
        AND action.action_id = of_resource.resource_action_id
        AND action.action = 'deploy'
        AND action.finished IS NULL
    WHERE rps.is_deploying AND rps.environment = COALESCE($1, rps.environment)
    GROUP BY rps.environment, rps.agent, rps.resource_id
"""


@dataclass(frozen=True)
class Need:
    """
    What a lifecycle transfer waits for.

    :param last_run: when any of the resources was deployed last
    :param is_blocked: one of them cannot be deployed, as something about it is not known yet
    :param agents: those that have to deploy what is not deployed
    """

    last_run: datetime.datetime | None
    is_blocked: bool
    agents: frozenset[str]


@dataclass(frozen=True)
class Work:
    """A deployment that has begun, and not ended, for what the database knows."""

    environment: uuid.UUID
    agent: str
    resource_id: str
    started: datetime.datetime


async def needs_of(connection: Connection, environment: uuid.UUID, transfers: Collection[str]) -> dict[str, Need]:
    """
    Find what lifecycle transfers wait for, in the newest released version of the model.

    :param transfers: ids of the resources; those that are not in that version are not found
    """
    records = await connection.fetch(_NEEDED, environment, list(transfers))
    return {
        record["transfer"]: Need(record["last_run"], record["is_blocked"], frozenset(record["agents"] or ()))
        for record in records
    }


async def is_behind(connection: Connection, environment: uuid.UUID) -> bool:
    """Whether there is a version of the model that the scheduler has not taken yet."""
    return bool(await connection.fetchval(_BEHIND, environment))


async def paused_agents(connection: Connection, environment: uuid.UUID) -> set[str]:
    """Find the agents that are not to deploy anything now."""
    records = await connection.fetch(
        f"SELECT name FROM {data.Agent.table_name()} WHERE environment = $1 AND paused", environment
    )
    return {record["name"] for record in records}


async def work_of(connection: Connection, environment: uuid.UUID | None = None) -> list[Work]:
    """Find the deployments that have begun and not ended, of an environment or of all."""
    return [Work(**record) for record in await connection.fetch(_DEPLOYING, environment)]


def real_work(work: Collection[Work], last_deployed: Mapping[str, datetime.datetime | None]) -> list[Work]:
    """
    Leave out deployments that ended, and whose end could not be written.

    :param last_deployed: when the scheduler saw each resource deployed
    """

    def has_ended(one: Work) -> bool:
        ended = last_deployed.get(one.resource_id)
        return ended is not None and ended > one.started

    return [one for one in work if not has_ended(one)]


def stands_still(need: Need, before: Need, excused: Collection[str]) -> bool:
    """
    Whether nothing moves that a transfer waits for, and nothing is a reason for that.

    :param before: the same some time ago; the scheduler was asked for it then
    :param excused: the agents that deploy something, or are not to
    """
    return bool(need.agents) and not need.is_blocked and need.last_run == before.last_run and need.agents.isdisjoint(excused)
