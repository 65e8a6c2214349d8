"""Services with versions, over the API."""

import pytest
from inmanta_lsm.model import ServiceAttribute

from ..helpers.catalog_client import NAME, PORTS, VLAN, CatalogClient, definition

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_catalog_is_listed_by_name_with_default_versions(catalog: CatalogClient) -> None:
    await catalog.create(definition("zz"))
    await catalog.create(definition("aa"))
    await catalog.versions(2, definition(version=1), definition(version=2))

    listed = await catalog.call("lsm_service_catalog_list")

    assert [(entity["name"], entity["version"]) for entity in listed] == [("aa", 0), ("vlan", 2), ("zz", 0)]


async def test_an_update_rewrites_the_instances_and_keeps_their_version(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    instance = await catalog.instance("a", ports=[{"number": 1}])
    speed = ServiceAttribute(name="speed", modifier="rw+", type="int", default_value=10, default_value_set=True)
    faster_ports = PORTS.model_copy(update={"attributes": [*PORTS.attributes, speed]})

    updated = await catalog.update(
        definition(attributes=[NAME, VLAN, speed], embedded_entities=[faster_ports]), other_flag=True
    )

    assert [attribute["name"] for attribute in updated["attributes"]] == ["name", "vlan_id", "speed"]
    assert await catalog.attributes(instance) == {
        "name": "a",
        "vlan_id": None,
        "speed": 10,
        "ports": [{"number": 1, "speed": 10}],
    }


async def test_a_service_with_versions_is_not_updated_in_place(catalog: CatalogClient) -> None:
    await catalog.versions(1, definition(version=1))

    message = await catalog.update(definition(version=1), code=400)

    assert "has versions, which cannot be changed" in message


async def test_versions_are_added_switched_and_removed(catalog: CatalogClient) -> None:
    first = await catalog.versions(1, definition(version=1), definition(version=2, description="two"))
    second = await catalog.versions(3, definition(version=2, description="two"), definition(version=3))

    assert ([entity["version"] for entity in first["versions"]], first["default_version"]) == ([1, 2], 1)
    assert ([entity["version"] for entity in second["versions"]], second["default_version"]) == ([2, 3], 3)
    assert (await catalog.get())["version"] == 3
    assert (await catalog.get(version=2))["description"] == "two"
    assert (await catalog.call("lsm_service_catalog_list_versions")) == [second]
    assert (await catalog.call("lsm_service_catalog_get_entity_versions", service_entity="vlan")) == second


async def test_a_version_that_exists_does_not_change(catalog: CatalogClient) -> None:
    await catalog.versions(1, definition(version=1))

    message = await catalog.versions(1, definition(version=1, description="new"), code=400)

    assert "version 1 exists and cannot be changed" in message


async def test_version_0_changes_while_it_is_the_only_one(catalog: CatalogClient) -> None:
    await catalog.create(definition())

    changed = await catalog.versions(0, definition(description="new"), definition(version=1))

    assert [entity["description"] for entity in changed["versions"]] == ["new", None]


async def test_a_version_with_instances_is_neither_left_out_nor_deleted(catalog: CatalogClient) -> None:
    await catalog.versions(1, definition(version=1), definition(version=2))
    await catalog.instance("a")

    left_out = await catalog.versions(2, definition(version=2), code=400)
    await catalog.versions(2, definition(version=1), definition(version=2))
    deleted = await catalog.call("lsm_service_catalog_delete_entity_version", code=400, service_entity="vlan", version=1)

    assert "because it still has service instances" in left_out
    assert "because it still has service instances" in deleted


async def test_a_version_is_deleted_unless_it_is_the_default_one(catalog: CatalogClient) -> None:
    await catalog.versions(1, definition(version=1), definition(version=2))

    message = await catalog.call("lsm_service_catalog_delete_entity_version", code=400, service_entity="vlan", version=1)
    await catalog.call("lsm_service_catalog_delete_entity_version", service_entity="vlan", version=2)

    assert "it is the default version" in message
    await catalog.call("lsm_service_catalog_get_entity_version", code=404, service_entity="vlan", version=2)
