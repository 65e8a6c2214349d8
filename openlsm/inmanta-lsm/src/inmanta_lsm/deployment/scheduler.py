"""What the LSM asks the scheduler of an environment: to deploy resources again that an export does not make it deploy."""

import inspect
import logging
import uuid
from collections.abc import Collection

from inmanta.protocol import methods
from inmanta.server.agentmanager import AgentManager
from inmanta.types import ResourceIdStr

LOGGER = logging.getLogger(__name__)

TAKES_RESOURCES = "resources" in inspect.signature(methods.trigger).parameters
"""
Whether a scheduler deploys the resources that it is told, and only what changed after an export (inmanta-core 20 and later).
Before, each export made it deploy all that failed, and it could only be told to deploy whole agents.
"""


class Scheduler:
    """
    Passes requests to the schedulers.

    Nothing happens where no scheduler runs, as in an environment that is halted: it looks at all resources once it starts.
    """

    def __init__(self, agents: AgentManager) -> None:
        """:param agents: has the connections to the schedulers"""
        self._agents = agents

    async def deploy(self, environment: uuid.UUID, resources: Collection[str]) -> None:
        """
        Deploy those of some resources that are not known to be as they should be.

        :param resources: ids of the resources
        """
        await self._trigger(environment, resources, only_dirty=True)

    async def repair(self, environment: uuid.UUID, resources: Collection[str]) -> None:
        """
        Deploy some resources, whatever is known about them.

        :param resources: ids of the resources
        """
        await self._trigger(environment, resources, only_dirty=False)

    async def _trigger(self, environment: uuid.UUID, resources: Collection[str], *, only_dirty: bool) -> None:
        if not resources or not TAKES_RESOURCES:
            return
        client = self._agents.get_agent_client(environment)
        if client is None:
            return
        result = await client.trigger(
            environment, None, only_dirty, resources=[ResourceIdStr(resource) for resource in sorted(resources)]
        )
        if result.code != 200:
            LOGGER.warning(
                "The scheduler of environment %s could not be asked to deploy %s: %s", environment, resources, result.result
            )
