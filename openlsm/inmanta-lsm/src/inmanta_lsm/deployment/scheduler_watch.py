"""
Schedulers that ended: they are started again.

Core starts the scheduler of an environment with the server and with each release of a model. In between nobody looks whether it
still runs: what was to be deployed when its process ended would wait for the next export.
"""

import logging
import uuid
from collections.abc import Awaitable, Callable

from inmanta.data import AUTOSTART_ON_START, ConfigurationModel, Environment
from inmanta.server.agentmanager import AgentManager, AutostartedAgentManager

from inmanta_lsm.deployment.scheduler import agent_client

LOGGER = logging.getLogger(__name__)

_WITH_MODEL = f"""
    SELECT id FROM {Environment.table_name()} AS environment
    WHERE NOT halted AND EXISTS (
        SELECT FROM {ConfigurationModel.table_name()} AS model WHERE model.environment = environment.id AND model.released
    )
"""
"""The environments that have something to deploy."""

type Background = Callable[[Awaitable[None]], object]


class SchedulerWatch:
    """
    Watches over the schedulers.

    :param missing: the environments that should have a scheduler, and had none at the last two looks
    :param unstarted: those of them where starting it did not help
    """

    def __init__(self, agents: AgentManager, starter: AutostartedAgentManager, background: Background) -> None:
        """
        :param agents: has the connections to the schedulers
        :param starter: starts them
        :param background: has something done while others go on
        """
        self.missing: set[uuid.UUID] = set()
        self.unstarted: set[uuid.UUID] = set()
        self._agents = agents
        self._starter = starter
        self._background = background
        self._seen: set[uuid.UUID] = set()
        self._missing_before: set[uuid.UUID] = set()
        self._starting: set[uuid.UUID] = set()
        self._tried: set[uuid.UUID] = set()

    async def reconcile(self) -> None:
        """Start the schedulers that are missing for the second time; one that is about to connect is missing once."""
        if self._agents.is_stopping():
            return
        async with Environment.get_connection() as connection:
            found = {record["id"] for record in await connection.fetch(_WITH_MODEL)}
        active = {environment for environment in found if agent_client(self._agents, environment) is not None}
        self._seen = (self._seen | active) & found
        missing = {environment for environment in found - active if await self._is_wanted(environment)}
        self.missing = missing & self._missing_before
        self._missing_before = missing
        self._tried &= self.missing
        self.unstarted = set(self._tried)
        for environment in self.missing:
            self._start_in_background(environment, anew=False)

    def restart(self, environment: uuid.UUID) -> None:
        """End a scheduler that runs, and start it again, while others go on."""
        self._start_in_background(environment, anew=True)

    def is_starting(self, environment: uuid.UUID) -> bool:
        """Whether a scheduler is about to take up its work."""
        return environment in self._starting or environment in self._missing_before

    def _start_in_background(self, environment: uuid.UUID, *, anew: bool) -> None:
        if environment not in self._starting:
            self._starting.add(environment)
            self._background(self._start(environment, anew=anew))

    async def _is_wanted(self, environment: uuid.UUID) -> bool:
        if environment in self._seen:
            return True
        known = await Environment.get_by_id(environment)
        return known is not None and bool(await known.get(AUTOSTART_ON_START))

    async def _start(self, environment: uuid.UUID, *, anew: bool) -> None:
        try:
            known = await Environment.get_by_id(environment)
            if known is not None:
                what = "stands still" if anew else "is not there"
                LOGGER.warning("The scheduler of environment %s %s and is started again", environment, what)
                if anew:
                    await self._starter.stop_agents(known)
                await self._starter.restart_agents(known)
        except Exception:
            LOGGER.exception("The scheduler of environment %s could not be started, this is tried again", environment)
        finally:
            self._starting.discard(environment)
            self._tried.add(environment)
