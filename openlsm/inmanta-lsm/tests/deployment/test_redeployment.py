"""Which resources have to be deployed again: what the database says about them."""

import datetime
import uuid

import pytest
from inmanta import data as core
from inmanta_lsm.data import documents
from inmanta_lsm.data.instances import lock_instance
from inmanta_lsm.deployment.redeployment import awaited_resources, not_failed_since
from inmanta_lsm.deployment.scheduler import TAKES_RESOURCES

from ..helpers.handler_session import handler_client
from ..helpers.http_request import answer, request
from ..helpers.stored_inventory import StoredInventory, resource_id, transfer_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

selective = pytest.mark.skipif(not TAKES_RESOURCES, reason="with this release of inmanta-core each export deploys what failed")


async def handler_ran(
    inventory: StoredInventory, name: str, moment: datetime.datetime, started: datetime.datetime | None = None
) -> None:
    """Let the handler of a resource have run until a moment, and from another one on."""
    state = await core.ResourcePersistentState.get_one(environment=inventory.environment, resource_id=resource_id(name))
    assert state is not None
    await state.update_fields(last_handler_run_at=moment)
    await inventory.add_deployment(name, "failed", version=1, started=started or moment, finished=moment)


async def outdated(inventory: StoredInventory, instance: uuid.UUID, *resources: str) -> list[str]:
    """Ask which of some resources were last deployed before an instance got its version."""
    async with documents.ServiceInstance.get_connection() as connection, connection.transaction():
        found = await lock_instance(connection, inventory.environment, instance)
        assert found is not None
        return sorted(await not_failed_since(connection, found, resources))


@selective
async def test_what_was_deployed_before_the_instance_got_its_version_or_recovered_is_outdated(
    inventory: StoredInventory,
) -> None:
    instance = await inventory.add_instance()
    names = ("before", "meanwhile", "meanwhile and after", "after", "recovered", "never")
    await inventory.process(await inventory.export({instance: names}))
    earlier = inventory.now()
    await inventory.add_log(instance, version=2)
    await inventory.add_log(instance, version=3)
    await handler_ran(inventory, "before", earlier)
    await handler_ran(inventory, "meanwhile", inventory.now(), earlier)
    await handler_ran(inventory, "meanwhile and after", inventory.now(), earlier)
    await handler_ran(inventory, "meanwhile and after", inventory.now())
    await handler_ran(inventory, "after", inventory.now())
    await handler_ran(inventory, "recovered", inventory.now())
    await inventory.deploy(resource_id("recovered"), "deployed")

    ids = [resource_id(name) for name in (*names, "unknown")]

    assert await outdated(inventory, instance, *ids) == [resource_id(name) for name in ("before", "meanwhile", "recovered")]
    assert await outdated(inventory, instance) == []


@selective
async def test_resources_are_awaited_as_long_as_the_transfer_of_their_instance_is_not_deployed(
    inventory: StoredInventory,
) -> None:
    failed, deployed = await inventory.add_instance(), await inventory.add_instance()
    await inventory.process(await inventory.export({failed: ["old"], deployed: ["c"]}, step=1))
    await inventory.process(await inventory.export({failed: ["a", "b"], deployed: ["c"]}, step=2))
    for instance, status in ((failed, "failed"), (deployed, "deployed")):
        await inventory.deploy(transfer_id(instance), status)

    awaited = await awaited_resources(inventory.environment)

    assert sorted(awaited) == sorted([transfer_id(failed), resource_id("a"), resource_id("b")])
    assert await awaited_resources(uuid.uuid4()) == []


@selective
async def test_a_report_of_a_failure_counts_when_the_resource_failed_since_the_transfer(inventory: StoredInventory) -> None:
    await answer(inventory.client.set_setting(tid=inventory.environment, id="server_compile", value=False))
    instance = await inventory.add_instance(state="creating")
    await inventory.process(await inventory.export({instance: ["a"]}))
    before = inventory.now()
    await inventory.add_log(instance, version=3, state="creating")
    handler = await handler_client(inventory.client, inventory.environment)

    async def state_after_report(deployed: datetime.datetime) -> str:
        await handler_ran(inventory, "a", deployed)
        await answer(
            handler.lsm_services_report_deployment(
                tid=inventory.environment,
                service_entity="service",
                service_id=instance,
                next_version=4,
                next_desired_state_version=4,
                success=False,
                failed_resources=[resource_id("a")],
            )
        )
        found = await answer(inventory.client.lsm_services_get(inventory.environment, "service", str(instance)))
        return str(found["data"]["state"])

    assert await state_after_report(before) == "creating"
    assert await state_after_report(inventory.now()) == "failed"


async def repair(inventory: StoredInventory, instance: uuid.UUID, service: str = "service") -> tuple[int, str | list[str]]:
    """Ask to repair an instance; give the code, and the resources or the message of the answer."""
    path = f"/lsm/v1/service_inventory/{service}/{instance}/repair"
    code, body = await request(path, method="POST", environment=inventory.environment, body={})
    return code, body["data"] if code == 200 else body["message"]


@selective
async def test_repairing_an_instance_without_resources_does_nothing(inventory: StoredInventory) -> None:
    assert await repair(inventory, await inventory.add_instance()) == (200, [])


@selective
async def test_resources_cannot_be_repaired_without_a_scheduler_or_while_the_environment_is_halted(
    inventory: StoredInventory,
) -> None:
    instance = await inventory.add_instance()
    await inventory.process(await inventory.export({instance: ["a"]}))
    without_scheduler, _ = await repair(inventory, instance)
    await answer(inventory.client.halt_environment(tid=inventory.environment))
    halted, message = await repair(inventory, instance)

    assert (without_scheduler, halted) == (503, 409)
    assert "halted" in message


async def test_what_cannot_be_repaired_is_refused(inventory: StoredInventory) -> None:
    deleted = await inventory.add_instance(deleted=True, state="terminated")

    assert await repair(inventory, deleted) == (
        400,
        f"Invalid request: Service instance {deleted} is deleted: it has no resources to repair",
    )
    assert (await repair(inventory, uuid.uuid4()))[0] == 404
    assert (await repair(inventory, deleted, "other"))[0] == 404


@pytest.mark.skipif(TAKES_RESOURCES, reason="this release of inmanta-core repairs single resources")
async def test_an_older_release_refuses_to_repair_a_single_instance_and_says_what_to_do(inventory: StoredInventory) -> None:
    code, message = await repair(inventory, await inventory.add_instance())

    assert code == 400
    assert "POST /api/v1/deploy" in message
