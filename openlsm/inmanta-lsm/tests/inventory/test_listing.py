"""The list of the instances of a service."""

import datetime
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from inmanta.protocol import Client
from inmanta_lsm.model import ServiceAttribute, ServiceInstance

from ..helpers.http_request import Get, answer
from ..helpers.stored_inventory import BEGIN, StoredInventory, service

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/lsm/v1/service_inventory/service"


def names(body: dict[str, Any]) -> list[str]:
    """The identities of the listed instances, in order."""
    return [instance["service_identity_attribute_value"] for instance in body["data"]]


async def test_an_instance_is_answered_with_all_fields_of_the_model(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(name="a", config={"auto_start": False}, rollback_attributes={"name": "a"})

    code, body = await get(LIST)

    assert code == 200
    assert body["data"] == [
        {
            "id": str(instance),
            "environment": str(inventory.environment),
            "service_entity": "service",
            "service_entity_version": 0,
            "version": 3,
            "desired_state_version": 3,
            "config": {"auto_start": False},
            "state": "up",
            "candidate_attributes": None,
            "active_attributes": {"name": "a", "size": 1, "vlan_id": 12},
            "rollback_attributes": {"name": "a"},
            "created_at": "2026-01-10T10:00:01.000000+00:00",
            "last_updated": "2026-01-10T10:00:01.000000+00:00",
            "callback": [],
            "deleted": False,
            "deployment_progress": None,
            "service_identity_attribute_value": "a",
            "referenced_by": None,
            "transfer_context": "stable",
            "metadata": None,
        }
    ]
    ServiceInstance(**body["data"][0])


async def test_an_unknown_service_entity_is_not_found(inventory: StoredInventory, get: Get) -> None:
    code, body = await get("/lsm/v1/service_inventory/nothing")

    assert code == 404
    assert body["message"].startswith("Request or referenced resource does not exist: Service entity nothing does not exist in")


async def test_a_list_without_limit_is_complete_and_the_newest_instance_is_first(inventory: StoredInventory, get: Get) -> None:
    await inventory.add_instances(1100)

    code, body = await get(LIST)

    assert code == 200
    assert names(body) == [f"instance {number}" for number in reversed(range(1100))]


@pytest.mark.parametrize("limit", [0, -1, 1001, 10**30])
async def test_a_limit_out_of_range_is_refused(inventory: StoredInventory, get: Get, limit: int) -> None:
    code, body = await get(f"{LIST}?limit={limit}")

    assert (code, body["message"]) == (400, f"Invalid request: limit must be from 1 to 1000, got {limit}")


@pytest.mark.parametrize("name", ["Zürich", "Ωmega", "a b/c=d&e+f:g", "日本"])
@pytest.mark.parametrize("filter_name", ["name", "id_or_service_identity"])
async def test_an_instance_is_found_whatever_the_characters_of_its_identity(
    inventory: StoredInventory, get: Get, name: str, filter_name: str
) -> None:
    await inventory.add_instance(name=name)
    await inventory.add_instance(name="other")

    _, body = await get(f"{LIST}?limit=1&filter.{filter_name}={quote(name, safe='')}")
    _, again = await get(body["links"]["self"])

    assert (names(body), names(again)) == ([name], [name])


async def test_pages_can_be_walked_whatever_the_characters_of_the_sort_key(inventory: StoredInventory, get: Get) -> None:
    for name in ("Zürich", "Ωmega", "日本"):
        await inventory.add_instance(name=name)
    _, everything = await get(f"{LIST}?sort=service_identity_attribute_value.asc")

    _, page = await get(f"{LIST}?limit=1&sort=service_identity_attribute_value.asc")
    walked = names(page)
    for _ in range(2):
        _, page = await get(page["links"]["next"])
        walked += names(page)

    assert walked == names(everything)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    "column",
    ["created_at", "last_updated", "state", "id", "version", "service_entity_version", "service_identity_attribute_value"],
)
async def test_pages_can_be_walked_forth_and_back_in_every_order(
    inventory: StoredInventory, get: Get, column: str, order: str
) -> None:
    await inventory.add_service(service("service", version=1), default=False)
    for number in range(7):
        await inventory.add_instance(
            name=f"i{6 - number}",
            state=["up", "failed", "start"][number % 3],
            version=number % 2 + 1,
            service_entity_version=number % 2,
            last_updated=BEGIN + datetime.timedelta(minutes=number // 2),
            service_identity_attribute_value=None if number % 3 == 0 else f"i{6 - number}",
        )
    _, everything = await get(f"{LIST}?sort={column}.{order}")

    forth: list[str] = []
    links = {"next": f"{LIST}?limit=3&sort={column}.{order}"}
    pages = []
    while "next" in links:
        code, page = await get(links["next"])
        assert code == 200, page
        links = page["links"]
        pages.append(page)
        forth += [instance["id"] for instance in page["data"]]
    back = pages[-1]
    while "prev" in back["links"]:
        _, back = await get(back["links"]["prev"])

    assert forth == [instance["id"] for instance in everything["data"]]
    values = [
        ("" if instance[column] is None else instance[column], uuid.UUID(instance["id"])) for instance in everything["data"]
    ]
    assert values == sorted(values, reverse=order == "desc")
    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert back["data"] == pages[0]["data"]
    assert [page["metadata"] for page in pages] == [
        {"total": 7, "before": 0, "after": 4, "page_size": 3},
        {"total": 7, "before": 3, "after": 1, "page_size": 3},
        {"total": 7, "before": 6, "after": 0, "page_size": 3},
    ]
    for page in pages:
        assert (await get(page["links"]["self"]))[1]["data"] == page["data"]
    assert (await get(pages[-1]["links"]["first"]))[1]["data"] == pages[0]["data"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    ("attribute_type", "values"),
    [
        ("string", ["", "Ab", "B", "a", "aB", "b"]),
        ("int", ["-12", "-3", "0", "2", "10", "101"]),
        # An expert can give an identity that is no number: it comes before all numbers.
        ("int", ["none", "-3", "0", "2", "10", "101"]),
    ],
)
async def test_pages_can_be_walked_in_the_order_of_the_identity_by_the_name_of_its_attribute(
    inventory: StoredInventory, get: Get, attribute_type: str, values: list[str], order: str
) -> None:
    identity = ServiceAttribute(name="orderId", modifier="rw", type=attribute_type)
    await inventory.add_service(service("order", service_identity="orderId", attributes=[identity]))
    for value in sorted(values):
        await inventory.add_instance("order", service_identity_attribute_value=value)
    path = "/lsm/v1/service_inventory/order"

    forth: list[str] = []
    links = {"next": f"{path}?limit=4&sort=orderId.{order}&filter.state=up"}
    while "next" in links:
        code, page = await get(links["next"])
        assert code == 200, page
        forth += names(page)
        links = page["links"]
    _, again = await get(links["self"])
    _, back = await get(links["prev"])
    _, everything = await get(f"{path}?sort=orderId.{order}")

    assert forth == (values if order == "asc" else values[::-1])
    assert (names(again), names(back), names(everything)) == (forth[4:], forth[:4], forth)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_instances_without_identity_come_first_or_last_in_the_order_of_the_identity(
    inventory: StoredInventory, get: Get, order: str
) -> None:
    for value in ("a", None, "b", None):
        await inventory.add_instance(service_identity_attribute_value=value)

    listed: list[str] = []
    links = {"next": f"{LIST}?limit=1&sort=name.{order}"}
    while "next" in links:
        _, page = await get(links["next"])
        listed += names(page)
        links = page["links"]

    assert listed == ([None, None, "a", "b"] if order == "asc" else ["b", "a", None, None])


async def test_the_links_of_a_page_keep_what_was_asked_for(inventory: StoredInventory, get: Get) -> None:
    for _ in range(2):
        await inventory.add_instance(deleted=True)
        await inventory.add_instance()

    _, first = await get(f"{LIST}?limit=1&filter.state=up&include_deleted=true&include_deployment_progress=True")
    _, second = await get(first["links"]["next"])

    assert second["metadata"] == {"total": 4, "before": 1, "after": 2, "page_size": 1}
    assert "include_deployment_progress=True" in second["links"]["next"]


async def test_an_empty_parameter_in_the_query_does_not_matter(inventory: StoredInventory, get: Get) -> None:
    await inventory.add_instance(name="a")

    code, body = await get(f"{LIST}?include_deployment_progress=True&limit=20&&sort=created_at.desc")

    assert (code, names(body)) == (200, ["a"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["b", "a"]),
        ("include_deleted=true", ["gone", "b", "a"]),
        ("include_deleted=True", ["gone", "b", "a"]),
        ("include_deleted=false", ["b", "a"]),
        ("filter.deleted=true", ["gone"]),
        ("filter.deleted=True", ["gone"]),
        ("filter.deleted=false&include_deleted=true", ["b", "a"]),
        ("filter.state=up", ["a"]),
        ("filter.state=up&filter.state=start", ["b", "a"]),
        ("filter.state=nowhere", []),
        ("filter.name=a", ["a"]),
        ("filter.name=a&filter.name=b", ["b", "a"]),
        ("filter.name=A", []),
        ("filter.id=00000000-0000-0000-0000-00000000000b", ["b"]),
        ("filter.id_or_service_identity=A", ["a"]),
        ("filter.id_or_service_identity=00000B", ["b"]),
        ("filter.id_or_service_identity=a&filter.id_or_service_identity=b", ["b", "a"]),
        ("filter.id_or_service_identity=", ["b", "a"]),
        ("filter.id_or_service_identity=%25", []),
        ("filter.id_or_service_identity=_", []),
        ("filter.attribute_set_empty=candidate_attributes", ["a"]),
        ("filter.attribute_set_not_empty=candidate_attributes", ["b"]),
        ("filter.attribute_set_empty=active_attributes", ["b"]),
        ("filter.attribute_set_not_empty=active_attributes&filter.attribute_set_empty=rollback_attributes", ["a"]),
        ("filter.attribute_set_empty=active_attributes&filter.attribute_set_empty=candidate_attributes", []),
        ("filter.service_entity_version=lt:2", ["a"]),
        ("filter.service_entity_version=ge:2", ["b"]),
        ("filter.service_entity_version=gt:0&filter.service_entity_version=le:2", ["b"]),
        ("filter.state=start&filter.name=a", []),
    ],
)
async def test_filters_select_instances(inventory: StoredInventory, get: Get, query: str, expected: list[str]) -> None:
    await inventory.add_service(service("service", version=2), default=False)
    await inventory.add_service(service("other"))
    await inventory.add_instance(name="a")
    await inventory.add_instance(
        name="b",
        id=uuid.UUID(int=11),
        state="start",
        candidate_attributes={"name": "b"},
        active_attributes={},
        service_entity_version=2,
    )
    await inventory.add_instance(name="gone", state="terminated", deleted=True)
    await inventory.add_instance("other", name="a")

    code, body = await get(f"{LIST}?{query}")

    assert code == 200, body
    assert names(body) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "filter.colour=red",
            "there is no filter 'colour', choose from attribute_set_empty, attribute_set_not_empty, deleted, id, ",
        ),
        (
            "sort=colour.desc",
            "Sort parameter invalid: colour.desc, choose from created_at, id, last_updated, name, service_entity_version, ",
        ),
        ("sort=NAME.asc", "Sort parameter invalid: NAME.asc, choose from "),
        ("sort=name.up", "Sort parameter invalid: name.up, choose from "),
        ("sort=size.asc", "Sort parameter invalid: size.asc, choose from "),
        ("sort=name", "Sort parameter invalid: name, choose from "),
        ("sort=state", "Sort parameter invalid: state, choose from "),
        ("filter.deleted=perhaps", "filter deleted cannot have the value ['perhaps']: Input should be a valid boolean"),
        ("filter.id=a", "filter id cannot have the value ['a']: Input should be a valid UUID"),
        (
            "filter.attribute_set_empty=attributes",
            "filter attribute_set_empty cannot have the value ['attributes']: Input should",
        ),
        (
            "filter.service_entity_version=2",
            "filter service_entity_version cannot have the value ['2']: Invalid range constraint",
        ),
        ("filter.service_entity_version=ge:9999999999999", "a value of the query cannot be compared with what is stored: "),
        ("filter.name=%00", "a value of the query cannot be compared with what is stored: "),
        ("limit=2&start=yesterday", "start='yesterday' is no value of sort key created_at"),
        ("limit=2&start=2026-01-01&end=2026-01-02", "Only one of start and end parameters is allowed at the same time."),
        ("limit=some", ""),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused_with_a_reason(
    inventory: StoredInventory, get: Get, query: str, message: str
) -> None:
    code, body = await get(f"{LIST}?{query}")

    assert code == 400
    assert body["message"].startswith(f"Invalid request: {message}" if message else "")


async def test_an_identity_attribute_with_the_name_of_a_filter_leaves_that_filter_as_it_is(
    inventory: StoredInventory, get: Get
) -> None:
    attributes = [ServiceAttribute(name="state", modifier="rw", type="string")]
    await inventory.add_service(service("address", service_identity="state", attributes=attributes))
    await inventory.add_instance("address", name="Utah", state="up")

    _, body = await get("/lsm/v1/service_inventory/address?filter.state=up")

    assert names(body) == ["Utah"]


async def test_an_identity_attribute_with_the_name_of_a_sort_key_leaves_that_key_as_it_is(
    inventory: StoredInventory, get: Get
) -> None:
    attributes = [ServiceAttribute(name="state", modifier="rw", type="string")]
    await inventory.add_service(service("address", service_identity="state", attributes=attributes))
    await inventory.add_instance("address", name="Utah", state="creating")
    await inventory.add_instance("address", name="Alaska", state="up")

    _, body = await get("/lsm/v1/service_inventory/address?sort=state.asc")

    assert names(body) == ["Utah", "Alaska"]


async def test_nothing_of_another_environment_is_read(inventory: StoredInventory, get: Get, client: Client) -> None:
    await inventory.add_instance(name="a")
    project = (await answer(client.environment_get(id=inventory.environment)))["data"]["project_id"]
    created = await answer(client.environment_create(project_id=project, name="other"))
    elsewhere = StoredInventory(uuid.UUID(created["data"]["id"]), client)
    await elsewhere.add_service(service("service"))
    foreign = await elsewhere.add_instance(name="b")

    _, listed = await get(LIST)
    codes = {
        path: (await get(path))[0]
        for path in [
            f"/lsm/v1/service_inventory?service_id={foreign}",
            f"{LIST}/name=b",
            f"{LIST}/{foreign}",
            *(f"{LIST}/{foreign}/{what}" for what in ("log", "events", "config", "diagnose", "resources?current_version=3")),
        ]
    }

    assert names(listed) == ["a"]
    assert codes == dict.fromkeys(codes, 404)
