"""The clean-up of what deleted instances leave behind."""

import asyncio
import datetime
import uuid
from typing import Any

import asyncpg
import pytest
from inmanta import data as core
from inmanta.protocol import Client
from inmanta_lsm.data import documents
from inmanta_lsm.environment_settings import DELETED_INSTANCE_RETENTION
from inmanta_lsm.inventory import retention
from inmanta_lsm.inventory.retention import Retention, clean_up

from ..helpers.http_request import Get
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import StoredInventory

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


async def with_history(inventory: StoredInventory, *, days: float, deleted: bool = True) -> uuid.UUID:
    """Store an instance that changed the last time some days ago."""
    instance = await inventory.add_instance(deleted=deleted, last_updated=NOW - datetime.timedelta(days=days))
    for version in (1, 2):
        await inventory.add_event(instance, version)
        await inventory.add_log(instance, version)
    return instance


async def history(instance: uuid.UUID, server: SharedServer) -> tuple[int, int]:
    """Count the events and the rows of the log of an instance."""
    connection = await asyncpg.connect(server.dsn)
    try:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table} WHERE service_instance_id = $1", instance)
            for table in ("lsm_serviceinstanceevent", "lsm_serviceinstancelog")
        ]
    finally:
        await connection.close()
    return counts[0], counts[1]


async def keep(client: Client, environment: uuid.UUID, days: object) -> int:
    """Change the setting, and give the status of the answer."""
    return (await client.set_setting(tid=environment, id=DELETED_INSTANCE_RETENTION, value=days)).code


async def test_the_history_of_what_was_deleted_long_ago_is_removed_and_nothing_else(
    inventory: StoredInventory, client: Client, server: SharedServer, get: Get
) -> None:
    old = await with_history(inventory, days=31)
    recent = await with_history(inventory, days=29)
    live = await with_history(inventory, days=3000, deleted=False)
    assert await keep(client, inventory.environment, 30) == 200
    await clean_up(NOW)
    assert [await history(instance, server) for instance in (old, recent, live)] == [(0, 0), (2, 2), (2, 2)]
    code, _ = await get(f"/lsm/v1/service_inventory/service/{live}")
    assert code == 200
    code, body = await get("/lsm/v1/service_inventory/service?include_deleted=true")
    assert str(old) in {instance["id"] for instance in body["data"]}


async def test_everything_is_kept_unless_the_setting_says_otherwise(inventory: StoredInventory, server: SharedServer) -> None:
    old = await with_history(inventory, days=3000)
    await clean_up(NOW)
    assert await history(old, server) == (2, 2)


async def test_the_setting_of_an_environment_says_nothing_about_another_one(
    inventory: StoredInventory, client: Client, server: SharedServer
) -> None:
    old = await with_history(inventory, days=31)
    project: Any = await client.project_create(f"project {uuid.uuid4()}").value()
    other: Any = await client.environment_create(project.id, "other").value()
    assert await keep(client, uuid.UUID(str(other.id)), 1) == 200
    await clean_up(NOW)
    assert await history(old, server) == (2, 2)


@pytest.mark.parametrize("days", [-1, 36_501, 0.5, True, "soon"])
async def test_what_is_no_number_of_days_is_refused(client: Client, environment: uuid.UUID, days: object) -> None:
    assert await keep(client, environment, days) == 400


async def test_many_instances_are_cleaned_up_in_one_go(
    inventory: StoredInventory, client: Client, server: SharedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    deleted = [await with_history(inventory, days=31 + number) for number in range(5)]
    await keep(client, inventory.environment, 30)
    await clean_up(NOW)
    assert {await history(instance, server) for instance in deleted} == {(0, 0)}


async def test_an_instance_of_an_order_that_is_under_way_waits_for_its_end(
    inventory: StoredInventory, client: Client, server: SharedServer
) -> None:
    instance = await with_history(inventory, days=31)
    await keep(client, inventory.environment, 30)
    order = documents.Order(
        environment=inventory.environment, id=uuid.uuid4(), description="", created_at=NOW, state="in_progress"
    )
    await order.insert()
    item = documents.OrderItem(
        environment=inventory.environment,
        order_id=order.id,
        instance_id=instance,
        service_entity="service",
        action="delete",
        state="in_progress",
    )
    await item.insert()
    await clean_up(NOW)
    assert await history(instance, server) == (2, 2)
    await item.update_fields(state="completed")
    await clean_up(NOW)
    assert await history(instance, server) == (0, 0)


async def test_an_instance_whose_compile_has_no_outcome_yet_waits_for_it(
    inventory: StoredInventory, client: Client, server: SharedServer
) -> None:
    instance = await with_history(inventory, days=31)
    await keep(client, inventory.environment, 30)
    # The server handles itself what nobody handles for a while.
    ended = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    compile_ = core.Compile(environment=inventory.environment, requested=NOW, completed=ended, success=True, handled=False)
    await compile_.insert()
    await inventory.add_event(instance, 2, id_compile_report=compile_.id)
    await clean_up(NOW)
    assert await history(instance, server) == (3, 2)
    await compile_.update_fields(handled=True)
    await clean_up(NOW)
    assert await history(instance, server) == (0, 0)


async def test_what_somebody_brings_back_to_life_meanwhile_keeps_its_history(
    inventory: StoredInventory, client: Client, server: SharedServer
) -> None:
    instance = await with_history(inventory, days=31)
    await keep(client, inventory.environment, 30)
    connection = await asyncpg.connect(server.dsn)
    try:
        async with connection.transaction():
            await connection.execute("UPDATE lsm_serviceinstance SET deleted = FALSE WHERE id = $1", instance)
            # It waits for nobody: whoever has the instance now goes on with it.
            await asyncio.wait_for(clean_up(NOW), 60)
        await clean_up(NOW)
    finally:
        await connection.close()
    assert await history(instance, server) == (2, 2)


async def test_the_duty_is_done_at_once_after_a_start_and_then_not_before_an_interval_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[datetime.datetime] = []
    failures = iter([True])

    async def count(now: datetime.datetime) -> None:
        done.append(now)
        if next(failures, False):
            raise ConnectionError("the database is away")

    monkeypatch.setattr(retention, "clean_up", count)
    duty = Retention()
    with pytest.raises(ConnectionError):
        await duty.reconcile()
    await duty.reconcile()
    await duty.reconcile()
    assert len(done) == 2
