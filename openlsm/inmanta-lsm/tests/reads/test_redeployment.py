"""Which resources have to be deployed again: what the database says about them."""

import datetime
import uuid

import pytest
from inmanta import data as core
from inmanta_lsm import data
from inmanta_lsm.redeployment import awaited_resources, not_deployed_since
from inmanta_lsm.scheduler import TAKES_RESOURCES
from inmanta_lsm.store import lock_instance
from stored_inventory import StoredInventory, resource_id, transfer_id

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not TAKES_RESOURCES, reason="with this release of inmanta-core each export deploys what failed"),
]


async def handler_ran(inventory: StoredInventory, name: str, moment: datetime.datetime) -> None:
    """Let the handler of a resource have run at a moment."""
    state = await core.ResourcePersistentState.get_one(environment=inventory.environment, resource_id=resource_id(name))
    assert state is not None
    await state.update_fields(last_handler_run_at=moment)


async def outdated(inventory: StoredInventory, instance: uuid.UUID, *resources: str) -> list[str]:
    """Ask which of some resources were last deployed before an instance got its version."""
    async with data.ServiceInstance.get_connection() as connection, connection.transaction():
        found = await lock_instance(connection, inventory.environment, instance)
        assert found is not None
        return sorted(await not_deployed_since(connection, found, resources))


async def test_what_was_deployed_before_the_instance_got_its_version_is_outdated(inventory: StoredInventory) -> None:
    instance = await inventory.add_instance()
    await inventory.process(await inventory.export({instance: ["before", "after", "never"]}))
    earlier = inventory.now()
    await inventory.add_log(instance, version=2)
    await inventory.add_log(instance, version=3)
    await handler_ran(inventory, "before", earlier)
    await handler_ran(inventory, "after", inventory.now())

    ids = [resource_id(name) for name in ("before", "after", "never", "unknown")]

    assert await outdated(inventory, instance, *ids) == [resource_id("before")]
    assert await outdated(inventory, instance) == []


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
