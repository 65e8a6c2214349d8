"""
Deployments that were cut off, since the process that did them ended: that is no verdict, and they are done again.

Core takes such a resource for one that cannot be deployed, and leaves it at that until it deploys everything that failed again.
"""

from collections.abc import Collection

from asyncpg import Connection
from inmanta import const

from inmanta_lsm.data.documents import ServiceInstanceLog
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


async def interrupted(connection: Connection, instance: Instance, resources: Collection[str]) -> list[str]:
    """
    Find the resources whose last deployment since an instance got its version was cut off, and that deserve another one.

    :param resources: ids of the resources to look at; those that are not known are not found
    """
    records = await connection.fetch(_INTERRUPTED, instance.environment, instance.id, instance.version, list(resources))
    return [record["resource_id"] for record in records]
