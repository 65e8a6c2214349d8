"""The slice of the extension: keeps warm processes for as long as the server runs, and says how they are."""

import logging
from collections.abc import Mapping

from inmanta.data import model
from inmanta.data.model import ReportedStatus
from inmanta.server import SLICE_COMPILER, SLICE_ENVIRONMENT
from inmanta.server.protocol import Server, ServerSlice
from inmanta.server.services.compilerservice import CompilerService
from inmanta.server.services.environmentlistener import EnvironmentAction, EnvironmentListener
from inmanta.server.services.environmentservice import EnvironmentService
from inmanta.types import ArgumentTypes

from inmanta_warm_compiler import hook, options
from inmanta_warm_compiler.const import SLICE_PROCESSES
from inmanta_warm_compiler.pool import Limits, Pool

LOGGER = logging.getLogger(__name__)

_MEGABYTE = 1 << 20


def _limits() -> Limits:
    """Give the limits as they are configured."""
    return Limits(
        idle=options.idle_timeout.get(),
        memory=options.memory_limit.get() * _MEGABYTE,
        start=options.start_timeout.get(),
        answer=options.answer_timeout.get(),
    )


class WarmCompilerSlice(ServerSlice, EnvironmentListener):
    """Runs the compiles of the server from warm processes."""

    def __init__(self) -> None:
        super().__init__(SLICE_PROCESSES)
        self.pool = Pool(_limits)
        self._obstacle: str | None = None

    def get_depended_by(self) -> list[str]:
        """Start before compiles do, and stop when they have."""
        return [SLICE_COMPILER]

    async def prestart(self, server: Server) -> None:
        """
        Take the place of core's compile runs.

        :param server: the server
        """
        await super().prestart(server)
        compiler = server.get_slice(SLICE_COMPILER)
        assert isinstance(compiler, CompilerService)
        obstacle = hook.obstacle(compiler)
        if obstacle is not None:
            self._report_obstacle(obstacle)
            return
        hook.install(compiler, self.pool, self._report_obstacle)
        environments = server.get_slice(SLICE_ENVIRONMENT)
        assert isinstance(environments, EnvironmentService)
        environments.register_listener_for_multiple_actions(self, {EnvironmentAction.cleared, EnvironmentAction.deleted})

    async def stop(self) -> None:
        """End all processes."""
        await self.pool.close()
        await super().stop()

    async def environment_action_cleared(self, env: model.Environment) -> None:
        """
        End the process of an environment whose project was removed.

        :param env: the environment
        """
        self.pool.end(env.id, "its environment was cleared", forget=True)

    async def environment_action_deleted(self, env: model.Environment) -> None:
        """
        End the process of an environment that is gone.

        :param env: the environment
        """
        self.pool.end(env.id, "its environment was deleted", forget=True)

    async def get_status(self) -> Mapping[str, ArgumentTypes]:
        """Tell what the processes do, for the status of the server."""
        counts = self.pool.counts
        return {
            "active": self._obstacle is None,
            "processes": len(self.pool.processes),
            "memory_mb": round(self.pool.memory / _MEGABYTE),
            "warm_compiles": counts.warm,
            "cold_compiles": counts.cold,
            "starts": counts.starts,
            "lost": counts.lost,
            "cold_environments": [f"{environment}: {reason}" for environment, reason in self.pool.refusals.items()],
        }

    async def get_reported_status(self) -> tuple[ReportedStatus, str | None]:
        """Tell whether compiles run warm at all."""
        if self._obstacle is None:
            return ReportedStatus.OK, None
        return ReportedStatus.Warning, f"All compiles run cold: {self._obstacle}."

    def _report_obstacle(self, obstacle: str) -> None:
        """:param obstacle: stands in the way of warm compiles"""
        if self._obstacle is None:
            LOGGER.warning("All compiles run cold: %s.", obstacle)
        self._obstacle = obstacle
