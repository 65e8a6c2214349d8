"""The execution of orders, in a running server."""

import asyncpg
import pytest
from inmanta import data as core
from inmanta_lsm.model import StateTransfer

from ..helpers.ordering import Ordering, create, delete, item_of, states_of, update
from ..helpers.shared_server import SharedServer
from ..helpers.simple_lifecycle import SIMPLE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_order_succeeds_when_its_instance_stays_up(ordering: Ordering) -> None:
    item = create("a", config={}, metadata={"coordinates": "{}"})

    order = await ordering.submit(item, description="one")
    await ordering.deploy(item.instance_id)
    done = await ordering.reaches(order, "success")

    assert (order["description"], order["status"]["state"], order["completed_at"]) == ("one", "in_progress", None)
    assert done["completed_at"] is not None
    status = item_of(done, item.instance_id)["status"]
    compiles = await ordering.lab.compiles()
    assert status == {
        "state": "completed",
        "failure_type": None,
        "reason": None,
        "direct_dependencies": {},
        "validation_compile_id": str(compiles[0].id),
        "instance_state_label": "success",
        "service_identity_attribute_value": "a",
        "service_identity_display_name": "Name",
    }
    stored = await ordering.lab.call("lsm_services_get_by_id", service_id=item.instance_id, include_metadata=True)
    assert stored["metadata"] == {"coordinates": "{}"}


async def test_children_are_created_after_their_parent_whatever_the_order_of_the_items(ordering: Ordering) -> None:
    parent = create("parent")
    first, second = (create(name, attributes={"parent": str(parent.instance_id)}) for name in ("first", "second"))

    order = await ordering.submit(first, second, parent)
    await ordering.instance_reaches(parent.instance_id, "creating")
    waiting = await ordering.get(order)
    await ordering.deploy(parent.instance_id)
    await ordering.deploy(first.instance_id, second.instance_id)
    done = await ordering.reaches(order, "success")

    assert states_of(waiting) == {
        str(parent.instance_id): "in_progress",
        str(first.instance_id): "acknowledged",
        str(second.instance_id): "acknowledged",
    }
    assert [item["instance_id"] for item in done["service_order_items"]] == sorted(states_of(done))
    assert item_of(done, first.instance_id)["status"]["direct_dependencies"] == {str(parent.instance_id): "completed"}
    assert item_of(done, parent.instance_id)["status"]["direct_dependencies"] == {}


async def test_an_order_with_a_failing_deployment_is_partial(ordering: Ordering) -> None:
    parent = create("parent")
    good, bad = (create(name, attributes={"parent": str(parent.instance_id)}) for name in ("good", "bad"))

    order = await ordering.submit(good, bad, parent)
    await ordering.deploy(parent.instance_id)
    await ordering.deploy(good.instance_id, bad.instance_id, failing=[bad.instance_id])
    done = await ordering.reaches(order, "partial")

    failed = item_of(done, bad.instance_id)["status"]
    assert (failed["state"], failed["failure_type"], failed["instance_state_label"]) == ("failed", "EXECUTION_FAILED", "danger")
    assert failed["reason"].startswith("An error occurred during deployment of std::File[agent,path=/x]")
    assert failed["validation_compile_id"] is not None
    assert failed["direct_dependencies"] == {str(parent.instance_id): "completed"}
    assert item_of(done, good.instance_id)["status"]["state"] == "completed"


async def test_what_depends_on_a_failed_item_is_skipped(ordering: Ordering) -> None:
    parent = create("parent")
    child = create("child", attributes={"parent": str(parent.instance_id)})
    grandchild = create("grandchild", attributes={"parent": str(child.instance_id)})

    order = await ordering.submit(grandchild, child, parent)
    await ordering.deploy(parent.instance_id, failing=[parent.instance_id])
    done = await ordering.reaches(order, "failed")

    assert item_of(done, parent.instance_id)["status"]["failure_type"] == "EXECUTION_FAILED"
    for skipped in (child, grandchild):
        assert item_of(done, skipped.instance_id)["status"]["failure_type"] == "EXECUTION_SKIPPED"
        await ordering.lab.call("lsm_services_get_by_id", code=404, service_id=skipped.instance_id)


async def test_a_rejected_instance_fails_its_item(ordering: Ordering) -> None:
    async def rejects(compile: core.Compile) -> bool:  # noqa: A002 the name is that of the class
        return bool(compile.do_export)

    ordering.lab.compiler.scripts[ordering.lab.environment] = rejects
    item = create("a")

    done = await ordering.reaches(await ordering.submit(item), "failed")

    status = item_of(done, item.instance_id)["status"]
    assert status["failure_type"] == "VALIDATION_COMPILE_FAILED"
    assert status["reason"].startswith("An error occurred during validation")
    assert status["validation_compile_id"] == str((await ordering.lab.compiles())[0].id)


async def test_a_failing_export_is_inconclusive(ordering: Ordering) -> None:
    async def fails_to_export(compile: core.Compile) -> bool:  # noqa: A002 the name is that of the class
        return not compile.do_export

    ordering.lab.compiler.scripts[ordering.lab.environment] = fails_to_export
    item = create("a")

    done = await ordering.reaches(await ordering.submit(item), "failed")

    assert item_of(done, item.instance_id)["status"]["failure_type"] == "INCONCLUSIVE"


async def test_an_expert_call_makes_the_order_inconclusive(ordering: Ordering) -> None:
    await ordering.lab.client.set_setting(tid=ordering.lab.environment, id="enable_lsm_expert_mode", value=True)
    item = create("a")
    order = await ordering.submit(item)
    await ordering.instance_reaches(item.instance_id, "creating")

    await ordering.lab.on_instance("lsm_services_expert_set_state", item.instance_id, target_state="up", message="now")
    done = await ordering.reaches(order, "failed")

    status = item_of(done, item.instance_id)["status"]
    assert status["failure_type"] == "INCONCLUSIVE"
    assert "forced from creating to up: now" in status["reason"]


async def test_an_instance_is_updated_and_deleted(ordering: Ordering) -> None:
    instance, other = await ordering.up("a"), await ordering.up("b")

    order = await ordering.submit(update(instance, size=7), delete(other))
    await ordering.instance_reaches(instance, "update_inprogress")
    await ordering.instance_reaches(other, "deleting")
    for moved in (instance, other):
        await ordering.lab.report(moved)
    await ordering.lab.report(instance)
    done = await ordering.reaches(order, "success")

    assert (await ordering.lab.get(instance))["active_attributes"]["size"] == 7
    assert (await ordering.lab.get(other))["deleted"] is True
    changed = item_of(done, instance)
    assert changed["edits"] == [{"edit_id": "size", "operation": "replace", "target": "size", "value": 7}]
    assert changed["attributes"] is None


async def test_an_update_that_changes_nothing_is_completed_without_a_transfer(ordering: Ordering) -> None:
    instance = await ordering.up("a")
    before = await ordering.lab.get(instance)

    await ordering.reaches(await ordering.submit(update(instance, size=1)), "success")

    assert await ordering.lab.get(instance) == before


async def test_instances_are_deleted_after_those_that_refer_to_them(ordering: Ordering) -> None:
    parent = await ordering.up("parent")
    child = await ordering.lab.create(attributes={"name": "child", "parent": str(parent)})
    await ordering.deploy(child)

    order = await ordering.submit(delete(parent), delete(child))
    await ordering.instance_reaches(child, "deleting")
    waiting = await ordering.get(order)
    await ordering.lab.report(child)
    await ordering.instance_reaches(parent, "deleting")
    await ordering.lab.report(parent)
    done = await ordering.reaches(order, "success")

    assert states_of(waiting) == {str(parent): "acknowledged", str(child): "in_progress"}
    assert item_of(done, parent)["status"]["direct_dependencies"] == {str(child): "completed"}


async def test_an_update_waits_until_its_instance_stays_where_it_is(ordering: Ordering) -> None:
    instance = await ordering.lab.create("a")
    await ordering.instance_reaches(instance, "creating")

    order = await ordering.submit(update(instance, size=7))
    waiting = await ordering.get(order)
    await ordering.deploy(instance)
    moved = await ordering.instance_reaches(instance, "update_inprogress")

    assert states_of(waiting) == {str(instance): "acknowledged"}
    assert moved["active_attributes"]["size"] == 7


async def test_an_item_whose_transfer_the_lifecycle_lacks_fails(ordering: Ordering) -> None:
    instance = await ordering.up("a")
    without_delete = SIMPLE.model_copy(update={"transfers": [edge for edge in SIMPLE.transfers if not edge.on_delete]})
    changed = ordering.lab.entity.model_copy(update={"lifecycle": without_delete})
    await ordering.lab.call("lsm_service_catalog_update_entity", service_entity="vlan", service_entity_definition=changed)

    done = await ordering.reaches(await ordering.submit(delete(instance)), "failed")

    status = item_of(done, instance)["status"]
    assert (status["failure_type"], status["reason"]) == ("EXECUTION_FAILED", f"Cannot delete service instance {instance}")


async def test_an_order_goes_on_after_a_restart(ordering: Ordering, server: SharedServer) -> None:
    parent = create("parent")
    child = create("child", attributes={"parent": str(parent.instance_id)})
    order = await ordering.submit(child, parent)
    await ordering.instance_reaches(parent.instance_id, "creating")

    async def nothing(connection: asyncpg.Connection) -> None:
        """The server is only stopped and started again."""

    await server.restart(nothing)
    await ordering.deploy(parent.instance_id)
    await ordering.deploy(child.instance_id)

    await ordering.reaches(order, "success")


async def test_an_item_that_was_not_started_before_a_crash_is_started_once(ordering: Ordering, server: SharedServer) -> None:
    item = create("a")
    order = await ordering.submit(item)
    await ordering.instance_reaches(item.instance_id, "creating")

    async def let_the_start_be_lost(connection: asyncpg.Connection) -> None:
        await connection.execute("DELETE FROM lsm_serviceinstance WHERE id = $1", item.instance_id)
        await connection.execute("DELETE FROM compile WHERE environment = $1", ordering.lab.environment)
        await connection.execute(
            "UPDATE lsm_orderitem SET state = 'acknowledged', start_version = NULL WHERE instance_id = $1", item.instance_id
        )

    await server.restart(let_the_start_be_lost)
    await ordering.deploy(item.instance_id)

    await ordering.reaches(order, "success")
    assert [row["state"] for row in await ordering.lab.log(item.instance_id)] == ["start", "acknowledged", "creating", "up"]


async def test_an_item_starts_when_an_option_lets_its_instance_stay_where_it_is(ordering: Ordering) -> None:
    edges = [edge.model_copy(update={"config_name": "go"} if edge.source == "start" else {}) for edge in SIMPLE.transfers]
    edges.append(StateTransfer(source="start", target="terminated", on_delete=True))
    optional = ordering.lab.entity.model_copy(update={"lifecycle": SIMPLE.model_copy(update={"transfers": edges})})
    await ordering.lab.call("lsm_service_catalog_update_entity", service_entity="vlan", service_entity_definition=optional)
    await ordering.lab.client.halt_environment(tid=ordering.lab.environment)
    instance = await ordering.lab.create("a")
    order = await ordering.submit(delete(instance))
    waiting = await ordering.get(order)

    await ordering.lab.call("lsm_service_catalog_set_config", service_entity="vlan", values={"go": False})

    await ordering.reaches(order, "success")
    assert states_of(waiting) == {str(instance): "acknowledged"}
