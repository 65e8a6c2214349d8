"""
Deployments whose result nobody reports: they are asked for again.

The scheduler forgets a deployment whose start or end it cannot write to the database, and leaves one that was cut off until it
deploys everything that failed. Neither comes back by itself, and the instance would wait.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from asyncpg import Connection
from inmanta import const, data

from inmanta_lsm.data.documents import ServiceInstance
from inmanta_lsm.deployment.progress import LIFECYCLE_TRANSFER
from inmanta_lsm.deployment.scheduler import Scheduler

FIRST_PATIENCE, LONGEST_PATIENCE = 2, 120
"""After how many looks a deployment is asked for again, the first time and at most: each time twice as many."""

ASKED_AT_ONCE = 50
"""How many instances a scheduler is asked for in one look: those that only wait for their turn are not its trouble."""

# A transfer of an older desired state waits for an export, and not for the scheduler.
_UNREPORTED = f"""
    SELECT DISTINCT ON (instance.last_updated, instance.environment, instance.id)
        instance.environment, instance.id, instance.version, r.resource_id, r.attributes->'resources' AS resources
    FROM {ServiceInstance.table_name()} AS instance
    INNER JOIN public.resource AS r
        ON r.environment = instance.environment
        AND r.resource_id_value = instance.id::text
        AND r.resource_type = '{LIFECYCLE_TRANSFER}'
        AND r.attributes->'next_desired_state_version' = to_jsonb(instance.desired_state_version + 1)
    INNER JOIN public.resource_persistent_state AS rps
        ON rps.environment = r.environment AND rps.resource_id = r.resource_id
    WHERE instance.report_pending AND NOT instance.deleted AND {const.SQL_RESOURCE_STATUS_SELECTOR} <> 'deployed'
    ORDER BY instance.last_updated, instance.environment, instance.id
"""

type Deployment = tuple[uuid.UUID, uuid.UUID, int]
"""Of an environment, the instance with this id in this version."""


@dataclass
class Patience:
    """
    How long deployments have been waited for, in looks at them.

    :param looks: by deployment: how many looks are left until it is asked for again, and how many there are the next time
    """

    looks: dict[Deployment, tuple[int, int]] = field(default_factory=dict)

    def ended(self, waiting: Collection[Deployment]) -> list[Deployment]:
        """
        Look at the deployments that are waited for; those that are not any more are forgotten.

        :return: those that are to be asked for now
        """
        known = {one: self.looks.get(one, (FIRST_PATIENCE, FIRST_PATIENCE)) for one in waiting}
        due = [one for one, (left, _) in known.items() if left <= 0][:ASKED_AT_ONCE]
        asked = set(due)
        self.looks = {
            one: (patience, min(2 * patience, LONGEST_PATIENCE)) if one in asked else (left - 1, patience)
            for one, (left, patience) in known.items()
        }
        return due


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

    def __init__(self, scheduler: Scheduler) -> None:
        """:param scheduler: deploys"""
        self._scheduler = scheduler
        self._patience = Patience()

    async def reconcile(self) -> None:
        """Have what was waited for long enough deployed, where it is not as it should be."""
        async with data.BaseDocument.get_connection() as connection:
            waiting = await load(connection)
        due: dict[uuid.UUID, set[str]] = {}
        for one in self._patience.ended(waiting):
            due.setdefault(one[0], set()).update(waiting[one])
        for environment, resources in due.items():
            await self._scheduler.deploy(environment, resources)


def _listed(resources: object) -> list[str]:
    return [str(resource) for resource in resources] if isinstance(resources, list) else []
