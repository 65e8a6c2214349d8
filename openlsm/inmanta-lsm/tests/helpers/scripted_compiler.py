"""What stands in for the compile process: it ends at once, with the result that the test says."""

import uuid
from collections.abc import Awaitable, Callable

from inmanta import data as core
from inmanta.data import model

type Script = Callable[[core.Compile], Awaitable[bool]]


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
        success = True if self._script is None else await self._script(self._request)
        return success, model.CompileData(errors=[])
