"""A warm process, as the server sees it."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from inmanta_warm_compiler import messages
from inmanta_warm_compiler.calm_reader import CalmReader
from inmanta_warm_compiler.const import PROCESS_MODULE
from inmanta_warm_compiler.watch import Watch

_REMEMBERED = 4096
"""The most bytes that the last line of a process can have."""


# What a library that cannot live in a fork ends with.
_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT}


class LostError(Exception):
    """What happened to a warm process that is of no use any more, in a sentence."""


@dataclass
class Output:
    """
    What a process prints, in memory.

    :param descriptor: of a file without a name
    """

    descriptor: int

    @classmethod
    def create(cls) -> "Output":
        """Make an empty one."""
        return cls(os.memfd_create("warm-compiler"))

    def last_line(self) -> str:
        """Give the last line."""
        size = os.fstat(self.descriptor).st_size
        lines = os.pread(self.descriptor, _REMEMBERED, max(0, size - _REMEMBERED)).decode(errors="replace").strip()
        return lines.rpartition("\n")[2]

    def close(self) -> None:
        """Forget it."""
        os.close(self.descriptor)


class WarmProcess:
    """A process of an environment's Python that has loaded its project."""

    def __init__(self, process: asyncio.subprocess.Process, connection: socket.socket, errors: Output) -> None:
        """
        :param process: runs
        :param connection: to it, not blocking
        :param errors: what it prints as errors
        """
        self.memory = 0
        self.ended = False
        # After a compile it still has something to say, which has to be read before the next answer.
        self._settling: asyncio.Task[None] | None = None
        self._process = process
        self._connection = connection
        self._errors = errors

    @classmethod
    async def start(cls, python: str, folder: str, environment: dict[str, str]) -> "WarmProcess":
        """
        Start one.

        :param python: of the environment's compiler
        :param folder: the project
        :param environment: its environment variables
        :raises LostError: when it cannot be started
        """
        ours, theirs = socket.socketpair()
        output, errors = Output.create(), Output.create()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *(python, "-m", PROCESS_MODULE, str(theirs.fileno()), str(os.getpid())),
                    stdout=output.descriptor,
                    stderr=errors.descriptor,
                    cwd=folder,
                    env=environment,
                    pass_fds=(theirs.fileno(),),
                )
        except BaseException as error:
            ours.close()
            errors.close()
            if isinstance(error, OSError):
                raise LostError(f"it cannot be started ({error})") from error
            raise
        finally:
            output.close()
        ours.setblocking(False)
        return cls(process, ours, errors)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked for a compile."""
        return not self.ended and self._process.returncode is None

    def announce(self, compile_id: str) -> None:
        """
        Have it look for changes now that a compile has begun, which is asked for soon.

        :param compile_id: of the compile
        """
        # There is room for a few bytes. Where there is not, or where it is gone, that shows when it is asked.
        with contextlib.suppress(OSError):
            self._connection.send(messages.encode(messages.Announcement(announced=compile_id)))

    async def ask(self, request: messages.Request, descriptors: Sequence[int], timeout: float) -> messages.Message:
        """
        Ask for a compile.

        :param request: the compile
        :param descriptors: for its output and its errors
        :param timeout: seconds for the answer
        :return: the answer
        :raises LostError: when there is none
        """
        loop = asyncio.get_running_loop()
        message = messages.encode(request)
        header, text = message[: messages.LENGTH_SIZE], message[messages.LENGTH_SIZE :]
        try:
            async with asyncio.timeout(timeout):
                # Nothing else is under way on this connection, so there is room for a few bytes.
                socket.send_fds(self._connection, [header], descriptors)
                await loop.sock_sendall(self._connection, text)
                await self.settle()
                return await self.answer()
        except TimeoutError as error:
            raise LostError(f"it did not answer within {timeout:g} s") from error
        except OSError as error:
            raise LostError(self._last_words()) from error

    async def answer(self) -> messages.Message:
        """
        Wait for what it says next.

        :raises LostError: when it ends
        """
        header = await self._read(messages.LENGTH_SIZE)
        message: messages.Message = messages.decode(await self._read(messages.length(header)))
        return message

    def expect_to_settle(self) -> None:
        """Take note of a compile that ended: what it holds then is still to be said."""
        self._settling = asyncio.get_running_loop().create_task(self._settle())

    async def settle(self) -> None:
        """Wait until it said what it holds, if a compile has ended; what goes wrong shows when it is used again."""
        if self._settling is not None:
            await asyncio.wait([self._settling])

    async def _settle(self) -> None:
        with contextlib.suppress(LostError):
            self.memory = (await self.answer())["memory"]

    def end(self) -> None:
        """End it at once, and what it compiles."""
        if not self.ended:
            self.ended = True
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            if self._settling is None or self._settling.done():
                self._connection.close()
            else:
                # It is still being read from, until that finds its end.
                self._settling.add_done_callback(lambda _: self._connection.close())
            self._errors.close()

    async def gone(self) -> None:
        """Wait until it is gone."""
        await self._process.wait()

    async def _read(self, size: int) -> bytes:
        """
        :param size: number of bytes to wait for
        :raises LostError: when it ends before
        """
        loop = asyncio.get_running_loop()
        data = bytearray()
        while len(data) < size:
            try:
                part = await loop.sock_recv(self._connection, size - len(data))
            except OSError as error:
                raise LostError(self._last_words()) from error
            if not part:
                raise LostError(self._last_words())
            data += part
        return bytes(data)

    def _last_words(self) -> str:
        """Tell how it ended, as far as that is known."""
        said = "" if self.ended else self._errors.last_line()
        return f"it ended{f', and said last: {said}' if said else ''}"


@dataclass(frozen=True)
class Refusal:
    """
    Why a project has to compile cold.

    :param reason: a sentence
    :param watch: what has to change before it is tried again
    """

    reason: str
    watch: Watch = field(default_factory=Watch)

    @classmethod
    def of(cls, answer: messages.Message) -> "Refusal | None":
        """
        :param answer: of a process
        :return: None when it is none
        """
        return cls(answer["refused"], Watch.from_json(answer["watched"])) if "refused" in answer else None


class Fork:
    """
    A compile that runs from a warm process, for those that know how to handle a process of asyncio.

    It has to be run again, cold, when it was lost or refused; then nothing that it printed counts.

    :param returncode: as soon as it ended
    :param lost: how its process failed, in a sentence
    :param refused: why its project has to compile cold, and until when
    """

    def __init__(self, process: WarmProcess, output: CalmReader, errors: CalmReader) -> None:
        """
        :param process: from which it runs
        :param output: what it prints
        :param errors: what it prints as errors
        """
        self.process = process
        self.stdout = output
        self.stderr = errors
        self.returncode: int | None = None
        self.lost: str | None = None
        self.refused: Refusal | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it has to be run again."""
        return self.lost is not None or self.refused is not None

    async def wait(self) -> int:
        """Wait until it ends, and give its exit code."""
        code = -signal.SIGKILL.value
        try:
            answer = await self.process.answer()
            self.refused = Refusal.of(answer)
            code = answer.get("exited", code)
            if "exited" in answer:
                self.process.expect_to_settle()
            if -code in _CRASHES:
                self.lost = f"a compile crashed ({signal.Signals(-code).name}), which may be due to the fork"
        except LostError as error:
            self.lost = str(error)
        self.returncode = code
        return code

    def kill(self) -> None:
        """End it at once."""
        self.process.end()
