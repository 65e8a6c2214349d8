"""
Fixtures of the server tests: a PostgreSQL of the test session, and an inmanta server with the extension in the test process.

The server runs without schedulers: nothing is deployed, the tests send the reports that the handlers would send. Tests that
share it get an environment of their own each.
"""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from inmanta import data
from inmanta.config import Config
from inmanta.protocol import Client
from inmanta.server import agentmanager
from inmanta.server.bootloader import InmantaBootloader
from inmanta.server.services.compilerservice import CompilerService
from inmanta_embedded import ports
from inmanta_embedded.postgres import Cluster, Database
from inmanta_lsm.environment_settings import SETTINGS
from scripted_compiler import ScriptedCompiler
from service_lab import ServiceLab
from simple_lifecycle import service

type CreateDatabase = Callable[[], Database]
type RunServer = Callable[[Database], AbstractAsyncContextManager[InmantaBootloader]]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL for the session."""
    with Cluster(tmp_path_factory.mktemp("postgres"), durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def create_database(cluster: Cluster) -> CreateDatabase:
    """Give a function that makes an empty database."""
    return lambda: cluster.create_database(f"db{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def compiler() -> Iterator[ScriptedCompiler]:
    """Stand in for the compile processes of the servers in this process."""
    compiler = ScriptedCompiler()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompilerService, "_get_compile_runner", lambda service, request, project_dir: compiler.runner(request))
        yield compiler


@pytest.fixture(scope="session")
def run_server(tmp_path_factory: pytest.TempPathFactory, compiler: ScriptedCompiler) -> RunServer:
    """Give a context manager that runs a server on a database, in this process and without schedulers."""

    @asynccontextmanager
    async def run(database: Database) -> AsyncIterator[InmantaBootloader]:
        state, port = tmp_path_factory.mktemp("server"), str(ports.free_port())
        Config.load_config()
        options = {
            "config": {"state-dir": str(state), "log-dir": str(state / "log")},
            "client_rest_transport": {"port": port},
            "database": {
                "host": database.host,
                "port": str(database.port),
                "name": database.name,
                "username": database.user,
                "password": database.password,
            },
            "server": {
                "bind-address": "127.0.0.1",
                "bind-port": port,
                "enabled_extensions": "lsm",
                "db_connection_pool_min_size": "2",
                "db_connection_pool_max_size": "10",
            },
        }
        for section, values in options.items():
            for key, value in values.items():
                Config.set(section, key, value)
        agentmanager.no_start_scheduler = True
        for setting in SETTINGS:
            # A process registers its settings once; this one may have run a server before.
            data.Environment._settings.pop(setting.name, None)
        bootloader = InmantaBootloader(configure_logging=True)
        await bootloader.start()
        try:
            yield bootloader
        finally:
            await bootloader.stop(timeout=20)

    return run


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(run_server: RunServer, create_database: CreateDatabase) -> AsyncIterator[InmantaBootloader]:
    """The server that tests share."""
    async with run_server(create_database()) as bootloader:
        yield bootloader


@pytest.fixture(scope="session")
def client(server: InmantaBootloader) -> Client:
    """A client of the shared server."""
    return Client("client")


@pytest_asyncio.fixture(loop_scope="session")
async def environment(client: Client) -> uuid.UUID:
    """An environment of its own for the test, in the shared server."""
    project: Any = await client.project_create(f"project {uuid.uuid4()}").value()
    created: Any = await client.environment_create(project.id, "test").value()
    return uuid.UUID(str(created.id))


@pytest_asyncio.fixture(loop_scope="session")
async def lab(environment: uuid.UUID, client: Client, compiler: ScriptedCompiler) -> AsyncIterator[ServiceLab]:
    """A service with the simple lifecycle in the environment of the test, whose compiles start at once."""
    lab = ServiceLab(environment, client, compiler, service())
    await lab.export(lab.entity)
    await client.set_setting(tid=environment, id="recompile_backoff", value=0)
    yield lab
    await client.halt_environment(tid=environment)
    compiler.scripts.pop(environment, None)
