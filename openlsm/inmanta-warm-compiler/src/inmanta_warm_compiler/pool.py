"""The warm processes of a server: at most one for each environment."""

import asyncio
import contextlib
import logging
import os
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from inmanta_warm_compiler import messages
from inmanta_warm_compiler.calm_reader import CalmReader
from inmanta_warm_compiler.warm_process import Fork, LostError, Refusal, WarmProcess

LOGGER = logging.getLogger(__name__)

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """
    How long and how much warm processes may be kept.

    :param idle: seconds without a compile after which one ends
    :param memory: bytes that all of them may hold together
    :param start: seconds for one to load inmanta and the project
    :param answer: seconds for one to start a compile
    """

    idle: float
    memory: int
    start: float
    answer: float


@dataclass
class Counts:
    """
    What happened since the server started.

    :param warm: compiles that ran from a warm process
    :param cold: compiles that ran as without this extension
    :param starts: warm processes that were started
    :param lost: warm processes that ended, or had to be ended, when they were needed
    """

    warm: int = 0
    cold: int = 0
    starts: int = 0
    lost: int = 0


class Pool:
    """All warm processes."""

    def __init__(self, limits: Callable[[], Limits]) -> None:
        """:param limits: gives the limits that hold at the moment"""
        self.counts = Counts()
        self._limits = limits
        self._closed = False
        # Those that were used last come last.
        self._processes: dict[uuid.UUID, WarmProcess] = {}
        self._busy: set[uuid.UUID] = set()
        self._idle_timers: dict[uuid.UUID, asyncio.TimerHandle] = {}
        self._refusals: dict[uuid.UUID, Refusal] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def processes(self) -> dict[uuid.UUID, WarmProcess]:
        """The processes by environment, those first that were used least recently."""
        return dict(self._processes)

    @property
    def refusals(self) -> dict[uuid.UUID, str]:
        """Why environments compile cold."""
        return {environment: refusal.reason for environment, refusal in self._refusals.items()}

    @property
    def memory(self) -> int:
        """Bytes that all of them hold together, when they were looked at last."""
        return sum(process.memory for process in self._processes.values())

    def announce(self, environment: uuid.UUID, compile_id: uuid.UUID) -> None:
        """
        Have the process of an environment look for changes while a compile is being prepared. What changes from then on
        changes during that compile.

        :param environment: the environment
        :param compile_id: of the compile, which is under way and nears its main stage
        """
        process = self._processes.get(environment)
        if process is not None and process.is_alive:
            process.announce(str(compile_id))

    async def fork(self, environment: uuid.UUID, request: messages.Request) -> Fork | None:
        """
        Start a compile from the warm process of an environment; :meth:`release` it when it is over.

        :param environment: the environment
        :param request: the compile
        :return: None when it has to run cold
        """
        if self._closed or self._limits().memory <= 0 or await self._is_refused(environment):
            return None
        self._busy.add(environment)
        self._stop_timer(environment)
        with contextlib.closing(_Pipe()) as output, contextlib.closing(_Pipe()) as errors:
            try:
                process = await self._started(environment, request, (output.writing, errors.writing))
                # It ends also when this is cancelled while it runs already, before anybody reads what it prints.
                fork = None if process is None else Fork(process, await output.take(), await errors.take())
            except LostError as error:
                self._lose(environment, str(error))
                fork = None
            except BaseException:
                self._busy.discard(environment)
                self.end(environment)
                raise
            if fork is None:
                self._busy.discard(environment)
                return None
            self.counts.warm += 1
            return fork

    def release(self, environment: uuid.UUID, fork: Fork) -> None:
        """
        Keep the process of a compile that is over for the next one, as far as the limits allow.

        :param environment: the environment
        :param fork: the compile
        """
        self._busy.discard(environment)
        if fork.refused is not None:
            self._refuse(environment, fork.refused)
        elif fork.lost is not None:
            self._lose(environment, fork.lost)
        elif fork.returncode is None:
            self.end(environment)
        process = self._processes.get(environment)
        if process is None or self._closed:
            self.end(environment)
            return
        self._idle_timers[environment] = asyncio.get_running_loop().call_later(
            self._limits().idle, self.end, environment, "it was not used for a while"
        )
        self._in_background(self._measure(environment, process))

    def end(self, environment: uuid.UUID, reason: str = "", forget: bool = False) -> None:
        """
        End the process of an environment.

        :param environment: the environment
        :param reason: why, for the log
        :param forget: whether to forget also why it compiles cold, if it does
        """
        self._stop_timer(environment)
        if forget:
            self._refusals.pop(environment, None)
        process = self._processes.pop(environment, None)
        if process is not None:
            if reason:
                LOGGER.info("The warm compiler of environment %s ends: %s.", environment, reason)
            process.end()
            self._in_background(process.gone())

    async def close(self) -> None:
        """End all processes, and wait until they are gone."""
        self._closed = True
        for environment in list(self._processes):
            self.end(environment)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _is_refused(self, environment: uuid.UUID) -> bool:
        """
        Tell whether an environment compiles cold, and nothing changed since that was found.

        :param environment: the environment
        """
        refusal = self._refusals.get(environment)
        if refusal is None:
            return False
        if await asyncio.to_thread(refusal.watch.change) is None:
            return True
        self._refusals.pop(environment, None)
        return False

    async def _started(
        self, environment: uuid.UUID, request: messages.Request, descriptors: tuple[int, int]
    ) -> WarmProcess | None:
        """
        Start a compile from the process of an environment, from a new one if need be.

        :param environment: the environment
        :param request: the compile
        :param descriptors: for its output and its errors
        :return: the process; None when the project is refused
        :raises LostError: when the process fails
        """
        limits = self._limits()
        process = self._processes.get(environment)
        if process is not None and process.is_alive:
            answer = await process.ask(request, descriptors, limits.answer)
            if "started" in answer:
                self._processes[environment] = self._processes.pop(environment)
                return process
            self.end(environment, str(answer.get("stale", "it did not understand")))
        elif process is not None:
            self._lose(environment, "it ended unasked")
        self.counts.starts += 1
        process = await WarmProcess.start(request["command"][0], request["folder"], request["environment"])
        self._processes[environment] = process
        answer = await process.ask(request, descriptors, limits.start)
        if "started" in answer:
            return process
        refusal = Refusal.of(answer)
        if refusal is None:
            raise LostError("it did not understand")
        self._refuse(environment, refusal)
        return None

    def _refuse(self, environment: uuid.UUID, refusal: Refusal) -> None:
        """
        :param environment: compiles cold from now on
        :param refusal: why
        """
        LOGGER.warning("Environment %s compiles cold: %s.", environment, refusal.reason)
        self._refusals[environment] = refusal
        self.end(environment)

    def _lose(self, environment: uuid.UUID, reason: str) -> None:
        """
        :param environment: whose process failed
        :param reason: how
        """
        self.counts.lost += 1
        LOGGER.warning("The warm compiler of environment %s is lost, this compile runs cold: %s.", environment, reason)
        self.end(environment)

    async def _measure(self, environment: uuid.UUID, process: WarmProcess) -> None:
        """
        See how much memory a process holds after a compile, and keep to the limit.

        :param environment: its environment
        :param process: the process
        """
        await process.settle()
        limit = self._limits().memory
        if process.memory > limit and self._processes.get(environment) is process and environment not in self._busy:
            size = f"{process.memory // _MEGABYTE} MB, more than the {limit // _MEGABYTE} MB"
            self._refuse(environment, Refusal(f"its warm compiler would hold {size} that all of them may"))
        self._keep_to_the_memory()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """:param work: to do while others go on, and before the pool is closed"""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keep_to_the_memory(self) -> None:
        """End processes until the others may be kept, those first that were used least recently."""
        limit = self._limits().memory
        for environment in list(self._processes):
            if self.memory <= limit:
                return
            if environment not in self._busy:
                self.end(environment, f"all of them hold more than {limit // _MEGABYTE} MB")

    def _stop_timer(self, environment: uuid.UUID) -> None:
        """:param environment: whose process is not idle, or gone"""
        timer = self._idle_timers.pop(environment, None)
        if timer is not None:
            timer.cancel()


class _Pipe:
    """A pipe to this process; closing it leaves the end for reading open when that was taken."""

    def __init__(self) -> None:
        self._reading: int | None
        self._reading, self.writing = os.pipe()

    async def take(self) -> CalmReader:
        """Take the end for reading, which is closed when all is read."""
        assert self._reading is not None
        file, self._reading = os.fdopen(self._reading, "rb", buffering=0), None
        reader = CalmReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        return reader

    def close(self) -> None:
        """Close the end for writing, and that for reading unless it was taken."""
        os.close(self.writing)
        if self._reading is not None:
            os.close(self._reading)
