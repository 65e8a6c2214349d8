"""
Which resources of service instances have to be deployed again although their desired state is the same as before.

From inmanta-core 20 on, an export makes the scheduler deploy what is new or changed. What failed before stays as it is, and a
lifecycle transfer that depends on it would report a failure from before the transfer.
"""

import uuid
from collections.abc import Collection

from asyncpg import Connection
from inmanta import const, data

from inmanta_lsm.data.documents import ServiceInstanceLog
from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER
from inmanta_lsm.lifecycle.instance import Instance


async def not_failed_since(connection: Connection, instance: Instance, resources: Collection[str]) -> list[str]:
    """
    Find the resources of which a report says that they failed, and that have not failed since an instance got its version.

    Those that were last deployed before, or were being deployed when it did: what stood in the way of such a deployment may
    have gone by then. And those that are deployed by now: a transfer reports what was so when its own deployment began.

    :param resources: ids of the resources that were reported; those that are not known are not found
    """
    records = await connection.fetch(
        f"""
        SELECT rps.resource_id
        FROM {ServiceInstanceLog.table_name()} AS log
        INNER JOIN public.resource_persistent_state AS rps
            ON rps.environment = log.environment
            AND rps.resource_id = ANY ($4::text[])
        WHERE (
                {const.SQL_RESOURCE_STATUS_SELECTOR} = 'deployed'
                OR rps.last_handler_run_at < log.timestamp
                OR (
                    SELECT max(action.started)
                    FROM public.resourceaction_resource AS of_resource
                    INNER JOIN public.resourceaction AS action
                        ON action.environment = of_resource.environment
                        AND action.action_id = of_resource.resource_action_id
                        AND action.action = 'deploy'
                        AND action.finished >= log.timestamp
                    WHERE of_resource.environment = rps.environment AND of_resource.resource_id = rps.resource_id
                ) < log.timestamp
            )
            AND log.environment = $1 AND log.service_instance_id = $2 AND log.version = $3
        """,
        instance.environment,
        instance.id,
        instance.version,
        list(resources),
    )
    return [record["resource_id"] for record in records]


async def awaited_resources(environment: uuid.UUID) -> list[str]:
    """
    Find the resources of all instances that are not known to be deployed, with their transfers.

    They are those of the newest released model version.
    """
    async with data.BaseDocument.get_connection() as connection:
        records = await connection.fetch(
            f"""
            WITH transfer AS (
                SELECT r.resource_id, r.attributes->'resources' AS resources
                FROM public.resource_persistent_state AS rps
                INNER JOIN public.resource AS r ON r.environment = $1 AND r.resource_id = rps.resource_id
                INNER JOIN public.resource_set_configuration_model AS rscm
                    ON rscm.environment = $1
                    AND rscm.resource_set = r.resource_set
                    AND rscm.model = (
                        SELECT max(version) FROM {data.ConfigurationModel.table_name()} WHERE environment = $1 AND released
                    )
                WHERE rps.environment = $1
                    AND rps.resource_type = '{LIFECYCLE_TRANSFER}'
                    AND {const.SQL_RESOURCE_STATUS_SELECTOR} <> 'deployed'
            )
            SELECT resource_id FROM transfer
            UNION
            SELECT jsonb_array_elements_text(
                CASE jsonb_typeof(resources) WHEN 'array' THEN resources ELSE '[]'::jsonb END
            )
            FROM transfer
            """,
            environment,
        )
    return [record["resource_id"] for record in records]
