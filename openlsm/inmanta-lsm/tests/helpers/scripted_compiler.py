"""What stands in for the compile process: it ends at once, with the result that the test says."""

import asyncio
import datetime
import uuid
from collections.abc import Awaitable, Callable

from inmanta import data as core
from inmanta.data import model
from inmanta_lsm.lifecycle.verdict import COMPILE_STAGE

type Script = Callable[[core.Compile], Awaitable[bool]]


class ProcessEnded(Exception):  # noqa: N818 it is the end that the script wants
    """Makes the compile process end in the middle of its work."""

    def __init__(self, returncode: int, errors: str = "") -> None:
        """
        :param returncode: negative for a signal
        :param errors: the end of what it wrote
        """
        super().__init__(returncode)
        self.returncode = returncode
        self.errors = errors


class ScriptedCompiler:
    """
    The compile processes of a server.

    :param scripts: for an environment, what decides whether a compile succeeds; without script every compile succeeds
    """

    def __init__(self) -> None:
        self.scripts: dict[uuid.UUID, Script] = {}

    def runner(self, request: core.Compile) -> "ScriptedRun":
        """Give what runs a compile."""
        return ScriptedRun(request, self.scripts.get(request.environment))


class ScriptedRun:
    """
    One compile process.

    :param version: the version of the desired state that it exported
    """

    def __init__(self, request: core.Compile, script: Script | None) -> None:
        self._request = request
        self._script = script
        self.version: int | None = None

    async def run(self, force_update: bool | None = False) -> tuple[bool, model.CompileData | None]:
        """Compile."""
        now = datetime.datetime.now().astimezone()
        stage = core.Report(compile=self._request.id, started=now, name=COMPILE_STAGE, command="compile")
        await stage.insert()
        try:
            success = True if self._script is None else await self._script(self._request)
        except asyncio.CancelledError:
            # As core does when it stops.
            return False, None
        except ProcessEnded as end:
            await stage.update_fields(completed=now, returncode=end.returncode, errstream=end.errors)
            return False, None
        await stage.update_fields(completed=now, returncode=0 if success else 1)
        return success, model.CompileData(errors=[])
