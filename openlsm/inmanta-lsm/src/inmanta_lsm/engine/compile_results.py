"""
The results of compiles: a verdict is applied, a compile that was cut off is repeated.

Both are done once, whenever it becomes possible: what fails is remembered, and what nobody remembers is found in the database.
"""

import logging
import time
import uuid
from collections.abc import Sequence

from inmanta import data as core

from inmanta_lsm.data.compiles import is_out_of_tries, of_same_flow, what_cut_off, without_consequence
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.reconciler import log_failure
from inmanta_lsm.lifecycle.compile_requests import finished_validation
from inmanta_lsm.lifecycle.verdict import CutOff, pause

LOGGER = logging.getLogger(__name__)


class CompileResults:
    """Takes the results of compiles to the engine."""

    def __init__(self, engine: Engine) -> None:
        """:param engine: carries on with the transfers"""
        self._engine = engine
        # When to try, by the clock that never goes back.
        self._due: dict[uuid.UUID, float] = {}
        self._is_scanned = False

    @property
    def due(self) -> int:
        """How many results are known that were not applied yet."""
        return len(self._due)

    async def take(self, compile_: core.Compile) -> None:
        """
        Apply a result, which may have been applied before. What cannot be done now is done later.

        :param compile_: a completed compile
        """
        try:
            wait = await self._apply(compile_)
        except Exception as exception:
            log_failure(LOGGER, f"The result of compile {compile_.id} could not be applied, this is tried again", exception)
            self._due[compile_.id] = time.monotonic()
            self._is_scanned = False
            return
        if wait is None:
            self._due.pop(compile_.id, None)
        else:
            self._due[compile_.id] = time.monotonic() + wait

    async def reconcile(self) -> None:
        """Apply the results that are due. After a start, and after a failure, all of the database are looked at."""
        if not self._is_scanned:
            async with core.Compile.get_connection() as connection:
                for found in await without_consequence(connection):
                    self._due.setdefault(found, 0.0)
            self._is_scanned = True
        for compile_id, moment in list(self._due.items()):
            if moment > time.monotonic():
                continue
            compile_ = await core.Compile.get_by_id(compile_id)
            if compile_ is None:
                del self._due[compile_id]
            else:
                await self.take(compile_)

    async def _apply(self, compile_: core.Compile) -> float | None:
        """
        Apply a result.

        :return: how many seconds to wait before it can be applied, None when it is
        """
        async with core.Compile.get_connection() as connection:
            cut = await what_cut_off(connection, compile_)
            others = [] if cut is None else await of_same_flow(connection, compile_)
            is_final = cut is None or await is_out_of_tries(connection, compile_, cut)
        if cut is not None and not is_final:
            return await self._repeat(compile_, cut, others)
        finished = finished_validation(compile_.metadata or {})
        if finished is not None:
            problem = None if cut is None else f"Validation compile {compile_.id} died again: {cut.reason}"
            await self._engine.validation_finished(compile_.environment, finished, bool(compile_.success), problem)
        return None

    async def _repeat(self, compile_: core.Compile, cut: CutOff, others: Sequence[core.Compile]) -> float | None:
        assert compile_.requested is not None
        assert compile_.completed is not None
        earlier = sum(1 for other in others if other.requested is not None and other.requested < compile_.requested)
        wait = pause(earlier) - (time.time() - compile_.completed.timestamp())
        if wait > 0:
            return wait
        return None if await self._engine.repeat_compile(compile_, cut.reason) else pause(earlier + 1)
