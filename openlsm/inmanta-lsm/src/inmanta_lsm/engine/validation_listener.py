"""What happens when a validation compile ends."""

from inmanta import data as core
from inmanta.server.services.compilerservice import CompileStateListener

from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.lifecycle.compile_requests import finished_validation


class ValidationListener(CompileStateListener):
    """Brings the results of validation compiles to the engine."""

    def __init__(self, engine: Engine) -> None:
        """:param engine: carries on with the transfers"""
        self._engine = engine

    def is_blocking(self) -> bool:
        """The next compile has to see the states that the instances have after this one."""
        return True

    async def compile_done(self, compile: core.Compile) -> None:  # noqa: A002 the name is that of the base class
        """Handle the end of a compile, which may be reported more than once."""
        finished = finished_validation(compile.metadata or {})
        if finished is not None:
            await self._engine.validation_finished(compile.environment, finished, bool(compile.success))
