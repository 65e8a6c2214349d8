"""
Real compile processes, a real server and its database are killed, stopped and started while a validation runs.

The model waits at a gate and holds nothing else, so that each validation succeeds once it is let: whatever else comes out is
the fault's doing. One environment is for all of them, as a user's is.
"""

import asyncio
import fcntl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest
import pytest_asyncio
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import eventually
from inmanta_embedded.testing import compiles
from inmanta_lsm.model import Lifecycle, State, StateTransfer

from ..helpers import suspension
from ..helpers.crashing_server import CrashingServer
from ..helpers.simple_lifecycle import service

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("real_compiles"), pytest.mark.asyncio(loop_scope="module")]

VALIDATING = Lifecycle(
    name="validating",
    initial_state="start",
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="valid", export_resources=False),
        State(name="rejected", export_resources=False),
    ],
    transfers=[StateTransfer(source="start", target="valid", error="rejected", auto=True, validate_=True)],
)
MODULE = "name: gate\nversion: 0.1\nlicense: Apache-2.0\ncompiler_version: 2019.1\n"
MODEL = 'import gate\ngate::wait("{gate}")\n'
PLUGIN = '''
"""A compile waits until the gate is open: until nobody holds a lock on its file."""

import fcntl
import os
from pathlib import Path

from inmanta.plugins import plugin


@plugin
def wait(gate: "string") -> None:
    Path(gate).with_suffix(".waits").write_text(str(os.getpid()))
    with Path(gate).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
'''

type Gate = IO[str]
"""The file of the gate, which is locked until it is closed."""

type Fault = Callable[[CrashingServer, Gate], Awaitable[None]]


async def the_compile_process_is_killed(server: CrashingServer, gate: Gate) -> None:
    """As by the kernel when memory is short."""
    (await compiling(server)).kill()


async def the_compile_process_is_stopped_for_a_while(server: CrashingServer, gate: Gate) -> None:
    """As by somebody who looks at it."""
    await suspension.while_the_server_looks(server, await compiling(server))


async def the_server_is_stopped_for_a_while(server: CrashingServer, gate: Gate) -> None:
    """As by a machine that is suspended: the compile goes on, and gets no answer."""
    await compiling(server)
    gate.close()
    await suspension.while_nothing_is_answered(server, psutil.Process(server.orchestrator.status().server_pid))


async def everything_is_stopped_and_started(server: CrashingServer, gate: Gate) -> None:
    """As for an upgrade."""
    await compiling(server)
    await server.database.close()
    await asyncio.to_thread(server.orchestrator.stop)
    await asyncio.to_thread(server.orchestrator.start)
    await server.connect()


async def the_connections_of_the_server_are_killed(server: CrashingServer, gate: Gate) -> None:
    """As by a network that breaks; where the server holds a lock in the database it ends, and is started again."""
    await compiling(server)
    await server.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )


FAULTS: list[Fault] = [
    the_compile_process_is_killed,
    the_compile_process_is_stopped_for_a_while,
    the_server_is_stopped_for_a_while,
    the_connections_of_the_server_are_killed,
    everything_is_stopped_and_started,
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def validating(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CrashingServer]:
    """An environment with a project whose compiles wait at the gate, of an orchestrator that tries again quickly."""
    folder = tmp_path_factory.mktemp("faults") / "orchestrator"
    options = {"lsm": {"reconcile-interval": "0.5"}}
    settings = Settings(durable=False, extensions=compiles.extensions(), options=options)
    orchestrator = Orchestrator(folder, settings)
    await asyncio.to_thread(orchestrator.start)
    try:
        server = await CrashingServer.with_service(orchestrator, service(lifecycle=VALIDATING))
        files = {"module.yml": MODULE, "model/_init.cf": "", "plugins/__init__.py": PLUGIN}
        model = MODEL.format(gate=gate_of(server))
        orchestrator.write_project(server.environment, model, {f"libs/gate/{path}": text for path, text in files.items()})
        yield server
        await server.database.close()
    finally:
        await asyncio.to_thread(orchestrator.stop)


@pytest.fixture
def gate(validating: CrashingServer) -> Iterator[Gate]:
    """The gate, which is shut: to close its file opens it."""
    path = gate_of(validating)
    path.with_suffix(".waits").unlink(missing_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_validation_ends_as_it_would_have(validating: CrashingServer, gate: Gate, fault: Fault) -> None:
    created = await validating.call("POST", "/lsm/v1/service_inventory/vlan", attributes={"name": fault.__name__})
    instance = uuid.UUID(created["id"])
    await fault(validating, gate)
    gate.close()

    async def states() -> list[str]:
        rows = await validating.rows("lsm_serviceinstancelog")
        return [row["state"] for row in rows if row["service_instance_id"] == instance]

    async def is_over() -> bool:
        return len(await states()) > 1 and all(compile_["handled"] for compile_ in await validating.rows("compile"))

    await validating.until(is_over)
    assert await states() == ["start", "valid"]
    events = [row for row in await validating.rows("lsm_serviceinstanceevent") if row["service_instance_id"] == instance]
    assert [event["is_outcome"] for event in events if event["service_instance_version"] == 1].count(True) == 1


def gate_of(server: CrashingServer) -> Path:
    """Where the gate of an orchestrator is."""
    return server.orchestrator.layout.folder / "gate"


async def compiling(server: CrashingServer) -> psutil.Process:
    """Wait until a compile waits at the gate, and give its process."""
    waits = gate_of(server).with_suffix(".waits")

    async def is_there() -> bool:
        return waits.exists() and waits.read_text() != ""

    await eventually(is_there, "no compile comes to the gate")
    return psutil.Process(int(waits.read_text()))
