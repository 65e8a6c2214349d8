"""The counts of instances that the database keeps, and the pages that show them."""

import datetime
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from inmanta.protocol import Client
from inmanta_lsm.data import instance_counts
from inmanta_lsm.data.instance_counts import Merging, count_instances, counted_hour

from ..helpers.http_request import Get, answer
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import BEGIN, StoredInventory

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/lsm/v1/service_inventory/service"
HALF_AN_HOUR = datetime.timedelta(minutes=30)


@pytest_asyncio.fixture(loop_scope="session")
async def connection(server: SharedServer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to the database of the server."""
    connection = await asyncpg.connect(server.dsn)
    yield connection
    await connection.close()


async def rows(connection: "asyncpg.Connection[asyncpg.Record]", environment: uuid.UUID) -> list[int]:
    """Give the counts of an environment, as they are stored."""
    found = await connection.fetch("SELECT instances FROM public.lsm_instancecount WHERE environment = $1", environment)
    return sorted(record["instances"] for record in found)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    ("query", "listed"),
    [("", [0, 1, 3, 4, 6]), ("&include_deleted=true", list(range(7))), ("&filter.deleted=true", [2, 5])],
)
async def test_each_page_tells_how_many_instances_were_created_before_and_after_it(
    inventory: StoredInventory, get: Get, order: str, query: str, listed: list[int]
) -> None:
    for number in range(7):
        await inventory.add_instance(name=f"i{number}", created_at=BEGIN + number * HALF_AN_HOUR, deleted=number in (2, 5))
    await inventory.add_instance(name="another hour", state="terminated", deleted=False, created_at=BEGIN - HALF_AN_HOUR)
    expected = [*([] if "filter" in query else ["another hour"]), *(f"i{number}" for number in listed)]
    expected = expected if order == "asc" else expected[::-1]

    links = {"next": f"{LIST}?limit=1&sort=created_at.{order}{query}"}
    for before, name in enumerate(expected):
        _, page = await get(links["next"])
        assert [instance["service_identity_attribute_value"] for instance in page["data"]] == [name]
        counts = {"total": len(expected), "before": before, "after": len(expected) - before - 1, "page_size": 1}
        assert page["metadata"] == counts
        links = page["links"]
    assert "next" not in links


async def test_an_empty_list_and_a_page_behind_the_end_count_nothing_on_them(inventory: StoredInventory, get: Get) -> None:
    _, empty = await get(f"{LIST}?limit=2")
    await inventory.add_instance()
    _, behind = await get(f"{LIST}?limit=2&sort=created_at.asc&start=2030-01-01T00:00:00Z")

    assert empty["metadata"] == {"total": 0, "before": 0, "after": 0, "page_size": 2}
    assert (behind["metadata"]["total"], behind["metadata"]["after"]) == (1, 0)


async def test_the_counts_follow_every_change_of_an_instance(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    instance = await inventory.add_instance(created_at=BEGIN)
    await inventory.add_instance(created_at=BEGIN)

    async def counts() -> tuple[tuple[int, int], tuple[int, int]]:
        hour = counted_hour(BEGIN) + datetime.timedelta(hours=1)
        return (
            await count_instances(connection, inventory.environment, "service", [False], hour),
            await count_instances(connection, inventory.environment, "service", [True], hour),
        )

    change = "UPDATE public.lsm_serviceinstance SET {} WHERE id = $1"
    assert await counts() == ((2, 2), (0, 0))
    await connection.execute(change.format("state = 'failed'"), instance)
    assert await rows(connection, inventory.environment) == [1, 1], "what changes no count writes none"
    await connection.execute(change.format("deleted = TRUE"), instance)
    assert await counts() == ((1, 1), (1, 1))
    await connection.execute(change.format("created_at = created_at + interval '3 hours'"), instance)
    assert await counts() == ((1, 1), (1, 0))
    await connection.execute("DELETE FROM public.lsm_serviceinstance WHERE id = $1", instance)
    assert await counts() == ((1, 1), (0, 0))


async def test_merging_leaves_one_row_of_each_hour_and_nothing_of_what_is_gone(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]", client: Client
) -> None:
    for number in range(4):
        await inventory.add_instance(created_at=BEGIN + number * HALF_AN_HOUR)

    await instance_counts.merge(connection)

    assert await rows(connection, inventory.environment) == [2, 2]
    await answer(client.environment_clear(inventory.environment))
    await instance_counts.merge(connection)
    assert await rows(connection, inventory.environment) == []


async def test_merging_waits_for_nobody_and_loses_nothing(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]", server: SharedServer
) -> None:
    instances = [await inventory.add_instance(created_at=BEGIN) for _ in range(3)]
    other = await asyncpg.connect(server.dsn)
    try:
        async with other.transaction():
            await other.execute("UPDATE public.lsm_serviceinstance SET deleted = TRUE WHERE id = $1", instances[0])
            # One that merges at the same time has its eye on a row, too.
            await other.execute(
                "SELECT FROM public.lsm_instancecount WHERE environment = $1 LIMIT 1 FOR UPDATE", inventory.environment
            )
            await instance_counts.merge(connection)
            assert (await count_instances(connection, inventory.environment, "service", [False]))[0] == 3
    finally:
        await other.close()

    await instance_counts.merge(connection)

    assert await rows(connection, inventory.environment) == [1, 2]


async def test_the_server_merges_when_it_starts_and_at_intervals(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = Merging()
    for _ in range(2):
        await inventory.add_instance(created_at=BEGIN)
    await duty.reconcile()
    assert await rows(connection, inventory.environment) == [2]

    await inventory.add_instance(created_at=BEGIN)
    await duty.reconcile()

    assert await rows(connection, inventory.environment) == [1, 2]
    monkeypatch.setattr(duty, "_due", 0.0)
    await duty.reconcile()
    assert await rows(connection, inventory.environment) == [3]
