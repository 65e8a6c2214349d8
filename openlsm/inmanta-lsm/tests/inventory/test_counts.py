"""The counts of instances that the database keeps, and the pages that show them."""

import datetime
import itertools
import uuid
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inmanta.protocol import Client
from inmanta_lsm.data import instance_counts
from inmanta_lsm.data.instance_counts import Merging, count_instances, count_states, counted_hour

from ..helpers.counted_instances import kept, walked
from ..helpers.http_request import Get, answer
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import BEGIN, StoredInventory

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/lsm/v1/service_inventory/service"
HALF_AN_HOUR = datetime.timedelta(minutes=30)
STATES = ("up", "failed", "forgotten")
"""The states of instances here: no lifecycle has the last one."""


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
            await count_instances(connection, inventory.environment, "service", [False], before=hour),
            await count_instances(connection, inventory.environment, "service", [True], before=hour),
        )

    change = "UPDATE public.lsm_serviceinstance SET {} WHERE id = $1"
    assert await counts() == ((2, 2), (0, 0))
    await connection.execute(change.format("version = version + 1"), instance)
    assert await rows(connection, inventory.environment) == [1, 1], "what changes no count writes none"
    await connection.execute(change.format("deleted = TRUE"), instance)
    assert await counts() == ((1, 1), (1, 1))
    await connection.execute(change.format("created_at = created_at + interval '3 hours'"), instance)
    assert await counts() == ((1, 1), (1, 0))
    await connection.execute("DELETE FROM public.lsm_serviceinstance WHERE id = $1", instance)
    assert await counts() == ((1, 1), (0, 0))


@pytest.mark.parametrize("state", ["failed", "forgotten"])
async def test_the_counts_follow_an_instance_from_state_to_state(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]", state: str
) -> None:
    instance = await inventory.add_instance(created_at=BEGIN)
    await inventory.add_instance(created_at=BEGIN)
    environment, change = inventory.environment, "UPDATE public.lsm_serviceinstance SET {} WHERE id = $1"

    await connection.execute(change.format(f"state = '{state}'"), instance)
    assert await count_states(connection, environment, "service") == {"service": {"up": 1, state: 1}}
    assert await count_instances(connection, environment, "service", [False], [state]) == (1, 0)
    assert await count_instances(connection, environment, "service", [False], ["up", state, state]) == (2, 0)
    assert await count_instances(connection, environment, "service", [False], ["start"]) == (0, 0)
    await connection.execute(change.format("deleted = TRUE, state = 'terminated'"), instance)
    assert await count_states(connection, environment, "service") == {"service": {"up": 1}}
    assert await count_instances(connection, environment, "service", [False, True], [state, "terminated"]) == (1, 0)


ADD = """
    INSERT INTO public.lsm_serviceinstance (
        environment, id, service_entity, service_entity_version, version, desired_state_version, state, created_at,
        last_updated, deleted, transfer_context
    )
    SELECT $1, gen_random_uuid(), 'service', 0, 1, 1, $2, '2026-01-01 UTC'::timestamptz + minute * interval '1 minute', now(),
        $3, 'stable'
    FROM unnest($4::int[]) AS minute
"""
MOVE = "UPDATE public.lsm_serviceinstance SET state = $3 WHERE environment = $1 AND state = $2"
TURN = "UPDATE public.lsm_serviceinstance SET deleted = NOT deleted WHERE environment = $1 AND state = $2"
REMOVE = "DELETE FROM public.lsm_serviceinstance WHERE environment = $1 AND state = $2 AND deleted = $3"

STATE = st.sampled_from(STATES)
MINUTES = st.lists(st.integers(0, 180), min_size=1, max_size=4)
# A statement, and its parameters after the environment; without one the counts are merged.
CHANGES = st.one_of(
    st.tuples(st.just(ADD), STATE, st.booleans(), MINUTES),
    st.tuples(st.just(MOVE), STATE, STATE),
    st.tuples(st.just(TURN), STATE),
    st.tuples(st.just(REMOVE), STATE, st.booleans()),
    st.none(),
)


# Each example ends with a rollback, so that the next one finds the inventory of the test as it was.
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, max_size=12))
async def test_the_counts_are_those_of_the_instances_whatever_happens_to_them(
    inventory: StoredInventory,
    connection: "asyncpg.Connection[asyncpg.Record]",
    changes: Sequence[tuple[str, *tuple[object, ...]] | None],
) -> None:
    transaction = connection.transaction()
    await transaction.start()
    try:
        for change in changes:
            if change is None:
                await instance_counts.merge(connection)
            else:
                statement, *values = change
                await connection.execute(statement, inventory.environment, *values)

        expected = await walked(connection, inventory.environment)
        assert await kept(connection, inventory.environment) == expected
        await instance_counts.merge(connection)
        assert await kept(connection, inventory.environment) == expected
        assert await rows(connection, inventory.environment) == sorted(expected.values())
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("sort", ["created_at.asc", "created_at.desc", "state.asc", "id.desc"])
@pytest.mark.parametrize("deleted", ["", "&filter.deleted=true", "&include_deleted=true"])
@pytest.mark.parametrize(
    "states", [["failed"], ["forgotten"], ["failed", "up"], ["up", "up", "nowhere"], ["nowhere"]], ids="-".join
)
async def test_each_page_of_the_instances_in_some_states_tells_how_many_of_them_are_before_and_after_it(
    inventory: StoredInventory,
    connection: "asyncpg.Connection[asyncpg.Record]",
    get: Get,
    states: list[str],
    deleted: str,
    sort: str,
) -> None:
    for number in range(12):
        await inventory.add_instance(
            state=STATES[number % 3], created_at=BEGIN + number * HALF_AN_HOUR, deleted=number in (2, 3, 7)
        )
    is_deleted = {"": "NOT deleted", "&filter.deleted=true": "deleted", "&include_deleted=true": "TRUE"}[deleted]
    total = await connection.fetchval(
        f"SELECT count(*) FROM public.lsm_serviceinstance WHERE environment = $1 AND state = ANY($2) AND {is_deleted}",
        inventory.environment,
        states,
    )
    path = f"{LIST}?limit=2&sort={sort}{deleted}" + "".join(f"&filter.state={state}" for state in states)

    before, pages = 0, []
    while path:
        _, page = await get(path)
        after = total - before - len(page["data"])
        assert page["metadata"] == {"total": total, "before": before, "after": after, "page_size": 2}
        before += len(page["data"])
        pages.append(page)
        path = page["links"].get("next")
    assert before == total
    for earlier, later in itertools.pairwise(pages):
        _, back = await get(later["links"]["prev"])
        assert (back["data"], back["metadata"]) == (earlier["data"], earlier["metadata"])


@pytest.mark.parametrize(
    ("query", "total"),
    [("filter.state=up", 8), ("filter.state=failed", 0), ("filter.state=up&filter.service_entity_version=ge:0", 1)],
)
async def test_a_page_of_the_instances_in_a_state_is_counted_without_a_walk_unless_there_is_another_filter(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]", get: Get, query: str, total: int
) -> None:
    await inventory.add_instance(created_at=BEGIN)
    # A count that is wrong shows who goes by it.
    await connection.execute("UPDATE public.lsm_instancecount SET instances = 8 WHERE environment = $1", inventory.environment)

    _, page = await get(f"{LIST}?limit=2&{query}")

    assert page["metadata"]["total"] == total


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


async def test_merging_leaves_one_row_of_each_state_and_nothing_of_those_that_instances_left(
    inventory: StoredInventory, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    instances = [await inventory.add_instance(state="start", created_at=BEGIN) for _ in range(3)]
    for state in ("creating", "up"):
        await connection.execute("UPDATE public.lsm_serviceinstance SET state = $2 WHERE id = ANY($1)", instances[:2], state)

    await instance_counts.merge(connection)

    assert await rows(connection, inventory.environment) == [1, 2]
    assert await count_states(connection, inventory.environment) == {"service": {"start": 1, "up": 2}}


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
