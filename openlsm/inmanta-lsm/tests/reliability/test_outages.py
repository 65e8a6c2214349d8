"""A database that is away, slow, or back again."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from inmanta.config import Config
from inmanta_lsm.const import DATABASE_UNAVAILABLE
from inmanta_lsm.outage import is_outage
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from ..helpers.database_proxy import DatabaseProxy
from ..helpers.service_lab import ServiceLab, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def away(proxy: DatabaseProxy, lab: ServiceLab) -> AsyncIterator[DatabaseProxy]:
    """Take the database away; it is back at the end of the test."""
    await proxy.refuse()
    yield proxy
    await proxy.refuse()
    await proxy.accept()


async def send(path: str, environment: uuid.UUID, method: str = "GET", body: str | None = None) -> HTTPResponse:
    """Send a request."""
    return await AsyncHTTPClient().fetch(
        HTTPRequest(
            f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}{path}",
            method=method,
            headers={"X-Inmanta-tid": str(environment), "Content-Type": "application/json"},
            body=body,
        ),
        raise_error=False,
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/lsm/v1/service_catalog", None),
        ("GET", "/lsm/v1/service_inventory/vlan", None),
        ("POST", "/lsm/v1/service_inventory/vlan", '{"attributes": {"name": "a"}}'),
        ("POST", "/lsm/v2/order", '{"service_order_items": []}'),
        ("GET", "/lsm/v1/callbacks", None),
        ("GET", "/api/v2/project", None),
        ("GET", "/api/v2/compilereport", None),
    ],
)
async def test_without_database_every_caller_is_told_to_come_back(
    lab: ServiceLab, away: DatabaseProxy, method: str, path: str, body: str | None
) -> None:
    answer = await send(path, lab.environment, method, body)
    assert (answer.code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert DATABASE_UNAVAILABLE in answer.body.decode()


async def test_without_database_the_server_says_itself_that_it_is_not_well(lab: ServiceLab, away: DatabaseProxy) -> None:
    async def is_noticed() -> bool:
        return (await send("/api/v2/health", lab.environment)).code == 500

    await eventually(is_noticed, "the health of the server tells of the database")
    status = await send("/api/v1/serverstatus", lab.environment)
    assert (status.code, json.loads(status.body)["data"]["status"]) == (200, "Error")

    await away.accept()

    async def is_well() -> bool:
        return (await send("/api/v2/health", lab.environment)).code == 200

    await eventually(is_well, "the server is well again")


async def test_everything_goes_on_when_the_database_is_back(lab: ServiceLab, proxy: DatabaseProxy) -> None:
    started = asyncio.Event()
    is_away = asyncio.Event()

    async def end_without_database(request: object) -> bool:
        started.set()
        await is_away.wait()
        return True

    lab.compiler.scripts[lab.environment] = end_without_database
    instance = await lab.create()
    await started.wait()
    await proxy.refuse()
    is_away.set()

    async def is_noticed() -> bool:
        return (await send("/lsm/v1/service_catalog", lab.environment)).code == 503

    await eventually(is_noticed, "the database is away")
    await proxy.accept()
    await lab.reaches(instance, "creating")
    await lab.report(instance)
    await lab.reaches(instance, "up")
    assert [row["state"] for row in await lab.log(instance)] == ["start", "acknowledged", "creating", "up"]


async def test_connections_that_are_cut_again_and_again_lose_nothing(lab: ServiceLab, proxy: DatabaseProxy) -> None:
    created = [await lab.create(f"instance {number}") for number in range(5)]
    await proxy.cut_again_and_again(10)
    for instance in created:
        await lab.reaches(instance, "creating")
        assert [row["state"] for row in await lab.log(instance)] == ["start", "acknowledged", "creating"]


async def test_a_slow_database_is_waited_for(lab: ServiceLab, proxy: DatabaseProxy) -> None:
    proxy.delay = 0.05
    try:
        await lab.reaches(await lab.create(), "creating")
    finally:
        proxy.delay = 0.0


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (asyncpg.ConnectionDoesNotExistError("gone"), True),
        (asyncpg.DiskFullError("full"), True),
        (asyncpg.AdminShutdownError("stop"), True),
        (asyncpg.CannotConnectNowError("starting"), True),
        (asyncpg.TooManyConnectionsError("many"), True),
        (asyncpg.DeadlockDetectedError("deadlock"), True),
        (asyncpg.ReadOnlySQLTransactionError("standby"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"), True),
        (asyncpg.UniqueViolationError("twice"), False),
        (asyncpg.UndefinedTableError("wrong"), False),
        (asyncpg.exceptions.DataError("a value is not closed"), False),
        (ConnectionRefusedError("some other server"), False),
        (ValueError("wrong"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_what_passes_is_told_from_what_is_wrong(error: Exception, passes: bool) -> None:
    assert is_outage(error) is passes


async def test_a_database_that_cannot_be_reached_is_an_outage(proxy: DatabaseProxy) -> None:
    await proxy.refuse()
    try:
        with pytest.raises(ConnectionRefusedError) as refused:
            await asyncpg.connect(host="127.0.0.1", port=proxy.port, user="postgres")
        assert is_outage(refused.value)
    finally:
        await proxy.accept()
