"""
Deployments whose end the scheduler could not write: they seem to go on for ever, and the progress of their instances with them.

The scheduler itself knows that they ended, so it has no reason to deploy these resources again.
"""

import logging
import uuid

from inmanta import data

from inmanta_lsm.deployment.patience import Patience
from inmanta_lsm.deployment.scheduler import TAKES_RESOURCES, Scheduler
from inmanta_lsm.deployment.scheduler_watch import SchedulerWatch
from inmanta_lsm.deployment.standstill import Work, real_work, work_of

LOGGER = logging.getLogger(__name__)


class UnwrittenEnds:
    """Has the resources deployed again, so that their state is written."""

    def __init__(self, scheduler: Scheduler, schedulers: SchedulerWatch) -> None:
        """
        :param scheduler: deploys, and knows what ended
        :param schedulers: starts schedulers, which deploy then what they did not write
        """
        self._scheduler = scheduler
        self._schedulers = schedulers
        self._patience: Patience[Work] = Patience()

    async def reconcile(self) -> None:
        """Look at what has been deployed for some time, whether it is."""
        async with data.BaseDocument.get_connection() as connection:
            work = await work_of(connection)
        for environment in {one.environment for one in self._patience.ended(work)}:
            await self._look(environment, [one for one in work if one.environment == environment])

    async def _look(self, environment: uuid.UUID, work: list[Work]) -> None:
        real = real_work(work, await self._scheduler.last_deployed(environment) or {})
        ended = sorted({one.resource_id for one in work} - {one.resource_id for one in real})
        if not ended:
            return
        LOGGER.warning("The end of a deployment was not written in environment %s: %s", environment, ended)
        if TAKES_RESOURCES:
            await self._scheduler.repair(environment, ended)
        elif not real:
            self._schedulers.restart(environment)
