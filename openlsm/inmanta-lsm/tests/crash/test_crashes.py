"""
The server is killed at the worst moments. When it starts again, every instance ends in the state that it would have reached.

Each moment has an environment of its own, in which a lock in the database holds the server there. One kill hits them all.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.testing import compiles
from inmanta_lsm.model import Lifecycle, State, StateTransfer
from tornado.httpclient import HTTPClientError

from ..helpers import handler_session
from ..helpers.crashing_server import CrashingServer, Point, make_points
from ..helpers.simple_lifecycle import service

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("crashes"), pytest.mark.asyncio(loop_scope="module")]

CRASHING = Lifecycle(
    name="crashing",
    initial_state="start",
    alternative_initial_states=["idle"],
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="valid", export_resources=False),
        State(name="rejected", export_resources=False),
        State(name="idle", export_resources=True),
        State(name="deploying", export_resources=True),
    ],
    transfers=[
        StateTransfer(source="start", target="valid", error="rejected", auto=True, validate_=True),
        StateTransfer(source="rejected", target="start", on_update=True),
        StateTransfer(source="idle", target="deploying", api_set_state=True),
        StateTransfer(source="deploying", target="idle", error="idle", resource_based=True),
    ],
)
INVENTORY = "/lsm/v1/service_inventory/vlan"
TABLES = ("lsm_serviceinstance", "lsm_serviceinstancelog", "lsm_serviceinstanceevent", "compile")

type Snapshot = Mapping[str, list[dict[str, Any]]]
type Moment = Callable[[CrashingServer], Awaitable[asyncpg.Connection | None]]


async def before_the_commit_of_a_transfer(server: CrashingServer) -> asyncpg.Connection:
    """The instance is updated, its compile is requested, an event is about to be written."""
    instance = await create(server, initial_state="idle")
    await server.reaches("idle")
    hold = await server.hold(Point.EVENT)
    background(set_state(server, instance))
    await server.is_held(hold)
    return hold


async def before_the_compiler_is_told_of_a_compile(server: CrashingServer) -> asyncpg.Connection:
    """The creation is committed, the export is in the queue."""
    hold = await server.hold(Point.STARTED_COMPILE)
    await create(server, initial_state="idle")
    await server.is_held(hold)
    return hold


async def before_an_auto_transfer_starts(server: CrashingServer) -> asyncpg.Connection:
    """The transfer to the state with the auto edge is committed, nothing of the auto transfer is."""
    instance = await create(server)
    await server.reaches("start", "rejected")
    hold = await server.hold(Point.REQUESTED_COMPILE)
    await server.call("PATCH", f"{INVENTORY}/{instance}", current_version=2, attributes={"size": 2})
    await server.is_held(hold)
    return hold


async def while_a_validation_runs(server: CrashingServer) -> asyncpg.Connection:
    """The compile is started and not completed."""
    hold = await server.hold(Point.COMPLETED_COMPILE)
    await create(server)
    await server.is_held(hold)
    return hold


async def before_a_result_is_applied(server: CrashingServer) -> asyncpg.Connection:
    """The compile is completed, the instance is still where it was."""
    hold = await server.hold(Point.TRANSFER)
    await create(server)
    await server.is_held(hold)
    return hold


async def before_an_applied_result_is_marked(server: CrashingServer) -> asyncpg.Connection:
    """The instance has moved, the compile does not say yet that it is handled."""
    hold = await server.hold(Point.HANDLED_COMPILE)
    await create(server)
    await server.is_held(hold)
    return hold


async def before_a_report_is_answered(server: CrashingServer) -> None:
    """The transfer of the report is committed; that it was answered is forgotten."""
    instance = await create(server, initial_state="idle")
    await set_state(server, instance)
    await server.reaches("idle", "deploying")
    await report(server, instance)


MOMENTS: list[Moment] = [
    before_the_commit_of_a_transfer,
    before_an_auto_transfer_starts,
    while_a_validation_runs,
    before_a_result_is_applied,
    before_an_applied_result_is_marked,
    before_a_report_is_answered,
    # The last one, as no other compile starts as long as this one is held.
    before_the_compiler_is_told_of_a_compile,
]


class Crash:
    """What became of an environment."""

    def __init__(self, server: CrashingServer, before: Snapshot) -> None:
        """
        :param server: the server, which is up again
        :param before: the rows when it had been killed
        """
        self.server = server
        self.before = before

    @property
    def states_before(self) -> list[str]:
        """The states that the instance had gone through when the server was killed."""
        return [row["state"] for row in self.before["lsm_serviceinstancelog"]]

    async def instance(self) -> uuid.UUID:
        """Give the id of the instance."""
        [row] = await self.server.rows("lsm_serviceinstance")
        found: uuid.UUID = row["id"]
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crashes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[Moment, Crash]]:
    """Bring the server to all moments, kill it, and start it again."""
    folder = tmp_path_factory.mktemp("crash") / "orchestrator"
    # Each moment keeps a connection of the server busy.
    connections = {"server": {"db-connection-pool-max-size": str(len(MOMENTS) + 5)}}
    orchestrator = Orchestrator(folder, Settings(durable=False, extensions=compiles.extensions(), options=connections))
    await asyncio.to_thread(orchestrator.start)
    try:
        await make_points(orchestrator)
        servers = [await CrashingServer.with_service(orchestrator, service(lifecycle=CRASHING)) for _ in MOMENTS]
        holds = [await moment(server) for moment, server in zip(MOMENTS, servers, strict=True)]
        await asyncio.to_thread(orchestrator.kill_server)
        # What the server was about to write was not sent: the database would carry on with it.
        await servers[0].end_what_is_held()
        for hold in holds:
            if hold is not None:
                await hold.close()
        befores = [{table: await server.rows(table) for table in TABLES} for server in servers]
        await asyncio.to_thread(orchestrator.start_server)
        yield {moment: Crash(server, before) for moment, server, before in zip(MOMENTS, servers, befores, strict=True)}
        for server in servers:
            await server.database.close()
    finally:
        await asyncio.to_thread(orchestrator.stop)


async def test_a_crash_before_the_commit_of_a_transfer_leaves_no_trace_of_it(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_the_commit_of_a_transfer]
    assert crash.states_before == ["idle"]
    assert [row["version"] for row in crash.before["lsm_serviceinstance"]] == [1]
    assert {row["service_instance_version"] for row in crash.before["lsm_serviceinstanceevent"]} == {0}
    assert len(crash.before["compile"]) == 1

    await set_state(crash.server, await crash.instance())
    await crash.server.reaches("idle", "deploying")


async def test_a_compile_that_the_compiler_was_not_told_of_runs(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_the_compiler_is_told_of_a_compile]
    [waiting] = crash.before["compile"]
    await crash.server.reaches("idle")
    [finished] = await crash.server.rows("compile")
    assert (waiting["started"], waiting["id"]) == (None, finished["id"])


async def test_an_auto_transfer_that_had_not_started_starts_once(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_an_auto_transfer_starts]
    assert crash.states_before == ["start", "rejected", "start"]
    assert len(crash.before["compile"]) == 1
    await crash.server.reaches("start", "rejected", "start", "rejected")
    assert len(await crash.server.rows("compile")) == 2


async def test_a_validation_that_was_running_runs_again_and_counts_once(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[while_a_validation_runs]
    [running] = crash.before["compile"]
    assert (running["started"] is None, running["completed"]) == (False, None)
    await counts_once(crash)


async def test_a_result_that_was_not_applied_is_applied(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_a_result_is_applied]
    [unhandled] = crash.before["compile"]
    assert (unhandled["completed"] is None, unhandled["handled"], crash.states_before) == (False, False, ["start"])
    await counts_once(crash)


async def test_a_result_that_was_applied_but_not_marked_is_not_applied_again(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_an_applied_result_is_marked]
    [unhandled] = crash.before["compile"]
    assert (unhandled["handled"], crash.states_before) == (False, ["start", "rejected"])
    await counts_once(crash)


async def test_a_report_whose_answer_was_lost_is_ignored_when_it_is_repeated(crashes: dict[Moment, Crash]) -> None:
    crash = crashes[before_a_report_is_answered]
    assert crash.states_before == ["idle", "deploying", "idle"]
    await report(crash.server, await crash.instance())
    await crash.server.reaches("idle", "deploying", "idle")
    assert [row["ignored_transition"] for row in await crash.server.rows("lsm_serviceinstanceevent")].count(True) == 1


async def counts_once(crash: Crash) -> None:
    """Wait for the end, and check that the instance was validated by one compile with one outcome."""
    await crash.server.reaches("start", "rejected")
    assert len(await crash.server.rows("compile")) == 1
    events = [row for row in await crash.server.rows("lsm_serviceinstanceevent") if row["service_instance_version"] == 1]
    assert [event["is_outcome"] for event in events] == [False, False, True]


async def create(server: CrashingServer, **arguments: object) -> uuid.UUID:
    """Create the instance."""
    created = await server.call("POST", INVENTORY, attributes={"name": "a"}, **arguments)
    return uuid.UUID(created["id"])


async def set_state(server: CrashingServer, instance: uuid.UUID) -> None:
    """Make an idle instance deploy."""
    await server.call("POST", f"{INVENTORY}/{instance}/state", current_version=1, target_state="deploying", message="go")


async def report(server: CrashingServer, instance: uuid.UUID) -> None:
    """Report that the resources of version 2 are deployed, as a handler does."""
    session = uuid.uuid4()
    if handler_session.NEEDED:
        await server.call("POST", "/api/v1/heartbeat", **handler_session.opening(session))
    await server.call(
        "POST",
        f"{INVENTORY}/{instance}/deployment_report",
        sid=session,
        next_version=3,
        next_desired_state_version=3,
        success=True,
        failed_resources=[],
    )


def background(call: Awaitable[None]) -> None:
    """Start a call that the crash cuts off."""

    async def forget() -> None:
        with contextlib.suppress(HTTPClientError, OSError):
            await call

    CUT_OFF.add(asyncio.create_task(forget()))


CUT_OFF: set[asyncio.Task[None]] = set()
