"""What happens when a compile ends."""

from inmanta import data as core
from inmanta.server.services.compilerservice import CompileStateListener

from inmanta_lsm.engine.compile_results import CompileResults


class ValidationListener(CompileStateListener):
    """Brings the results of compiles to the engine: verdicts of validations, and whatever was cut off."""

    def __init__(self, results: CompileResults) -> None:
        """:param results: applies them"""
        self._results = results

    def is_blocking(self) -> bool:
        """The next compile has to see the states that the instances have after this one."""
        return True

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """Handle the end of a compile, which may be reported more than once."""
        await self._results.take(compile)
