"""Has schedulers that stand still started again."""

import logging
import uuid
from collections.abc import Collection, Mapping

from inmanta import data

from inmanta_lsm.deployment.scheduler import Scheduler
from inmanta_lsm.deployment.scheduler_watch import SchedulerWatch
from inmanta_lsm.deployment.standstill import (
    Need,
    Work,
    is_behind,
    needs_of,
    paused_agents,
    real_work,
    stands_still,
    work_of,
)

LOGGER = logging.getLogger(__name__)


class StandstillWatch:
    """Remembers what lifecycle transfers waited for when a scheduler was asked to go on with them."""

    def __init__(self, scheduler: Scheduler, schedulers: SchedulerWatch) -> None:
        """
        :param scheduler: is asked
        :param schedulers: starts those that stand still
        """
        self._scheduler = scheduler
        self._schedulers = schedulers
        self._before: dict[uuid.UUID, dict[str, Need]] = {}
        self._work_before: dict[uuid.UUID, frozenset[Work]] = {}

    def forget(self, waiting: Mapping[uuid.UUID, Collection[str]]) -> None:
        """
        Forget the transfers that are not waited for any more.

        :param waiting: by environment: the ids of the transfers that are
        """
        self._before = {
            environment: {transfer: need for transfer, need in before.items() if transfer in waiting[environment]}
            for environment, before in self._before.items()
            if environment in waiting
        }
        self._work_before = {environment: work for environment, work in self._work_before.items() if environment in waiting}

    async def look(self, environment: uuid.UUID, transfers: Collection[str]) -> None:
        """
        Look at transfers that a scheduler is asked for now: one that stands still since it was last asked is started again.

        :param transfers: ids of the resources
        """
        if self._schedulers.is_starting(environment):
            self._before.pop(environment, None)
            return
        async with data.BaseDocument.get_connection() as connection:
            needs = await needs_of(connection, environment, transfers)
            paused = await paused_agents(connection, environment)
            work = await work_of(connection, environment)
            behind = await is_behind(connection, environment)
        if behind:
            await self._scheduler.read_version(environment)
        before = self._before.setdefault(environment, {})
        # An agent that has turned to something else since then moves; one that has not may only seem to deploy.
        moving = {one.agent for one in work if one not in self._work_before.get(environment, ())}
        standing = _standing(needs, before, moving | paused)
        if standing:
            last_deployed = await self._scheduler.last_deployed(environment)
            busy = {one.agent for one in real_work(work, last_deployed or {})}
            standing = [] if last_deployed is None else _standing(needs, before, busy | paused)
        if standing:
            LOGGER.warning("The scheduler of environment %s was asked for %s in vain", environment, standing)
            self._schedulers.restart(environment)
        before.update(needs)
        self._work_before[environment] = frozenset(work)


def _standing(needs: Mapping[str, Need], before: Mapping[str, Need], excused: Collection[str]) -> list[str]:
    return [
        transfer for transfer, need in needs.items() if transfer in before and stands_still(need, before[transfer], excused)
    ]
