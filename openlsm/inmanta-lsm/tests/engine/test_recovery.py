"""What the server finds when it starts after a crash, and makes good."""

import asyncio
import uuid

import asyncpg
import pytest
from inmanta import data as core
from inmanta_lsm.const import SLICE_SERVICE_INVENTORY
from inmanta_lsm.data.entities import lock_catalog
from inmanta_lsm.inventory.slice import ServiceInventorySlice

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def states(lab: ServiceLab, instance: uuid.UUID) -> list[str]:
    """Give the states that an instance went through."""
    return [row["state"] for row in await lab.log(instance)]


async def test_an_auto_transfer_that_did_not_start_before_the_crash_starts(lab: ServiceLab, server: SharedServer) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")

    async def take_back_the_last_transfer(connection: asyncpg.Connection) -> None:
        for table, column in (("lsm_serviceinstancelog", "version"), ("lsm_serviceinstanceevent", "service_instance_version")):
            await connection.execute(
                f"DELETE FROM {table} WHERE service_instance_id = $1 AND {column} = $2",
                instance,
                3 if column == "version" else 2,
            )
        await connection.execute(
            "UPDATE lsm_serviceinstance SET state = 'acknowledged', version = 2, desired_state_version = 2,"
            " candidate_attributes = active_attributes, active_attributes = NULL WHERE id = $1",
            instance,
        )

    await server.restart(take_back_the_last_transfer)
    await lab.reaches(instance, "creating")
    assert await states(lab, instance) == ["start", "acknowledged", "creating"]


async def test_a_validation_that_was_being_compiled_is_compiled_again_and_counts_once(
    lab: ServiceLab, server: SharedServer
) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()

    async def let_the_compile_have_started(connection: asyncpg.Connection) -> None:
        await connection.execute("UPDATE compile SET started = requested WHERE environment = $1", lab.environment)
        await connection.execute("UPDATE environment SET halted = FALSE WHERE id = $1", lab.environment)

    await server.restart(let_the_compile_have_started)
    await lab.reaches(instance, "creating")
    await lab.idle()
    assert await states(lab, instance) == ["start", "acknowledged", "creating"]
    assert [request.do_export for request in await lab.compiles()] == [False, True]


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
async def test_a_result_counts_once_when_the_crash_came_before_or_after_it_was_applied(
    lab: ServiceLab, server: SharedServer, applied: bool
) -> None:
    if not applied:
        await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()
    if applied:
        await lab.reaches(instance, "creating")

    async def let_the_result_be_unhandled(connection: asyncpg.Connection) -> None:
        await connection.execute(
            "UPDATE compile SET started = requested, completed = now(), success = TRUE, handled = FALSE"
            " WHERE environment = $1 AND NOT do_export",
            lab.environment,
        )
        await connection.execute("UPDATE environment SET halted = FALSE WHERE id = $1", lab.environment)

    await server.restart(let_the_result_be_unhandled)
    await lab.reaches(instance, "creating")
    await lab.idle()
    assert await states(lab, instance) == ["start", "acknowledged", "creating"]
    assert [request.do_export for request in await lab.compiles()] == [False, True]


async def test_a_validation_whose_request_was_lost_is_requested(lab: ServiceLab, server: SharedServer) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()

    async def forget_the_request(connection: asyncpg.Connection) -> None:
        await connection.execute("DELETE FROM compile WHERE environment = $1", lab.environment)
        await connection.execute(
            "DELETE FROM lsm_serviceinstanceevent WHERE service_instance_id = $1 AND service_instance_version = 1", instance
        )
        await connection.execute("UPDATE environment SET halted = FALSE WHERE id = $1", lab.environment)

    await server.restart(forget_the_request)
    await lab.reaches(instance, "creating")
    assert len(await lab.events(instance, version=1)) == 3


async def test_scanning_again_requests_nothing_that_is_requested_already(lab: ServiceLab) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()

    async def is_requested() -> bool:
        return len(await lab.events(instance, version=1)) == 2

    await eventually(is_requested, "the validation is requested")
    inventory = lab.server.restserver.get_slice(SLICE_SERVICE_INVENTORY)
    assert isinstance(inventory, ServiceInventorySlice)
    await inventory.engine.scan(lab.environment)
    await inventory.engine.scan(lab.environment)

    assert len(await lab.compiles()) == 1
    assert await is_requested()


async def test_a_scan_starts_with_what_waits_longest(lab: ServiceLab) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    created = [await lab.create(name) for name in "abc"]

    async def are_requested() -> bool:
        return len(await lab.compiles()) == len(created)

    await eventually(are_requested, "the validations are requested")
    async with core.Environment.get_connection() as connection:
        await connection.execute("DELETE FROM compile WHERE environment = $1", lab.environment)
        await connection.execute("DELETE FROM lsm_serviceinstanceevent WHERE environment = $1", lab.environment)
        for age, instance in enumerate(created):
            await connection.execute(
                "UPDATE lsm_serviceinstance SET last_updated = now() - $2 * interval '1 hour' WHERE id = $1", instance, age
            )
    inventory = lab.server.restserver.get_slice(SLICE_SERVICE_INVENTORY)
    assert isinstance(inventory, ServiceInventorySlice)

    await inventory.engine.scan(lab.environment)

    requested = [uuid.UUID((compiling.metadata or {})["instance_id"]) for compiling in await lab.compiles()]
    assert requested == created[::-1]


async def test_clearing_and_deleting_an_environment_leaves_no_row_of_it_and_all_of_others(
    lab: ServiceLab, server: SharedServer
) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()
    await lab.on_instance("lsm_services_set_metadata", instance, current_version=1, key="k", value="v")
    other = await lab.in_another_environment()
    kept = await other.create()
    tables = [
        "lsm_serviceentity",
        "lsm_serviceinstance",
        "lsm_serviceinstancelog",
        "lsm_serviceinstanceevent",
        "lsm_serviceinstancemetadata",
    ]

    async def rows() -> list[int]:
        async with core.Environment.get_connection() as connection:
            return [
                await connection.fetchval(f"SELECT count(*) FROM {table} WHERE environment = $1", lab.environment)
                for table in tables
            ]

    filled = await rows()
    await lab.clear()
    assert (all(filled), await rows()) == (True, [0] * len(tables))

    await lab.export(lab.entity)
    await lab.create()

    async def is_deleted() -> bool:
        # A transfer of the new instance may be in its way, in which case PostgreSQL ends one of them: it is to be repeated.
        code = (await lab.client.environment_delete(id=lab.environment)).code
        assert code in (200, 503)
        return code == 200

    await eventually(is_deleted, "the end of the environment")
    assert await rows() == [0] * len(tables)
    assert (await other.get(kept))["version"] >= 1


async def test_clearing_an_environment_waits_for_the_calls_that_are_under_way(lab: ServiceLab) -> None:
    async with core.Environment.get_connection() as connection:
        async with connection.transaction():
            await lock_catalog(connection, lab.environment, shared=True)
            clearing = asyncio.create_task(lab.clear())
            await lab.is_blocked(connection)
            assert not clearing.done()
        await clearing
    assert await lab.call("lsm_service_catalog_list") == []
