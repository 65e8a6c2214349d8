"""
The compile queues of the environments: one that stands still is got going again.

Core runs the compiles of an environment one after the other in a task, which ends with any error of the database and leaves the
environment marked as compiling: no compile is started there until the server is. The results of the last compile may be lost
on their way to those who wait for them, too.
"""

import datetime
import logging
import uuid

from inmanta.data import Compile
from inmanta.server.services.compilerservice import CompilerService

from inmanta_lsm.data import compiles

LOGGER = logging.getLogger(__name__)

TIME_TO_HANDLE = datetime.timedelta(seconds=10)
"""How long those who are told of a result usually have, before they are told again."""

LOOKS_BEFORE_READY = 6
"""How many times in a row the compiler may be found starting up, before that is taken for a start that failed."""


class CompileQueue:
    """
    Watches over the compiler.

    :param stuck: the environments in which compiles wait and none runs, although their queue is got going
    """

    def __init__(self, compiler: CompilerService) -> None:
        """:param compiler: runs the compiles"""
        self.stuck: set[uuid.UUID] = set()
        self._standing: set[uuid.UUID] = set()
        self._compiler = compiler
        self._looks_before_ready = 0

    async def reconcile(self) -> None:
        """Get the queues going that stand still, and tell of results that nobody was told of."""
        if self._compiler.is_stopping() or not self._is_ready():
            return
        async with Compile.get_connection() as connection:
            waiting = await compiles.next_compiles(connection)
            unhandled = await compiles.unhandled_since(connection, datetime.datetime.now().astimezone() - TIME_TO_HANDLE)
        for compile_id in unhandled:
            await self._tell(compile_id)
        standing_before, self._standing = self._standing, {env for env in waiting if not self._is_running(env)}
        self.stuck = self._standing & standing_before
        for environment in self._standing:
            # The compiler may just be about to be told of a new request.
            if environment in standing_before or self._has_died(environment):
                await self._get_going(environment, waiting[environment])

    def _is_ready(self) -> bool:
        """Whether the compiler starts compiles. It never would when an error of the database ended its own recovery."""
        if self._compiler.fully_ready:
            return True
        self._looks_before_ready += 1
        if self._looks_before_ready < LOOKS_BEFORE_READY:
            return False
        LOGGER.warning("The recovery of the compiler did not end: compiles are started now")
        self._compiler.fully_ready = True
        return True

    def _is_running(self, environment: uuid.UUID) -> bool:
        return self._compiler.is_environment_compiling(environment) and not self._has_died(environment)

    def _has_died(self, environment: uuid.UUID) -> bool:
        # There is no public way to tell a task that runs from one that ended with an error.
        task = self._compiler._env_to_compile_task.get(environment)
        return task is not None and task.done()

    async def _get_going(self, environment: uuid.UUID, compile_id: uuid.UUID) -> None:
        LOGGER.warning("The compile queue of environment %s stands still and is got going again", environment)
        if self._has_died(environment):
            try:
                await self._compiler.cancel_compile(environment)
            except Exception as exception:
                # What ended the task is raised to whoever waits for its end.
                LOGGER.info("The compiler had stopped because of %s: %s", type(exception).__name__, exception)
        await self._compiler.notify_compile_request_committed(compile_id)
        await self._compiler.recalculate_queue_count_cache()

    async def _tell(self, compile_id: uuid.UUID) -> None:
        """Tell everybody of a result, as the compiler does when it starts."""
        compile_ = await Compile.get_by_id(compile_id)
        if compile_ is None:
            return
        for listener in [*self._compiler.blocking_listeners, *self._compiler.async_listeners]:
            try:
                await listener.compile_done(compile_)
            except Exception:
                LOGGER.exception("The result of compile %s could not be handled", compile_id)
        await compile_.update_fields(handled=True)
