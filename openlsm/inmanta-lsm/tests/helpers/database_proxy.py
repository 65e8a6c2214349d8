"""A proxy between a server and its database, which cuts, delays and refuses connections when a test says so."""

import asyncio
import contextlib

from inmanta_embedded import ports
from inmanta_embedded.patience import eventually


class DatabaseProxy:
    """
    Passes on what both sides send. It is a context.

    :param port: where the server finds the database
    :param delay: seconds by which what is sent is late
    """

    def __init__(self, host: str, port: int) -> None:
        """
        :param host: of the database
        :param port: of the database
        """
        self.port = ports.free_port()
        self.delay = 0.0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "DatabaseProxy":
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def accept(self) -> None:
        """Let connections through, from now on."""
        self._server = await asyncio.start_server(self._pass_on, ports.LOOPBACK, self.port)

    async def refuse(self) -> None:
        """Cut all connections, and accept no new ones."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def cut_again_and_again(self, times: int) -> None:
        """
        Cut all connections, each time once somebody has connected again.

        :param times: how often
        """

        async def is_connected() -> bool:
            return bool(self._writers)

        for _ in range(times):
            await eventually(is_connected, "nobody connects to the database again")
            self.cut()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            database_reader, database_writer = await asyncio.open_connection(*self._target)
            self._writers.add(database_writer)
            with contextlib.suppress(OSError):
                await asyncio.gather(self._copy(reader, database_writer), self._copy(database_reader, writer))
            database_writer.transport.abort()
            self._writers.discard(database_writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        writer.close()
