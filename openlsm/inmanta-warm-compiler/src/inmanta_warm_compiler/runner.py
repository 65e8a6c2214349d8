"""A run of the compiler, as core runs it, but with its main stage in a warm process."""

import asyncio
import logging
import os
import traceback
from pathlib import Path

from inmanta import data
from inmanta.data import model
from inmanta.server.services import compilerservice
from inmanta.server.services.compilerservice import CompileRun

from inmanta_warm_compiler import messages
from inmanta_warm_compiler.const import COMPILE_STAGE
from inmanta_warm_compiler.pool import Pool
from inmanta_warm_compiler.warm_process import Fork

LOGGER = logging.getLogger(__name__)

# Core 18 has no such variables.
_GIT_VARIABLES: dict[str, str] = getattr(compilerservice, "GIT_NON_INTERACTIVE_ENV", {})


class WarmCompileRun(CompileRun):
    """A compile that runs from a warm process where it can, and as ever where it cannot."""

    def __init__(self, request: data.Compile, project_dir: str, pool: Pool) -> None:
        """
        :param request: the compile
        :param project_dir: folder of its project
        :param pool: has the warm processes
        """
        super().__init__(request, project_dir)
        self._pool = pool

    async def run(self, force_update: bool | None = False) -> tuple[bool, model.CompileData | None]:
        """
        Run the compile, as core does.

        :param force_update: whether to update the project first
        """
        self._pool.announce(self.request.environment, self.request.id)
        return await super().run(force_update)

    async def get_remote(self) -> str | None:
        """
        Tell the address of the repository of the project. Core 20 has git tell it before each compile; where there is no
        repository, no process has to be started to find out.
        """
        return await super().get_remote() if _may_be_in_a_repository(Path(self._project_dir)) else None

    async def _run_compile_stage(self, name: str, cmd: list[str], cwd: str, env: dict[str, str] = {}) -> data.Report:  # noqa: B006
        """
        Run a command, as core does.

        :param name: of the stage
        :param cmd: the command line
        :param cwd: folder to run it in
        :param env: more environment variables for it
        """
        if name != COMPILE_STAGE:
            self._pool.end(self.request.environment, f"stage '{name}' changes the project or what it needs", forget=True)
            return await super()._run_compile_stage(name, cmd, cwd, env)
        await self._start_stage(name, " ".join(cmd))
        # From here on as in core, which gives no other place to choose the process.
        try:
            variables = {**_GIT_VARIABLES, **os.environ, **env}
            request = messages.Request(compile=str(self.request.id), command=cmd, folder=cwd, environment=variables)
            code = await self._run_warm(request)
            if code is None:
                code = await self._run_cold(cmd, cwd, variables)
            return await self._end_stage(code)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await self._error("".join(traceback.format_exception(error)))
            return await self._end_stage(compilerservice.RETURNCODE_INTERNAL_ERROR)

    async def _run_warm(self, request: messages.Request) -> int | None:
        """
        Run the compile from a warm process.

        :param request: the compile
        :return: its exit code; None when it has to run cold
        """
        environment = self.request.environment
        fork = await self._pool.fork(environment, request)
        if fork is None:
            return None
        try:
            code = await self._drain_fork(fork)
        finally:
            if fork.returncode is None:
                fork.kill()
            self._pool.release(environment, fork)
        if not fork.has_failed:
            return code
        await self._forget_output()
        return None

    async def _drain_fork(self, fork: Fork) -> int:
        """
        Take over what a compile prints, until it ends.

        :param fork: the compile
        :return: its exit code
        """
        code, _, _ = await asyncio.gather(fork.wait(), self.drain_out(fork.stdout), self.drain_err(fork.stderr))
        return code

    async def _run_cold(self, command: list[str], folder: str, variables: dict[str, str]) -> int:
        """
        Run the compile in a process of its own.

        :param command: the command line
        :param folder: to run it in
        :param variables: its environment variables
        :return: its exit code
        """
        self._pool.counts.cold += 1
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder, env=variables
        )
        try:
            return await self.drain(process)
        finally:
            if process.returncode is None:
                process.kill()

    async def _forget_output(self) -> None:
        """Have the report begin anew: the compile runs once more."""
        assert self.stage is not None
        await self.stage.update_fields(outstream="", errstream="")
        if self.tail_stdout is not None:
            self.tail_stdout = ""


def _may_be_in_a_repository(folder: Path) -> bool:
    """
    Tell whether git could find a repository: it looks for one, or for a bare one, in a folder and in all above it.

    :param folder: the folder
    """
    place = folder.resolve()
    return "GIT_DIR" in os.environ or any(
        (above / name).exists() for above in (place, *place.parents) for name in (".git", "HEAD")
    )
