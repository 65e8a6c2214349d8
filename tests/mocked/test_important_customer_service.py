"""
Mocked tests of the service that manages files: what it emits in each phase of its life. See ``test_basic_service.py`` for
what mocked tests are good for.
"""

import json
import typing

import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import configuration_file, orders

SHARED = {
    "fs::Directory[localhost,path=/tmp/orders]",
    "fs::Directory[localhost,path=/tmp/items]",
}


def emitted(lsm: lsm_project_module.LsmProject, resource_set: object) -> dict[str, bool]:
    """:return: whether each resource of a set in the last compile is purged, but for the lifecycle transfers"""
    resources = lsm_project_module.get_resource_sets(lsm.project)[str(resource_set)]
    return {
        resource_id.resource_str(): resource(lsm, resource_id.resource_str()).purged
        for resource_id in resources
        if resource_id.entity_type != "lsm::LifecycleTransfer"
    }


def all_resources(lsm: lsm_project_module.LsmProject) -> dict[str, typing.Any]:
    """:return: The resources of the last compile, by id without version. Their attributes depend on their type."""
    return {resource_id.resource_str(): resource for resource_id, resource in lsm.project.resources.items()}


def resource(lsm: lsm_project_module.LsmProject, resource_id: str) -> typing.Any:
    """:return: a resource of the last compile"""
    return all_resources(lsm)[resource_id]


def content(lsm: lsm_project_module.LsmProject, resource_id: str) -> object:
    """:return: the JSON that a file of the last compile holds"""
    return json.loads(lsm.project.get_blob(resource(lsm, resource_id).hash))


def requirements(lsm: lsm_project_module.LsmProject, resource_id: str) -> set[str]:
    """:return: the ids of all resources that are deployed before this one, directly required or not"""
    seen: set[str] = set()
    waiting = [resource_id]
    while waiting:
        for required in resource(lsm, waiting.pop()).requires:
            required_id = required.resource_str()
            if required_id not in seen:
                seen.add(required_id)
                waiting.append(required_id)
    return seen


def test_a_new_order_gets_all_its_ids_and_its_customers_data(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))

    assert service.state == "creating"
    attributes = service.active_attributes
    assert attributes is not None
    assert [item["name"] for item in attributes["items"]] == ["nut", "bolt"]
    assert attributes["service_id"] == 0
    assert sorted(item["service_item_id"] for item in attributes["items"]) == [0, 1]
    assert {item["priority"] for item in attributes["items"]} == {"NORMAL"}
    customer_info = attributes["documentation"]["customer_info"]
    assert customer_info["ref"] == "customer-of-A1"
    assert customer_info.keys() >= {"ref", "address", "contact"}


def test_an_order_without_items_has_its_folders_and_its_file(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1"))

    assert service.active_attributes is not None
    assert emitted(lsm, service.id) == orders.expected_resources(service.active_attributes)


@pytest.mark.parametrize("partial", [False, True], ids=["full compile", "partial compile"])
def test_an_order_owns_its_folders_its_file_and_those_of_its_items(lsm: lsm_project_module.LsmProject, partial: bool) -> None:
    lsm.partial_compile = partial

    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))

    assert service.active_attributes is not None
    assert emitted(lsm, service.id) == orders.expected_resources(service.active_attributes)
    shared = {str(resource_id) for resource_id in lsm_project_module.get_shared_resources(lsm.project)}
    # Older releases of std export the configuration of agents as a resource as well.
    assert {resource_id for resource_id in shared if not resource_id.startswith("std::AgentConfig[")} == SHARED


def test_the_files_hold_the_order_and_its_items(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt", description="urgent"))

    attributes = service.active_attributes
    assert attributes is not None
    folder = f"/tmp/orders/order-{attributes['service_id']}"
    assert content(lsm, f"fs::File[localhost,path={folder}/A1.json]") == {
        "order_id": "A1",
        "service_id": attributes["service_id"],
        "documentation": attributes["documentation"],
        "itemsCount": 2,
    }
    for item in attributes["items"]:
        path = f"/tmp/items/item-{item['service_item_id']}.json"
        assert content(lsm, f"fs::File[localhost,path={path}]") == item
        assert resource(lsm, f"fs::Symlink[localhost,dst={folder}/items/{item['name']}.json]").src == path


def test_directories_and_files_have_the_modes_that_the_contract_names_and_no_owner_by_default(
    lsm: lsm_project_module.LsmProject,
) -> None:
    lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    for resource_id, emitted_resource in all_resources(lsm).items():
        if resource_id.startswith(("fs::Directory", "fs::File")):
            assert emitted_resource.permissions == (755 if resource_id.startswith("fs::Directory") else 644), resource_id
            assert (emitted_resource.owner, emitted_resource.group) == (None, None), resource_id


def test_parents_are_created_before_what_they_contain(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    attributes = service.active_attributes
    assert attributes is not None
    path = f"/tmp/orders/order-{attributes['service_id']}"
    folder, links = f"fs::Directory[localhost,path={path}]", f"fs::Directory[localhost,path={path}/items]"
    item_file = f"fs::File[localhost,path=/tmp/items/item-{attributes['items'][0]['service_item_id']}.json]"
    assert "fs::Directory[localhost,path=/tmp/orders]" in requirements(lsm, folder)
    assert folder in requirements(lsm, f"fs::File[localhost,path={path}/A1.json]")
    assert folder in requirements(lsm, links)
    assert "fs::Directory[localhost,path=/tmp/items]" in requirements(lsm, item_file)
    assert requirements(lsm, f"fs::Symlink[localhost,dst={path}/items/nut.json]") >= {item_file, links}


def test_the_state_of_an_order_follows_from_its_resources_and_the_shared_folders(
    lsm: lsm_project_module.LsmProject,
) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    (transfer,) = (
        transfer
        for resource_id, transfer in all_resources(lsm).items()
        if resource_id.startswith("lsm::LifecycleTransfer[") and str(service.id) in resource_id
    )
    # What fails in a shared folder keeps the order from being deployed, so the order has to fail as well, and not to wait.
    assert set(transfer.resources) == emitted(lsm, service.id).keys() | SHARED


def test_an_update_purges_what_belongs_to_removed_items_until_it_is_done(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))
    service.state = "up"
    before = service.active_attributes
    assert before is not None

    lsm.update_service(service.id, orders.with_items(before, "bolt", "gear"))

    after = service.active_attributes
    assert service.state == "update_inprogress"
    assert after is not None
    removed = [item for item in before["items"] if item["name"] == "nut"]
    assert emitted(lsm, service.id) == orders.expected_resources(after, removed=removed)
    order_file = content(lsm, f"fs::File[localhost,path=/tmp/orders/order-{after['service_id']}/A1.json]")
    assert isinstance(order_file, dict)
    assert order_file["itemsCount"] == 2

    service.state = "up"
    lsm.exporting_compile()
    assert emitted(lsm, service.id) == orders.expected_resources(after)


def test_an_update_that_is_rolled_back_purges_what_it_had_added(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))
    service.state = "up"
    before = service.active_attributes
    assert before is not None
    lsm.update_service(service.id, orders.with_items(before, "gear"))
    after = service.active_attributes
    assert after is not None

    lsm_project_module.rollback(service)
    service.state = "rollback"
    lsm.exporting_compile()

    assert service.active_attributes == before
    assert emitted(lsm, service.id) == orders.expected_resources(before, removed=after["items"])


def test_deleting_purges_everything_but_what_goes_with_the_folder(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))
    assert service.active_attributes is not None

    service.state = "deleting"
    lsm.exporting_compile()

    assert emitted(lsm, service.id) == orders.expected_resources(service.active_attributes, deleting=True)
    # What contains something is purged after it: the shared folders stay.
    assert not any(resource(lsm, resource_id).purged for resource_id in SHARED)


def test_two_orders_with_an_item_of_the_same_name_share_nothing_but_the_folders(
    lsm: lsm_project_module.LsmProject,
) -> None:
    services = [lsm.create_service("ImportantCustomerService", orders.order(order_id, "nut")) for order_id in ("A1", "A2")]
    lsm.exporting_compile()

    for service in services:
        assert service.active_attributes is not None
        assert emitted(lsm, service.id) == orders.expected_resources(service.active_attributes)


def test_folders_and_owner_follow_the_configuration(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, model: str
) -> None:
    configure(
        {
            "important_customer_service": {
                "items_folder": "file:///srv/things",
                "orders_folder": "file:///srv/customers/orders",
                "owner": "alice",
                "group": "users",
            }
        }
    )
    lsm_project.export_service_entities(model)

    service = lsm_project.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    assert service.active_attributes is not None
    assert emitted(lsm_project, service.id) == orders.expected_resources(
        service.active_attributes, items_folder="/srv/things", orders_folder="/srv/customers/orders"
    )
    for resource_id, emitted_resource in all_resources(lsm_project).items():
        if resource_id.startswith(("fs::Directory", "fs::File")):
            assert (emitted_resource.owner, emitted_resource.group) == ("alice", "users"), resource_id
