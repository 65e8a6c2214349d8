"""A single instance, with what can be asked for besides."""

import uuid

import pytest
import pytest_asyncio
from inmanta.protocol import Client
from inmanta_lsm.attributes.writable import without_read_only
from inmanta_lsm.data import documents
from inmanta_lsm.inventory.references import relation_paths
from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute

from ..helpers.http_request import Get, answer
from ..helpers.stored_inventory import StoredInventory, service

pytestmark = pytest.mark.asyncio(loop_scope="session")

INVENTORY = "/lsm/v1/service_inventory"

RELATION = InterServiceRelation(name="parent", entity_type="service", modifier="rw", lower_limit=0, upper_limit=1)
PORT = EmbeddedServiceEntity(
    name="ports",
    type="test::Port",
    modifier="rw+",
    attributes=[
        ServiceAttribute(name="name", modifier="rw", type="string"),
        ServiceAttribute(name="number", modifier="r", type="int"),
    ],
    inter_service_relations=[InterServiceRelation(name="peers", entity_type="service", modifier="rw+")],
)


@pytest_asyncio.fixture(loop_scope="session")
async def child(inventory: StoredInventory) -> None:
    """A service whose instances refer to instances of ``service``."""
    await inventory.add_service(service("child", embedded_entities=[PORT], inter_service_relations=[RELATION]))


async def test_an_instance_is_found_by_its_id_and_by_its_identity(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(name="a=b/c")

    answers = [
        await get(path)
        for path in [
            f"{INVENTORY}/service/{instance}",
            f"{INVENTORY}/service/name=a=b%2Fc",
            f"{INVENTORY}?service_id={instance}",
        ]
    ]

    assert [code for code, _ in answers] == [200, 200, 200]
    assert [body["data"]["id"] for _, body in answers] == [str(instance)] * 3


async def test_a_deleted_instance_is_found_by_its_id_but_not_by_its_identity(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(name="a", deleted=True)

    assert (await get(f"{INVENTORY}/service/{instance}"))[1]["data"]["deleted"] is True
    assert (await get(f"{INVENTORY}?service_id={instance}"))[0] == 200
    assert (await get(f"{INVENTORY}/service/name=a"))[0] == 404


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        (f"/nothing/{uuid.UUID(int=1)}", 404, "Service entity nothing does not exist"),
        ("/nothing/name=a", 404, "Service entity nothing does not exist"),
        (f"/service/{uuid.UUID(int=1)}", 404, f"Service instance {uuid.UUID(int=1)} of service entity service does not exist"),
        ("/service/name=a", 404, "Service instance name=a of service entity service does not exist"),
        ("/service/size=1", 400, "size is not the service identity of service entity service, that is name"),
        ("/service/a", 400, "'a' is no id of a service instance, give a uuid or <service identity>=<value>"),
        (f"?service_id={uuid.UUID(int=1)}", 404, f"Service instance {uuid.UUID(int=1)} does not exist in environment"),
        ("?service_id=a", 400, ""),
        ("", 400, ""),
    ],
)
async def test_an_instance_that_does_not_exist_is_refused_with_a_reason(
    inventory: StoredInventory, get: Get, path: str, code: int, message: str
) -> None:
    answered, body = await get(f"{INVENTORY}{path}")

    assert (answered, message in body["message"]) == (code, True), body


async def test_an_instance_of_a_service_without_identity_has_its_id_only(inventory: StoredInventory, get: Get) -> None:
    await inventory.add_service(service("anonymous", service_identity=None))

    code, body = await get(f"{INVENTORY}/anonymous/name=a")

    reason = "Service entity anonymous has no service identity, give the id of the instance instead"
    assert (code, body["message"]) == (400, f"Invalid request: {reason}")


async def test_an_instance_of_another_service_is_not_found(inventory: StoredInventory, get: Get) -> None:
    await inventory.add_service(service("other"))
    instance = await inventory.add_instance("other")

    assert (await get(f"{INVENTORY}/service/{instance}"))[0] == 404


async def test_a_stale_version_is_a_conflict_that_names_both_versions(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(version=5)

    current, _ = await get(f"{INVENTORY}/service/{instance}?current_version=5")
    stale, body = await get(f"{INVENTORY}/service/{instance}?current_version=4")

    assert (current, stale) == (200, 409)
    assert body["message"] == (
        "Request conflicts with the current state of the resource: The given current version (4) doesn't match the actual"
        f" current version (5) of service instance {instance} in environment test({inventory.environment})"
    )


@pytest.mark.parametrize("path", ["/service/{}?", "?service_id={}&"])
async def test_what_the_allocation_writes_can_be_left_out(inventory: StoredInventory, get: Get, path: str) -> None:
    instance = await inventory.add_instance(name="a", candidate_attributes={"name": "a", "vlan_id": None})

    _, body = await get(f"{INVENTORY}{path.format(instance)}exclude_read_only_attributes=true")

    sets = [body["data"][f"{name}_attributes"] for name in ("candidate", "active", "rollback")]
    assert sets == [{"name": "a"}, {"name": "a", "size": 1}, None]


async def test_read_only_attributes_are_left_out_of_embedded_entities_too() -> None:
    single = PORT.model_copy(update={"name": "port", "upper_limit": 1})
    allocated = PORT.model_copy(update={"name": "allocated", "modifier": "r"})
    holder = service("child", embedded_entities=[PORT, single, allocated])
    attributes = {
        "ports": [{"name": "a", "number": 1}, {"name": "b", "number": 2}],
        "port": {"name": "c", "number": 3},
        "allocated": [{"name": "d", "number": 4}],
        "stray": 1,
    }

    assert without_read_only(holder, attributes) == {
        "ports": [{"name": "a"}, {"name": "b"}],
        "port": {"name": "c"},
        "stray": 1,
    }
    assert attributes["ports"] == [{"name": "a", "number": 1}, {"name": "b", "number": 2}]


async def test_relations_are_searched_for_in_nested_embedded_entities() -> None:
    nested = PORT.model_copy(update={"name": 'o"dd', "embedded_entities": [PORT]})
    holder = service("child", embedded_entities=[nested], inter_service_relations=[RELATION])

    assert list(relation_paths(holder, "service")) == [
        '$."parent"[*]',
        '$."o\\"dd"[*]."peers"[*]',
        '$."o\\"dd"[*]."ports"[*]."peers"[*]',
    ]
    assert list(relation_paths(holder, "other")) == []


@pytest.mark.usefixtures("child")
async def test_the_instances_that_refer_to_an_instance_are_listed_on_request(inventory: StoredInventory, get: Get) -> None:
    instance, other = await inventory.add_instance(), await inventory.add_instance()
    reference = {"parent": str(instance)}
    nested = {"parent": str(other), "ports": [{"name": "a", "peers": []}, {"name": "b", "peers": [str(other), str(instance)]}]}
    referring = [
        await inventory.add_instance("child", active_attributes=reference),
        await inventory.add_instance("child", active_attributes=None, candidate_attributes=reference),
        await inventory.add_instance("child", active_attributes=None, rollback_attributes=nested),
    ]
    await inventory.add_instance("child", active_attributes={"parent": str(other), "name": str(instance)})
    await inventory.add_instance("child", active_attributes=reference, deleted=True)
    await inventory.add_instance(active_attributes=reference)

    _, body = await get(f"{INVENTORY}?service_id={instance}&include_referenced_by=true")

    assert body["data"]["referenced_by"] == [str(found) for found in sorted(referring)]


async def test_metadata_is_answered_on_request_also_for_a_deleted_instance(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(deleted=True)
    for key, value in {"coordinates": '{"x": 1}', "another": "text"}.items():
        await documents.ServiceInstanceMetadata(
            environment=inventory.environment, service_instance_id=instance, key=key, value=value
        ).insert()

    _, with_metadata = await get(f"{INVENTORY}/service/{instance}?include_metadata=True")
    _, without = await get(f"{INVENTORY}/service/{instance}")

    assert with_metadata["data"]["metadata"] == {"another": "text", "coordinates": '{"x": 1}'}
    assert without["data"]["metadata"] is None


async def test_the_config_of_an_instance_has_what_was_set_explicitly(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance(config={"auto_start": False})

    assert await get(f"{INVENTORY}/service/{instance}/config") == (200, {"data": {"auto_start": False}})


async def test_the_python_client_finds_the_calls_by_name(inventory: StoredInventory, client: Client) -> None:
    instance = await inventory.add_instance(name="a")

    by_id = await answer(client.lsm_services_get_by_id(tid=inventory.environment, service_id=instance, include_metadata=True))
    listed = await answer(
        client.lsm_services_list(
            tid=inventory.environment, service_entity="service", filter={"name": ["a"]}, limit=5, sort="state.asc"
        )
    )

    assert by_id["data"]["metadata"] == {}
    assert [entry["id"] for entry in listed["data"]] == [str(instance)]
