"""
How far the deployment of service instances is: the resources that decide their state, and the state of each of them.

The resources of an instance are those that its lifecycle transfer resource lists. That resource is found by its type and by
the value of its id attribute, never by its agent.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from inmanta import const, data

from inmanta_lsm.model import DeploymentProgress, Resource, ResourceState

LIFECYCLE_TRANSFER = "lsm::LifecycleTransfer"
"""The type of the resource that reports the result of a deployment; its id value is the id of the instance."""

_FAILED = frozenset({ResourceState.failed, ResourceState.unavailable, ResourceState.non_compliant})
"""The resource states that make a lifecycle transfer report a failure."""

_RESOURCE_STATUS = f"COALESCE(NULLIF({const.SQL_RESOURCE_STATUS_SELECTOR}, 'orphaned'), 'available')"
# A resource that is listed is wanted, so it can only be seen as an orphan, or not at all, while the scheduler has not seen its
# version yet. Core says by the selector how it marks an orphan, which differs between its releases.


def _statuses_query(version: str) -> str:
    """
    The query for the state of each resource of the instances $2 (text[]) in environment $1.

    The transfers are looked up by (environment, id value), the states by primary key, so that the cost depends on the number
    of instances asked for and not on the size of the model.

    :param version: SQL expression of the model version in which the lifecycle transfers are looked up
    """
    return f"""
        WITH wanted AS (
            SELECT ({version}) AS version
        ), transfer AS (
            SELECT
                r.resource_id_value AS instance_id,
                r.attributes->'resources' AS resources,
                transfer_state.current_intent_attribute_hash IS DISTINCT FROM r.attribute_hash AS is_new
            FROM wanted
            INNER JOIN public.resource AS r
                ON r.environment = $1
                AND r.resource_id_value = ANY($2::text[])
                AND r.resource_type = '{LIFECYCLE_TRANSFER}'
            INNER JOIN public.resource_set_configuration_model AS rscm
                ON rscm.environment = $1
                AND rscm.model = wanted.version
                AND rscm.resource_set = r.resource_set
            LEFT JOIN public.resource_persistent_state AS transfer_state
                ON transfer_state.environment = $1
                AND transfer_state.resource_id = r.resource_id
        )
        SELECT transfer.instance_id, listed.resource_id, transfer.is_new, {_RESOURCE_STATUS} AS status
        FROM transfer
        CROSS JOIN LATERAL jsonb_array_elements_text(
            CASE jsonb_typeof(transfer.resources) WHEN 'array' THEN transfer.resources ELSE '[]'::jsonb END
        ) AS listed(resource_id)
        LEFT JOIN public.resource_persistent_state AS rps
            ON rps.environment = $1
            AND rps.resource_id = listed.resource_id
        ORDER BY listed.resource_id
    """


_RELEASED_STATUSES = _statuses_query(
    f"SELECT max(cm.version) FROM {data.ConfigurationModel.table_name()} AS cm WHERE cm.environment = $1 AND cm.released"
)
_PROCESSED_STATUSES = _statuses_query(
    f"SELECT s.last_processed_model_version FROM {data.Scheduler.table_name()} AS s WHERE s.environment = $1"
)


@dataclass(frozen=True)
class ResourceStatus:
    """
    A resource on which the state of an instance depends.

    :param resource_id: the id, without a version
    :param state: what the scheduler wrote about it
    :param is_new: the scheduler has not seen the exported transfer of the instance yet, so the state is from before it
    """

    resource_id: str
    state: ResourceState
    is_new: bool


async def deployment_progress(
    environment: uuid.UUID, instances: Collection[uuid.UUID], connection: asyncpg.Connection | None = None
) -> dict[uuid.UUID, DeploymentProgress]:
    """
    Count the resources of instances by how far they are in the newest released model version.

    Until the scheduler has seen the newest export of an instance, all its resources count as waiting: what the database says
    about them is from before the change.

    :param instances: the instances to count for, all of them in one query
    :param connection: the connection to use, otherwise one from the pool
    :return: the progress per instance; instances without resources are not in it
    """
    statuses = await _resource_statuses(_RELEASED_STATUSES, environment, instances, connection)
    return {instance: count_progress(resources) for instance, resources in statuses.items()}


async def resources_of(
    environment: uuid.UUID, instance: uuid.UUID, connection: asyncpg.Connection | None = None
) -> list[Resource]:
    """
    List the resources that the resource-based transfer of an instance waits for.

    They are those of the model version that the scheduler processed last.

    :param connection: the connection to use, otherwise one from the pool
    :return: the resources sorted by id; empty when no lifecycle transfer of the instance is known
    """
    statuses = await _resource_statuses(_PROCESSED_STATUSES, environment, [instance], connection)
    return [
        Resource(resource_id=resource.resource_id, resource_state=resource.state) for resource in statuses.get(instance, [])
    ]


def count_progress(resources: Sequence[ResourceStatus]) -> DeploymentProgress:
    """
    Count resources by how far they are.

    :param resources: the resources of one instance
    :return: the counts; what is neither deployed nor failed is waiting
    """
    known = [resource.state for resource in resources if not resource.is_new]
    deployed = known.count(ResourceState.deployed)
    failed = sum(state in _FAILED for state in known)
    return DeploymentProgress(
        total=len(resources), failed=failed, deployed=deployed, waiting=len(resources) - failed - deployed
    )


async def _resource_statuses(
    query: str, environment: uuid.UUID, instances: Collection[uuid.UUID], connection: asyncpg.Connection | None
) -> Mapping[uuid.UUID, Sequence[ResourceStatus]]:
    """Run one of the two status queries and group its rows by instance."""
    if not instances:
        return {}
    async with data.BaseDocument.get_connection(connection) as con:
        records = await con.fetch(query, environment, [str(instance) for instance in instances])
    statuses: dict[uuid.UUID, list[ResourceStatus]] = {}
    for record in records:
        statuses.setdefault(uuid.UUID(record["instance_id"]), []).append(
            ResourceStatus(resource_id=record["resource_id"], state=ResourceState(record["status"]), is_new=record["is_new"])
        )
    return statuses
