"""
Deployments whose result nobody reports: they are asked for again.

The scheduler forgets a deployment whose start it cannot write to the database, and leaves one that was cut off until it deploys
everything that failed. Neither comes back by itself, and the instance would wait.
"""

import uuid
from collections.abc import Iterable

from asyncpg import Connection
from inmanta import const, data

from inmanta_lsm.data.documents import ServiceInstance
from inmanta_lsm.deployment.patience import Patience
from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER
from inmanta_lsm.deployment.scheduler import Scheduler
from inmanta_lsm.deployment.standstill_watch import StandstillWatch

# A transfer of an older desired state waits for an export, one that is not released for that, and not for the scheduler.
_UNREPORTED = f"""
    SELECT
        instance.environment, instance.id, instance.version, r.resource_id, r.attributes->'resources' AS resources
    FROM {ServiceInstance.table_name()} AS instance
    INNER JOIN public.resource AS r
        ON r.environment = instance.environment
        AND r.resource_id_value = instance.id::text
        AND r.resource_type = '{LIFECYCLE_TRANSFER}'
        AND r.attributes->'next_desired_state_version' = to_jsonb(instance.desired_state_version + 1)
    INNER JOIN public.resource_set_configuration_model AS rscm
        ON rscm.environment = r.environment AND rscm.resource_set = r.resource_set
        AND rscm.model = (
            SELECT max(version) FROM {data.ConfigurationModel.table_name()}
            WHERE environment = instance.environment AND released
        )
    INNER JOIN public.resource_persistent_state AS rps
        ON rps.environment = r.environment AND rps.resource_id = r.resource_id
    WHERE instance.report_pending AND NOT instance.deleted AND {const.SQL_RESOURCE_STATUS_SELECTOR} <> 'deployed'
    ORDER BY instance.last_updated, instance.environment, instance.id
"""

type Deployment = tuple[uuid.UUID, uuid.UUID, int]
"""Of an environment, the instance with this id in this version."""


async def load(connection: Connection) -> dict[Deployment, list[str]]:
    """
    Find the deployments whose result is waited for, the oldest first.

    :return: the resources of each, with its transfer
    """
    return {
        (record["environment"], record["id"], record["version"]): [record["resource_id"], *_listed(record["resources"])]
        for record in await connection.fetch(_UNREPORTED)
    }


class UnreportedDeployments:
    """Asks the schedulers again."""

    def __init__(self, scheduler: Scheduler, standstills: StandstillWatch) -> None:
        """
        :param scheduler: deploys
        :param standstills: sees to schedulers that are asked in vain
        """
        self._scheduler = scheduler
        self._standstills = standstills
        self._patience: Patience[Deployment] = Patience()

    async def reconcile(self) -> None:
        """Have what was waited for long enough deployed, where it is not as it should be."""
        async with data.BaseDocument.get_connection() as connection:
            waiting = await load(connection)
        self._standstills.forget(_transfers(waiting.items()))
        due = [(one, waiting[one]) for one in self._patience.ended(waiting)]
        for environment, transfers in _transfers(due).items():
            resources = {resource for (of, *_), listed in due if of == environment for resource in listed}
            await self._scheduler.deploy(environment, resources)
            await self._standstills.look(environment, transfers)


def _transfers(deployments: Iterable[tuple[Deployment, list[str]]]) -> dict[uuid.UUID, set[str]]:
    """Give the transfers of deployments by their environment."""
    transfers: dict[uuid.UUID, set[str]] = {}
    for (environment, *_), (transfer, *_) in deployments:
        transfers.setdefault(environment, set()).add(transfer)
    return transfers


def _listed(resources: object) -> list[str]:
    return [str(resource) for resource in resources] if isinstance(resources, list) else []
