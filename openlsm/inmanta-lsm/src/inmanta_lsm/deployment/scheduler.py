"""What the LSM asks the scheduler of an environment: to deploy resources again that an export does not make it deploy."""

import asyncio
import datetime
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from inmanta.const import AGENT_SCHEDULER_ID
from inmanta.protocol import methods
from inmanta.resources import Id
from inmanta.server.agentmanager import AgentManager
from inmanta.types import ResourceIdStr

LOGGER = logging.getLogger(__name__)

TAKES_RESOURCES = "resources" in inspect.signature(methods.trigger).parameters
"""
Whether a scheduler deploys the resources that it is told, and only what changed after an export (inmanta-core 20 and later).
Before, each export made it deploy all that failed, and it could only be told to deploy whole agents.
"""

TIME_TO_ANSWER = 10.0
"""How many seconds a scheduler has to tell its state, which it does not while it takes a new version."""

_OF_ENDPOINT = "endpoint" in inspect.signature(AgentManager.get_agent_client).parameters
"""Whether the connection to a scheduler is found by its name, too (inmanta-core 18)."""


def agent_client(agents: AgentManager, environment: uuid.UUID) -> Any:
    """Find the client of the scheduler of an environment, None when it is not there."""
    find: Callable[..., Any] = agents.get_agent_client
    return find(environment, AGENT_SCHEDULER_ID) if _OF_ENDPOINT else find(environment)


class Scheduler:
    """
    Passes requests to the schedulers.

    Nothing happens where no scheduler runs, as in an environment that is halted: it looks at all resources once it starts.
    """

    def __init__(self, agents: AgentManager) -> None:
        """:param agents: has the connections to the schedulers"""
        self._agents = agents
        # What a scheduler did not take, by environment and by whether only what is not as it should be is to be deployed.
        self._refused: dict[tuple[uuid.UUID, bool], set[str]] = {}

    async def reconcile(self) -> None:
        """Repeat the requests that a scheduler did not take."""
        refused, self._refused = self._refused, {}
        for (environment, only_dirty), resources in refused.items():
            await self._trigger(environment, resources, only_dirty=only_dirty)

    async def deploy(self, environment: uuid.UUID, resources: Collection[str]) -> None:
        """
        Deploy those of some resources that are not known to be as they should be.

        :param resources: ids of the resources
        """
        await self._trigger(environment, resources, only_dirty=True)

    async def repair(self, environment: uuid.UUID, resources: Collection[str]) -> None:
        """
        Deploy some resources, whatever is known about them. Releases that take no resources deploy all that is not as it should
        be of the agents of these.

        :param resources: ids of the resources
        """
        await self._trigger(environment, resources, only_dirty=False)

    async def read_version(self, environment: uuid.UUID) -> None:
        """Have the scheduler take the newest version of the model, which it may have been told of in vain."""
        client = agent_client(self._agents, environment)
        if client is not None:
            await _answer(client.trigger_read_version(environment))

    async def last_deployed(self, environment: uuid.UUID) -> dict[str, datetime.datetime | None] | None:
        """
        Ask the scheduler when it deployed each resource last.

        :return: by id of the resource; None where no scheduler answers in time
        """
        client = agent_client(self._agents, environment)
        answer = None if client is None else await _answer(client.trigger_get_status(environment))
        if answer is None:
            return None
        return {
            resource: datetime.datetime.fromisoformat(state["last_deployed"]) if state["last_deployed"] else None
            for resource, state in answer["data"]["scheduler_state"].items()
        }

    async def _trigger(self, environment: uuid.UUID, resources: Collection[str], *, only_dirty: bool) -> None:
        client = agent_client(self._agents, environment) if resources else None
        if client is None:
            return
        try:
            problem = await self._ask(client, environment, resources, only_dirty=only_dirty)
        except Exception as exception:
            problem = f"{type(exception).__name__}: {exception}"
        if problem is not None:
            LOGGER.warning(
                "The scheduler of environment %s could not be asked to deploy %s, this is tried again: %s",
                environment,
                resources,
                problem,
            )
            self._refused.setdefault((environment, only_dirty), set()).update(resources)

    @staticmethod
    async def _ask(client: Any, environment: uuid.UUID, resources: Collection[str], *, only_dirty: bool) -> str | None:
        """Send a request; give the problem, if there is one."""
        if TAKES_RESOURCES:
            wanted = [ResourceIdStr(resource) for resource in sorted(resources)]
            results = [await client.trigger(environment, None, only_dirty, resources=wanted)]
        else:
            agents = sorted({Id.parse_id(ResourceIdStr(resource)).agent_name for resource in resources})
            results = [await client.trigger(environment, agent, True) for agent in agents]
        problems = [str(result.result) for result in results if result.code != 200]
        return "; ".join(problems) or None


async def _answer(call: Awaitable[Any]) -> Any:
    """Wait for what a scheduler answers; None when it does not, or tells of a failure."""
    try:
        async with asyncio.timeout(TIME_TO_ANSWER):
            result = await call
    except Exception as exception:
        LOGGER.info("A scheduler does not answer: %s: %s", type(exception).__name__, exception)
        return None
    return result.result if result.code == 200 else None
