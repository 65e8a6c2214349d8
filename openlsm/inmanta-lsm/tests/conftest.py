"""
Fixtures of the server tests: a PostgreSQL of the test session, and an inmanta server with the extension in the test process.

The server runs without schedulers: nothing is deployed, the tests send the reports that the handlers would send. Tests that
share it get an environment of their own each.
"""

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from inmanta.protocol import Client
from inmanta.server.services.compilerservice import CompilerService
from inmanta_embedded.patience import eventually
from inmanta_embedded.postgres import Cluster, Database

from .helpers.http_request import Get, request
from .helpers.scripted_compiler import ScriptedCompiler
from .helpers.service_lab import ServiceLab
from .helpers.shared_server import SharedServer
from .helpers.simple_lifecycle import service
from .helpers.stored_inventory import StoredInventory
from .helpers.stored_inventory import service as stored_service


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL for the session."""
    with Cluster(tmp_path_factory.mktemp("postgres"), durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def compiler() -> Iterator[ScriptedCompiler]:
    """Stand in for the compile processes of the servers in this process."""
    compiler = ScriptedCompiler()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompilerService, "_get_compile_runner", lambda service, request, project_dir: compiler.runner(request))
        yield compiler


@pytest.fixture(scope="session")
def shared_database(cluster: Cluster) -> Database:
    """The database of the server that the tests share."""
    return cluster.create_database("shared")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(
    shared_database: Database, tmp_path_factory: pytest.TempPathFactory, compiler: ScriptedCompiler
) -> AsyncIterator[SharedServer]:
    """The server that the tests share."""
    server = SharedServer(shared_database, tmp_path_factory.mktemp("server"))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def client(server: SharedServer) -> Client:
    """A client of the shared server."""
    return Client("client")


@pytest.fixture(autouse=True)
def _clients_of_the_shared_server(request: pytest.FixtureRequest) -> None:
    """Let clients reach the shared server in the tests that use it, whatever ran before."""
    if "server" in request.fixturenames:
        request.getfixturevalue("server").configure()


@pytest_asyncio.fixture(loop_scope="session")
async def environment(client: Client, server: SharedServer) -> AsyncIterator[uuid.UUID]:
    """An environment of its own for the test, in the shared server, which is well again when the next test gets it."""
    project: Any = await client.project_create(f"project {uuid.uuid4()}").value()
    created: Any = await client.environment_create(project.id, "test").value()
    yield uuid.UUID(str(created.id))
    await eventually(server.is_well, "every slice of the shared server is well after the test")


@pytest_asyncio.fixture(loop_scope="session")
async def lab(
    environment: uuid.UUID, client: Client, compiler: ScriptedCompiler, server: SharedServer
) -> AsyncIterator[ServiceLab]:
    """A service with the simple lifecycle in the environment of the test, whose compiles start at once."""
    lab = ServiceLab(environment, client, compiler, server, service())
    await lab.export(lab.entity)
    await client.set_setting(tid=environment, id="recompile_backoff", value=0)
    yield lab
    await client.halt_environment(tid=environment)
    compiler.scripts.pop(environment, None)


@pytest_asyncio.fixture(loop_scope="session")
async def inventory(client: Client, environment: uuid.UUID) -> StoredInventory:
    """The stored inventory of the environment of the test, with a service named ``service``."""
    stored = StoredInventory(environment, client)
    await stored.add_service(stored_service("service"))
    return stored


@pytest.fixture
def get(client: Client, environment: uuid.UUID) -> Get:
    """Give a function that sends a GET request for the environment of the test."""

    async def send(path: str) -> tuple[int, Any]:
        return await request(path, environment=environment)

    return send
