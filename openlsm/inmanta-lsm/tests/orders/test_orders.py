"""Orders over the API, in a running server: several changes of instances that are requested together."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio
from http_request import request
from inmanta import data as core
from inmanta_lsm.model import EditOperation, InterServiceRelation, PatchCallEdit
from inmanta_lsm.order.model import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderItemAction,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)
from service_lab import ServiceLab, eventually
from simple_lifecycle import SIMPLE, service

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARENT = InterServiceRelation(name="parent", entity_type="vlan", modifier="rw+", lower_limit=0, upper_limit=1)


def create(name: str, instance: uuid.UUID | None = None, **fields: Any) -> CreateWritableServiceOrderItem:
    """An item that creates an instance."""
    attributes = {"name": name} | fields.pop("attributes", {})
    return CreateWritableServiceOrderItem(
        instance_id=instance or uuid.uuid4(),
        service_entity="vlan",
        action=OrderItemAction.create,
        attributes=attributes,
        **fields,
    )


def update(instance: uuid.UUID, **values: Any) -> UpdateWritableServiceOrderItem:
    """An item that replaces attributes of an instance."""
    edits = [
        PatchCallEdit(edit_id=name, operation=EditOperation.replace, target=name, value=value) for name, value in values.items()
    ]
    return UpdateWritableServiceOrderItem(
        instance_id=instance, service_entity="vlan", action=OrderItemAction.update, edits=edits
    )


def delete(instance: uuid.UUID) -> DeleteWritableServiceOrderItem:
    """An item that deletes an instance."""
    return DeleteWritableServiceOrderItem(instance_id=instance, service_entity="vlan", action=OrderItemAction.delete)


class Ordering:
    """Orders of one environment, for a strict service whose instances may have a parent."""

    def __init__(self, lab: ServiceLab) -> None:
        self.lab = lab

    async def submit(self, *items: WritableServiceOrderItemTypes, code: int = 200, **arguments: Any) -> Any:
        """Order something; give the order, or the message of the refusal."""
        return await self.lab.call("lsm_order_create", code=code, service_order_items=list(items), **arguments)

    async def get(self, order: dict[str, Any]) -> dict[str, Any]:
        """Read an order."""
        found: dict[str, Any] = await self.lab.call("lsm_order_get", order_id=order["id"])
        return found

    async def reaches(self, order: dict[str, Any], state: str) -> dict[str, Any]:
        """Wait until an order is in a state."""
        found = order

        async def is_there() -> bool:
            nonlocal found
            found = await self.get(order)
            return bool(found["status"]["state"] == state)

        try:
            await eventually(is_there, state)
        except TimeoutError:
            raise AssertionError(f"the order is {found}") from None
        return found

    async def instance_reaches(self, instance: uuid.UUID, state: str) -> dict[str, Any]:
        """Wait until an instance exists and is in a state."""
        found: dict[str, Any] = {}

        async def is_there() -> bool:
            nonlocal found
            result = await self.lab.client.lsm_services_get_by_id(tid=self.lab.environment, service_id=instance)
            found = result.result["data"] if result.code == 200 else {}
            return bool(found.get("state") == state)

        try:
            await eventually(is_there, state)
        except TimeoutError:
            raise AssertionError(f"the instance is {found}") from None
        return found

    async def deploy(self, *instances: uuid.UUID, failing: Sequence[uuid.UUID] = ()) -> None:
        """Send the reports of the handlers, until each of the instances stays where it is."""
        for instance in instances:
            await self.instance_reaches(instance, "creating")
            for _ in range(2):
                await self.lab.report(instance, success=instance not in failing)

    async def up(self, name: str) -> uuid.UUID:
        """Create an instance that is up and stays so."""
        instance = await self.lab.up(name)
        await self.lab.report(instance)
        assert (await self.lab.get(instance))["transfer_context"] == "stable"
        return instance


@pytest_asyncio.fixture(loop_scope="session")
async def ordering(lab: ServiceLab) -> Ordering:
    """Orders of the environment of the test."""
    await lab.call("lsm_service_catalog_delete_entity", service_entity="vlan")
    lab.entity = service(
        inter_service_relations=[PARENT], strict_modifier_enforcement=True, service_identity_display_name="Name"
    )
    await lab.call("lsm_service_catalog_create_entity", service_entity_definition=lab.entity)
    return Ordering(lab)


def item_of(order: dict[str, Any], instance: uuid.UUID) -> dict[str, Any]:
    """The item of an instance."""
    found: dict[str, Any] = next(item for item in order["service_order_items"] if item["instance_id"] == str(instance))
    return found


def states_of(order: dict[str, Any]) -> dict[str, str]:
    """The state of each item, by instance id."""
    return {item["instance_id"]: item["status"]["state"] for item in order["service_order_items"]}


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


async def test_one_invalid_item_makes_the_whole_order_fail_at_once(ordering: Ordering) -> None:
    good, bad = create("good"), create("bad", attributes={"size": "x"})

    order = await ordering.submit(good, bad)

    assert order["status"]["state"] == "failed"
    assert order["completed_at"] is not None
    invalid, skipped = (item_of(order, item.instance_id)["status"] for item in (bad, good))
    assert invalid["failure_type"] == "INVALID_ORDER_ITEM"
    assert invalid["reason"] == 'Attribute size must be an integer, not "x".'
    assert (skipped["state"], skipped["failure_type"]) == ("failed", "EXECUTION_SKIPPED")
    assert await ordering.lab.call("lsm_services_list", service_entity="vlan") == []


async def test_items_are_checked_against_the_inventory_and_the_catalog(ordering: Ordering) -> None:
    existing, gone = await ordering.up("a"), uuid.uuid4()
    unknown_entity = create("x").model_copy(update={"service_entity": "unknown"})
    cases: list[tuple[WritableServiceOrderItemTypes, str]] = [
        (create("b", existing), f"There is a service instance {existing} already."),
        (create("a"), "There is a service instance of vlan with name a already."),
        (update(gone, size=1), f"There is no service instance {gone}."),
        (delete(gone), f"There is no service instance {gone}."),
        (update(existing, name="b"), "Attribute name may only be set when the instance is created."),
        (update(existing, **{"a.b": 1}), "edit a.b: There is no element (or more than one) at a.b."),
        (unknown_entity, "There is no service entity unknown."),
        (create("c", config={"unknown": True}), "The lifecycle of vlan has no option unknown: it has no options"),
    ]

    for item, reason in cases:
        order = await ordering.submit(item)
        assert item_of(order, item.instance_id)["status"]["reason"] == reason


async def test_items_that_wait_for_each_other_are_invalid(ordering: Ordering) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    behind = create("behind", attributes={"parent": str(first)})

    order = await ordering.submit(
        create("a", first, attributes={"parent": str(second)}), create("b", second, attributes={"parent": str(first)}), behind
    )

    failures = {item["instance_id"]: item["status"]["failure_type"] for item in order["service_order_items"]}
    assert failures == {
        str(first): "INVALID_ORDER_ITEM",
        str(second): "INVALID_ORDER_ITEM",
        str(behind.instance_id): "EXECUTION_SKIPPED",
    }


async def test_an_update_needs_strict_modifier_enforcement(lab: ServiceLab) -> None:
    instance = await lab.up("a")

    order = await Ordering(lab).submit(update(instance, size=2))

    assert "has no strict modifier enforcement" in item_of(order, instance)["status"]["reason"]


async def test_what_is_no_order_is_refused(ordering: Ordering) -> None:
    item = create("a")

    assert "at least one item" in await ordering.submit(code=400)
    assert "more than one item" in await ordering.submit(item, item, code=400)
    assert "NUL character" in await ordering.submit(create("a\0"), code=400)
    assert "NUL character" in await ordering.submit(item, description="\0", code=400)
    unknown_action = {"service_order_items": [{"instance_id": str(uuid.uuid4()), "service_entity": "vlan", "action": "grow"}]}
    code, _ = await request("/lsm/v2/order", method="POST", environment=ordering.lab.environment, body=unknown_action)
    assert code == 400
    assert await ordering.lab.call("lsm_order_list") == []


async def test_the_id_of_an_order_is_taken_once(ordering: Ordering) -> None:
    chosen = uuid.uuid4()

    order = await ordering.submit(create("a"), id=chosen)
    message = await ordering.submit(create("b"), id=chosen, code=409)

    assert order["id"] == str(chosen)
    assert str(chosen) in message
    await ordering.lab.call("lsm_order_get", code=404, order_id=uuid.uuid4())


async def test_items_take_null_for_what_is_not_theirs(ordering: Ordering) -> None:
    instance = uuid.uuid4()
    item = {
        "instance_id": str(instance),
        "service_entity": "vlan",
        "action": "create",
        "config": None,
        "attributes": {"name": "a"},
        "edits": None,
        "metadata": None,
    }

    code, answer = await request(
        "/lsm/v2/order", method="POST", environment=ordering.lab.environment, body={"service_order_items": [item], "id": None}
    )

    assert code == 200
    assert item_of(answer["data"], instance)["config"] == {}


async def test_orders_are_listed_in_pages_the_newest_first(ordering: Ordering) -> None:
    bad = create("bad", attributes={"size": "x"})
    orders = [(await ordering.submit(bad))["id"] for _ in range(3)]

    _, first = await request("/lsm/v2/order?limit=2&&sort=created_at.desc", environment=ordering.lab.environment)
    _, second = await request(first["links"]["next"], environment=ordering.lab.environment)

    assert [order["id"] for order in first["data"]] == [orders[2], orders[1]]
    assert [order["id"] for order in second["data"]] == [orders[0]]
    assert first["metadata"] == {"total": 3, "before": 0, "after": 1, "page_size": 2}
    assert item_of(first["data"][0], bad.instance_id)["status"]["state"] == "failed"
    code, _ = await request("/lsm/v2/order?sort=description.desc", environment=ordering.lab.environment)
    assert code == 400


async def test_an_environment_that_is_cleared_has_no_orders(ordering: Ordering) -> None:
    await ordering.submit(create("a"))

    await ordering.lab.client.environment_clear(ordering.lab.environment)

    assert await ordering.lab.call("lsm_order_list") == []


async def test_the_feature_is_shown_in_the_status_of_the_server(ordering: Ordering) -> None:
    _, status = await request("/api/v1/serverstatus")

    slices = {part["name"]: part["reported_status"] for part in status["data"]["slices"]}
    assert (slices["lsm.order"], slices["lsm.callback"]) == ("OK", "OK")
    assert {"slice": "lsm.order", "name": "order_api", "value": True} in status["data"]["features"]
