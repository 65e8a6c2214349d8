"""
What deploys, what decides about it, and PostgreSQL are killed and suspended while a service is deployed and while its result is
reported. With no help, every instance is up in the end, with what it deploys.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import psutil
import pytest
import pytest_asyncio
from inmanta import const
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.processes import descendants
from inmanta_embedded.project import make_environment
from inmanta_embedded.status import Phase

from ..helpers import suspension
from ..helpers.crashing_server import CrashingServer, Point, make_points
from ..helpers.gated_project import GatedProject
from ..helpers.simple_lifecycle import service

pytestmark = [
    pytest.mark.full,
    pytest.mark.long,
    pytest.mark.xdist_group("deployments"),
    pytest.mark.asyncio(loop_scope="module"),
]

SCHEDULER, EXECUTOR = "scheduler", "inmanta: executor process"
"""What is in the command of the process that decides what is deployed, and of those that deploy."""

ASKED = "got a trigger to run deploy"
"""What a scheduler logs when it is asked to deploy."""

type Fault = Callable[[CrashingServer], Awaitable[None]]


def started_by(pid: int | None, mark: str) -> Iterator[psutil.Process]:
    """Find what a process started, by what is in its command."""
    for process in descendants(pid or 0):
        try:
            if any(mark in argument for argument in process.cmdline()):
                yield process
        except psutil.Error:
            continue


async def the_scheduler_is_killed(server: CrashingServer) -> None:
    """As by the kernel when memory is short; what deploys ends with it."""
    for process in started_by(server.orchestrator.status().server_pid, SCHEDULER):
        process.kill()


async def the_scheduler_is_stopped_for_a_while(server: CrashingServer) -> None:
    """As by somebody who looks at it."""
    await suspension.while_the_server_looks(server, *started_by(server.orchestrator.status().server_pid, SCHEDULER))


async def what_deploys_is_killed(server: CrashingServer) -> None:
    """As by the kernel when memory is short, or by a handler that crashes."""
    for process in started_by(server.orchestrator.status().server_pid, EXECUTOR):
        process.kill()


async def what_deploys_is_stopped_for_a_while(server: CrashingServer) -> None:
    """As by somebody who looks at it."""
    await suspension.while_the_server_looks(server, *started_by(server.orchestrator.status().server_pid, EXECUTOR))


async def a_process_of_postgresql_is_killed(server: CrashingServer) -> None:
    """PostgreSQL ends all connections then, and recovers."""
    psutil.Process(server.database.get_server_pid()).kill()
    await reconnect(server)


async def postgresql_is_stopped_for_a_while(server: CrashingServer) -> None:
    """As by a machine that is suspended."""
    pid = server.orchestrator.status().postgres_pid
    assert pid is not None
    await suspension.while_nothing_is_answered(server, psutil.Process(pid), *descendants(pid))


async def postgresql_is_killed(server: CrashingServer) -> None:
    """The orchestrator ends without it, and is started again."""
    psutil.Process(server.orchestrator.status().postgres_pid).kill()

    async def has_ended() -> bool:
        return server.orchestrator.status().phase in (Phase.FAILED, Phase.STOPPED)

    await server.until(has_ended)
    await asyncio.to_thread(server.orchestrator.start)
    await reconnect(server)


async def reconnect(server: CrashingServer) -> None:
    """Connect to the database once it takes connections again."""

    async def is_connected() -> bool:
        try:
            await server.connect()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    await server.until(is_connected)


FAULTS: list[Fault] = [
    the_scheduler_is_killed,
    the_scheduler_is_stopped_for_a_while,
    what_deploys_is_killed,
    what_deploys_is_stopped_for_a_while,
    a_process_of_postgresql_is_killed,
    postgresql_is_stopped_for_a_while,
    postgresql_is_killed,
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deploying(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CrashingServer]:
    """An environment of an orchestrator that tries again quickly."""
    folder = tmp_path_factory.mktemp("deploy") / "orchestrator"
    orchestrator = Orchestrator(folder, Settings(durable=False, options={"lsm": {"reconcile-interval": "0.5"}}))
    await asyncio.to_thread(orchestrator.start)
    try:
        await make_points(orchestrator)
        server = await CrashingServer.with_service(orchestrator, service())
        yield server
        await server.database.close()
    finally:
        await asyncio.to_thread(orchestrator.stop)


@pytest.fixture(scope="module")
def project(deploying: CrashingServer) -> GatedProject:
    """The project of the environment."""
    layout = deploying.orchestrator.layout
    folder = layout.project(str(deploying.environment))
    make_environment(folder)
    return GatedProject(folder, layout.folder / "gates")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_deployment_ends_as_it_would_have(deploying: CrashingServer, project: GatedProject, fault: Fault) -> None:
    name = fault.__name__
    project.shut(name)
    instance = await create(deploying, name)
    await waits(deploying, project, name)
    await fault(deploying)
    project.open(name)
    await is_up(deploying, project, instance, name)


@pytest.mark.parametrize("fault", [the_scheduler_is_killed, what_deploys_is_killed], ids=lambda fault: fault.__name__)
async def test_a_result_that_nobody_reports_any_more_is_reported(
    deploying: CrashingServer, project: GatedProject, fault: Fault
) -> None:
    name = f"report_when_{fault.__name__}"
    project.shut(name)
    instance = await create(deploying, name)
    await waits(deploying, project, name)
    hold = await deploying.hold(Point.TRANSFER)
    project.open(name)
    await deploying.is_held(hold)
    await fault(deploying)
    # The server has taken the report, and loses it with its connection.
    await deploying.end_what_is_held()
    await hold.close()
    await is_up(deploying, project, instance, name)


@pytest.mark.parametrize("point", [Point.PROCESSED_VERSION, Point.STARTED_DEPLOYMENT])
async def test_what_the_scheduler_could_not_write_is_done_nevertheless(
    deploying: CrashingServer, project: GatedProject, point: Point
) -> None:
    name = f"lost_{point.name}"
    await everything_is_deployed(deploying)
    hold = await deploying.hold(point)
    instance = await create(deploying, name)
    await deploying.is_held(hold)
    await deploying.end_what_is_held()
    await hold.close()
    await is_up(deploying, project, instance, name)
    await everything_is_deployed(deploying)


@pytest.mark.parametrize("of", ["Gate", "LifecycleTransfer"])
async def test_an_end_that_the_scheduler_could_not_write_is_known_nevertheless(
    deploying: CrashingServer, project: GatedProject, of: str
) -> None:
    name = f"lost_end_of_{of}"
    await everything_is_deployed(deploying)
    project.shut(name)
    instance = await create(deploying, name)
    await waits(deploying, project, name)
    hold = await deploying.hold(Point.FINISHED_DEPLOYMENT)
    project.open(name)
    await deploying.is_held(hold)
    if of == "LifecycleTransfer":
        # Let the end of the first one through.
        await hold.close()
        hold = await deploying.hold(Point.FINISHED_DEPLOYMENT)
        await deploying.is_held(hold)
    await deploying.end_what_is_held()
    await hold.close()
    await is_up(deploying, project, instance, name)
    await everything_is_deployed(deploying)


async def test_a_scheduler_is_left_alone_while_a_deployment_takes_its_time(
    deploying: CrashingServer, project: GatedProject
) -> None:
    name = "takes_its_time"
    # What deploys is there then: while it is being started, the scheduler is asked, too, and then less and less often.
    await is_up(deploying, project, await create(deploying, "before"), "before")
    await everything_is_deployed(deploying)
    project.shut(name)
    instance = await create(deploying, name)
    await waits(deploying, project, name)
    schedulers = [process.pid for process in started_by(deploying.orchestrator.status().server_pid, SCHEDULER)]
    log = deploying.orchestrator.layout.folder / "log" / f"agent-{deploying.environment}.log"
    asked_before = log.read_text().count(ASKED)

    async def is_asked_again_and_again() -> bool:
        # Whether it stands still is decided from the second one on, and then before the next one.
        return log.read_text().count(ASKED) >= asked_before + 3

    await deploying.until(is_asked_again_and_again)
    assert [process.pid for process in started_by(deploying.orchestrator.status().server_pid, SCHEDULER)] == schedulers
    project.open(name)
    await is_up(deploying, project, instance, name)


async def everything_is_deployed(server: CrashingServer) -> None:
    """Wait until nothing is left to be compiled or deployed, for what the database knows."""
    left = f"""
        SELECT FROM compile WHERE environment = $1 AND NOT handled
        UNION ALL
        SELECT FROM scheduler WHERE environment = $1 AND last_processed_model_version IS DISTINCT FROM (
            SELECT max(version) FROM configurationmodel WHERE environment = $1
        )
        UNION ALL
        SELECT FROM resource_persistent_state AS rps
        WHERE environment = $1 AND {const.SQL_RESOURCE_STATUS_SELECTOR} <> 'deployed'
    """
    await server.until(lambda: server.database.fetchval(f"SELECT NOT EXISTS ({left})", server.environment))


async def create(server: CrashingServer, name: str) -> uuid.UUID:
    """Create an instance."""
    created = await server.call("POST", "/lsm/v1/service_inventory/vlan", attributes={"name": name})
    return uuid.UUID(created["id"])


async def waits(server: CrashingServer, project: GatedProject, name: str) -> None:
    """Wait until a deployment has come to its gate."""

    async def is_there() -> bool:
        return project.waits(name)

    await server.until(is_there)


async def is_up(server: CrashingServer, project: GatedProject, instance: uuid.UUID, name: str) -> None:
    """Wait until an instance is up as it would have been, and look at what it left."""

    async def states() -> list[str]:
        rows = await server.rows("lsm_serviceinstancelog")
        return [row["state"] for row in rows if row["service_instance_id"] == instance]

    async def has_come_up() -> bool:
        return (await states())[-1] == "up"

    await server.until(has_come_up)
    assert await states() == ["start", "acknowledged", "creating", "up"]
    assert project.is_deployed(name)
