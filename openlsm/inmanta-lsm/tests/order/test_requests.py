"""Which orders are accepted, and how they are read over the API."""

import uuid

import pytest
from inmanta_lsm.order.model import WritableServiceOrderItemTypes

from ..helpers.http_request import request
from ..helpers.ordering import Ordering, create, delete, item_of, update
from ..helpers.service_lab import ServiceLab

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
