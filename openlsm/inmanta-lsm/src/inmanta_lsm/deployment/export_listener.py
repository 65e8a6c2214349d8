"""What happens when an export compile ends."""

import uuid

from inmanta import data as core
from inmanta.server.services.compilerservice import CompileStateListener

from inmanta_lsm.deployment.redeployment import awaited_resources
from inmanta_lsm.deployment.scheduler import TAKES_RESOURCES, Scheduler


class ExportListener(CompileStateListener):
    """Lets instances that are not deployed have another try after each export: what stood in their way may be gone."""

    def __init__(self, scheduler: Scheduler) -> None:
        """:param scheduler: deploys"""
        self._scheduler = scheduler
        self._due: set[uuid.UUID] = set()

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """Handle the end of a compile, which may be reported more than once."""
        if TAKES_RESOURCES and compile.success and compile.version is not None:
            self._due.add(compile.environment)
            await self._deploy(compile.environment)

    async def reconcile(self) -> None:
        """Do after the exports what could not be done at once."""
        for environment in list(self._due):
            await self._deploy(environment)

    async def _deploy(self, environment: uuid.UUID) -> None:
        await self._scheduler.deploy(environment, await awaited_resources(environment))
        self._due.discard(environment)
