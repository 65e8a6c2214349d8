"""
Deployments that were cut off, since the process that did them ended: that is no verdict, and they are done again.

Core takes such a resource for one that cannot be deployed, and leaves it at that until it deploys everything that failed again.
"""

import uuid
from collections.abc import Collection

from asyncpg import Connection
from inmanta import const, data

from inmanta_lsm.data.documents import ServiceInstance, ServiceInstanceLog
from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER
from inmanta_lsm.deployment.scheduler import Scheduler
from inmanta_lsm.lifecycle.instance import Instance

MAXIMUM_INTERRUPTIONS = 3
"""How often the process may end while it deploys a resource, before that is taken for the fault of the resource."""

_EXECUTION_FAILED = "Failure during executor execution"
"""What core logs when the process did not answer; when it cannot be set up at all, it says something else."""

_INTERRUPTED = f"""
    WITH deployment AS (
        SELECT of_resource.resource_id, action.started, (
            action.status = '{const.ResourceState.unavailable.value}' AND EXISTS (
                SELECT FROM unnest(action.messages) AS message WHERE message->>'msg' LIKE '{_EXECUTION_FAILED}%'
            )
        ) AS is_interrupted
        FROM {ServiceInstanceLog.table_name()} AS log
        INNER JOIN public.resourceaction_resource AS of_resource
            ON of_resource.environment = log.environment AND of_resource.resource_id = ANY ($4::text[])
        INNER JOIN public.resourceaction AS action
            ON action.environment = of_resource.environment
            AND action.action_id = of_resource.resource_action_id
            AND action.action = 'deploy'
            AND action.finished IS NOT NULL
            AND action.started >= log.timestamp
        WHERE log.environment = $1 AND log.service_instance_id = $2 AND log.version = $3
    )
    SELECT resource_id FROM deployment GROUP BY resource_id
    HAVING (array_agg(is_interrupted ORDER BY started DESC))[1]
        AND count(*) FILTER (WHERE is_interrupted) < {MAXIMUM_INTERRUPTIONS}
"""

_UNREPORTED = f"""
    SELECT DISTINCT instance.environment, instance.id, instance.version, r.resource_id
    FROM {ServiceInstance.table_name()} AS instance
    INNER JOIN public.resource AS r
        ON r.environment = instance.environment
        AND r.resource_id_value = instance.id::text
        AND r.resource_type = '{LIFECYCLE_TRANSFER}'
    INNER JOIN public.resource_persistent_state AS rps
        ON rps.environment = r.environment AND rps.resource_id = r.resource_id
    WHERE instance.report_pending AND NOT instance.deleted
        AND {const.SQL_RESOURCE_STATUS_SELECTOR} = '{const.ResourceState.unavailable.value}'
"""


async def interrupted(connection: Connection, instance: Instance, resources: Collection[str]) -> list[str]:
    """
    Find the resources whose last deployment since an instance got its version was cut off, and that deserve another one.

    :param resources: ids of the resources to look at; those that are not known are not found
    """
    return await _interrupted(connection, instance.environment, instance.id, instance.version, resources)


async def _interrupted(
    connection: Connection, environment: uuid.UUID, instance: uuid.UUID, version: int, resources: Collection[str]
) -> list[str]:
    records = await connection.fetch(_INTERRUPTED, environment, instance, version, list(resources))
    return [record["resource_id"] for record in records]


class InterruptedReports:
    """Has the results of deployments reported when the process ended that was about to."""

    def __init__(self, scheduler: Scheduler) -> None:
        """:param scheduler: deploys"""
        self._scheduler = scheduler

    async def reconcile(self) -> None:
        """Have those reported that nobody will report any more."""
        due: dict[uuid.UUID, list[str]] = {}
        async with data.BaseDocument.get_connection() as connection:
            for record in await connection.fetch(_UNREPORTED):
                environment = record["environment"]
                due.setdefault(environment, []).extend(
                    await _interrupted(connection, environment, record["id"], record["version"], [record["resource_id"]])
                )
        for environment, resources in due.items():
            await self._scheduler.deploy(environment, resources)
