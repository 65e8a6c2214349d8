"""The resources of instances, and how far their deployment is."""

import uuid

import pytest
from inmanta_lsm.deployment.progress import ResourceStatus, count_progress
from inmanta_lsm.model import ResourceState

from ..helpers.http_request import Get
from ..helpers.stored_inventory import StoredInventory, resource_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/lsm/v1/service_inventory/service"


async def progress(get: Get, instance: uuid.UUID) -> dict[str, int] | None:
    """The deployment progress of an instance, as (total, deployed, failed, waiting)."""
    code, body = await get(f"{LIST}/{instance}?include_deployment_progress=true")
    assert code == 200, body
    answered: dict[str, int] | None = body["data"]["deployment_progress"]
    return answered


def counts(total: int, deployed: int, failed: int, waiting: int) -> dict[str, int]:
    """A deployment progress."""
    return {"total": total, "deployed": deployed, "failed": failed, "waiting": waiting}


async def test_there_is_no_progress_before_the_first_export_and_without_resources(inventory: StoredInventory, get: Get) -> None:
    new, bare = await inventory.add_instance(), await inventory.add_instance()
    await inventory.process(await inventory.export({bare: []}))

    assert await progress(get, new) is None
    assert await progress(get, bare) is None


async def test_there_is_no_progress_when_it_is_not_asked_for(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance()
    await inventory.process(await inventory.export({instance: ["a"]}))

    assert (await get(f"{LIST}/{instance}"))[1]["data"]["deployment_progress"] is None
    assert (await get(LIST))[1]["data"][0]["deployment_progress"] is None


@pytest.mark.parametrize("agent", ["internal", "lsm"])
async def test_progress_follows_a_deployment(inventory: StoredInventory, get: Get, agent: str) -> None:
    instance = await inventory.add_instance()

    version = await inventory.export({instance: ["a", "b", "c"]}, agent=agent)
    exported = await progress(get, instance)
    await inventory.process(version)
    scheduled = await progress(get, instance)
    await inventory.deploy("a", "deployed")
    await inventory.deploy("b", "failed")
    halfway = await progress(get, instance)
    await inventory.deploy("b", "deployed")
    await inventory.deploy("c", "deployed")
    done = await progress(get, instance)

    assert [exported, scheduled, halfway, done] == [
        counts(3, 0, 0, 3),
        counts(3, 0, 0, 3),
        counts(3, 1, 1, 1),
        counts(3, 3, 0, 0),
    ]


async def test_after_an_export_everything_waits_until_the_scheduler_has_seen_it(inventory: StoredInventory, get: Get) -> None:
    instance, other = await inventory.add_instance(), await inventory.add_instance()
    await inventory.process(await inventory.export({instance: ["a"], other: ["b"]}, step=1))
    for name in "ab":
        await inventory.deploy(name, "deployed")

    changed = await inventory.export({instance: ["a", "c"], other: ["b"]}, step=2)
    exported = await progress(get, instance)
    await inventory.process(changed)

    assert exported == counts(2, 0, 0, 2)
    assert await progress(get, instance) == counts(2, 1, 0, 1)
    assert await progress(get, other) == counts(1, 1, 0, 0)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("deployed", (1, 0, 0)),
        ("failed", (0, 1, 0)),
        ("unavailable", (0, 1, 0)),
        ("non_compliant", (0, 1, 0)),
        ("skipped", (0, 0, 1)),
        ("available", (0, 0, 1)),
        ("deploying", (0, 0, 1)),
        ("undefined", (0, 0, 1)),
        ("skipped_for_undefined", (0, 0, 1)),
        ("cancelled", (0, 0, 1)),
        ("dry", (0, 0, 1)),
    ],
)
async def test_a_resource_that_is_neither_deployed_nor_failed_is_waiting(state: str, expected: tuple[int, int, int]) -> None:
    counted = count_progress([ResourceStatus(resource_id="r", state=ResourceState(state), is_new=False)])

    assert (counted.deployed, counted.failed, counted.waiting) == expected


async def test_a_page_tells_the_progress_of_each_instance(inventory: StoredInventory, get: Get) -> None:
    instances = [await inventory.add_instance() for _ in range(3)]
    await inventory.process(await inventory.export({instances[0]: ["a", "b"], instances[2]: ["c"]}))
    await inventory.deploy("a", "deployed")
    await inventory.deploy("c", "failed")

    _, body = await get(f"{LIST}?include_deployment_progress=True&limit=2")
    _, rest = await get(body["links"]["next"])

    listed = body["data"] + rest["data"]
    assert [instance["deployment_progress"] for instance in listed] == [counts(1, 0, 1, 0), None, counts(2, 1, 0, 1)]


async def test_the_resources_are_those_of_the_lifecycle_transfer_in_the_processed_version(
    inventory: StoredInventory, get: Get
) -> None:
    instance, other = await inventory.add_instance(version=4), await inventory.add_instance()
    await inventory.process(await inventory.export({instance: ["b", "a"], other: ["c"]}))
    await inventory.deploy("a", "deployed")
    await inventory.deploy("b", "non_compliant")
    await inventory.export({instance: ["a", "b", "d"], other: ["c"]}, step=1)

    code, body = await get(f"{LIST}/{instance}/resources?current_version=4")

    assert code == 200
    assert body["data"] == [
        {"resource_id": resource_id("a"), "resource_state": "deployed"},
        {"resource_id": resource_id("b"), "resource_state": "non_compliant"},
    ]


async def test_an_instance_that_was_never_exported_has_no_resources(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=1)

    assert await get(f"{LIST}/{instance}/resources?current_version=1") == (200, {"data": []})


async def test_the_resources_of_a_stale_version_are_a_conflict(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=32)

    code, body = await get(f"{LIST}/{instance}/resources?current_version=31")

    assert code == 409
    assert body["message"] == (
        "Request conflicts with the current state of the resource: The given current version (31) doesn't match the actual"
        f" current version (32) of service instance {instance} in environment test({inventory.environment})"
    )
