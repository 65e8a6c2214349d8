"""An inmanta server with the extension in the process of the tests, without schedulers."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from inmanta import data as core
from inmanta.config import Config
from inmanta.data.model import ReportedStatus
from inmanta.logging import InmantaLoggerConfig
from inmanta.server import agentmanager
from inmanta.server.bootloader import InmantaBootloader
from inmanta.server.protocol import Server, SliceStartupException
from inmanta_embedded import ports
from inmanta_embedded.patience import patient
from inmanta_embedded.postgres import Database
from inmanta_lsm.environment_settings import SETTINGS


class SharedServer:
    """The server that the tests of a session share."""

    def __init__(self, database: Database, folder: Path) -> None:
        """
        :param database: an empty database
        :param folder: for its state and its logs
        """
        self._database = database
        self._database_port = database.port
        self._folder = folder
        self._port = ports.free_port()
        self._bootloader: InmantaBootloader | None = None

    @property
    def restserver(self) -> Server:
        """The server with its slices."""
        assert self._bootloader is not None
        return self._bootloader.restserver

    @property
    def dsn(self) -> str:
        """Where its database is."""
        return self._database.dsn

    async def is_well(self) -> bool:
        """Whether no slice has anything to report."""
        reports = [await part.get_reported_status() for part in self.restserver.get_slices().values()]
        return all(status is ReportedStatus.OK for status, _ in reports)

    def configure(self) -> None:
        """Make this process the one of the server: other tests of the session may have pointed its clients somewhere else."""
        Config.load_config()
        options: dict[str, dict[str, Any]] = {
            "config": {"state-dir": self._folder, "log-dir": self._folder / "log"},
            "client_rest_transport": {"port": self._port},
            "lsm.callback": {"allowed-hosts": ports.LOOPBACK},
            # A test that waits for what is tried again waits for the sleep, too, that began before it.
            "lsm": {"reconcile-interval": 0.5},
            "database": {
                "host": self._database.host,
                "port": self._database_port,
                "name": self._database.name,
                "username": self._database.user,
                "password": self._database.password,
                # A server that loses its lock ends its process, which is that of the tests (inmanta-core 19 and later).
                "singleton-lock": "false",
            },
            "server": {
                "bind-address": ports.LOOPBACK,
                "bind-port": self._port,
                "enabled_extensions": "lsm",
                "db_connection_pool_min_size": 2,
                "db_connection_pool_max_size": 10,
            },
        }
        for section, values in options.items():
            for key, value in values.items():
                Config.set(section, key, str(value))

    async def start(self) -> None:
        """Start the server, with what the database holds."""
        self.configure()
        agentmanager.no_start_scheduler = True
        # Nobody misses one either.
        core.Environment._settings[core.AUTOSTART_ON_START]._default = False
        for setting in SETTINGS:
            # A process registers its settings once; this one may have run a server before.
            core.Environment._settings.pop(setting.name, None)
        try:
            await self._boot()
        except SliceStartupException as error:
            if not isinstance(error.__cause__, SystemError):
                raise
            # Of the interpreter itself, which says nothing of the server: 3.13.0 lost the exception of a look-up in core once.
            await self.stop()
            await self._boot()

    async def _boot(self) -> None:
        InmantaLoggerConfig.clean_instance([])
        self._bootloader = InmantaBootloader(configure_logging=True)
        await self._bootloader.start()

    async def stop(self) -> None:
        """Stop the server."""
        assert self._bootloader is not None
        await self._bootloader.stop(timeout=math.ceil(patient(60)))
        self._bootloader = None

    @asynccontextmanager
    async def through(self, port: int) -> AsyncIterator[None]:
        """
        Start the server again, such that it reaches its database elsewhere, and once more at the end.

        :param port: what passes on to the database
        """
        await self._move(port)
        try:
            yield
        finally:
            await self._move(self._database.port)

    async def _move(self, database_port: int) -> None:
        await self.stop()
        self._database_port = database_port
        await self.start()

    async def restart(self, while_down: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        """
        Stop the server and start it again.

        :param while_down: changes the database in between, to what a crash could have left
        """
        await self.stop()
        connection = await asyncpg.connect(self._database.dsn)
        try:
            await while_down(connection)
        finally:
            await connection.close()
        await self.start()
