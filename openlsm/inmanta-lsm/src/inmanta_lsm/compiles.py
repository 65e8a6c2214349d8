"""Hears about the compiles that end."""

from inmanta import data as core
from inmanta.server.services.compilerservice import CompileStateListener

from inmanta_lsm.compile_requests import finished_validation
from inmanta_lsm.engine import Engine
from inmanta_lsm.redeployment import awaited_resources
from inmanta_lsm.scheduler import TAKES_RESOURCES, Scheduler


class ValidationListener(CompileStateListener):
    """
    Brings the results of validation compiles to the engine.

    :param engine: carries on with the transfers.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_blocking(self) -> bool:
        """The next compile has to see the states that the instances have after this one."""
        return True

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """
        Handle the end of a compile, which may be told more than once.

        :param compile: the compile.
        """
        finished = finished_validation(compile.metadata or {})
        if finished is not None:
            await self._engine.validation_finished(compile.environment, finished, bool(compile.success))


class ExportListener(CompileStateListener):
    """
    Lets instances that are not deployed have another try after each export: what stood in their way may be gone.

    :param scheduler: deploys.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """
        Handle the end of a compile, which may be told more than once.

        :param compile: the compile.
        """
        if TAKES_RESOURCES and compile.success and compile.version is not None:
            await self._scheduler.deploy(compile.environment, await awaited_resources(compile.environment))
