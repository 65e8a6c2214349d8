"""What the tests share: an orchestrator that asks for tokens, an environment with the sample services, and the command."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result
from inmanta_embedded import Orchestrator, Settings
from inmanta_services import Address, Client, Connection
from inmanta_services.cli import main

from .helpers.services import SERVICES
from .helpers.world import World

type Run = Callable[..., Result]


@pytest.fixture(scope="session")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator that asks for tokens, in the folder where it is looked for, with its pages."""
    folder = tmp_path_factory.mktemp("work") / ".inmanta-embedded" / "default"
    with Orchestrator(folder, Settings(durable=False, auth=True, pages=True)) as running:
        yield running


@pytest.fixture
def world(orchestrator: Orchestrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An environment of its own for the test, with the sample services in its catalog."""
    environment = uuid.uuid4()
    connection = Connection(Address(orchestrator.host, orchestrator.port), environment, orchestrator.token())

    async def prepare() -> None:
        await make_environment(orchestrator, environment)
        client = Client(connection)
        for service in SERVICES:
            await client.catalog.create(service)

    asyncio.run(prepare())
    monkeypatch.chdir(tmp_path)
    yield World(connection, orchestrator.layout.folder, orchestrator.layout.project(str(environment)))
    asyncio.run(Client(connection).environments.delete(environment))


async def make_environment(orchestrator: Orchestrator, environment: uuid.UUID) -> None:
    """
    Make an environment in the database: the server would start its scheduler and wait for it, and nothing is deployed here.

    :param environment: its id
    """
    database = await asyncpg.connect(orchestrator.database.dsn)
    name = f"test-{environment}"
    try:
        await database.execute("INSERT INTO project (id, name) VALUES ($1, $2)", environment, name)
        await database.execute(
            "INSERT INTO environment (id, name, project, settings) VALUES ($1, $2, $1, '{\"settings\": {}}')", environment, name
        )
    finally:
        await database.close()


@pytest.fixture
def run(world: World) -> Run:
    """Run a command in the environment of the test; it has nobody to ask."""
    options = ["--embedded", str(world.folder), "--environment", str(world.connection.environment)]
    runner = CliRunner(env={"COLUMNS": "300"})
    return lambda *arguments: runner.invoke(main, [*options, *map(str, arguments)])
