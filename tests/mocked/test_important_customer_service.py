"""
Mocked tests of the service that manages files: what it emits in each phase of its life. See ``test_basic_service.py`` for
what mocked tests are good for.
"""

import json

import inmanta.resources
import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import configuration_file, orders

SHARED = {
    "fs::Directory[localhost,path=/tmp/orders]",
    "fs::Directory[localhost,path=/tmp/items]",
}


def emitted(lsm: lsm_project_module.LsmProject, resource_set: object) -> dict[str, bool]:
    """
    :return: For each resource of a resource set in the last compile, but for the lifecycle transfers, whether it is purged.
    """
    resources = lsm_project_module.get_resource_sets(lsm.project)[str(resource_set)]
    return {
        str(resource_id): lsm.project.resources[resource_id].purged
        for resource_id in resources
        if resource_id.entity_type != "lsm::LifecycleTransfer"
    }


def resource(lsm: lsm_project_module.LsmProject, resource_id: str) -> inmanta.resources.Resource:
    """
    :return: A resource of the last compile.
    """
    return lsm.project.resources[inmanta.resources.Id.parse_id(resource_id, version=0)]


def requirements(lsm: lsm_project_module.LsmProject, resource_id: str) -> set[str]:
    """
    :return: The ids of all resources that are deployed before this one, directly required or not.
    """
    seen: set[str] = set()
    waiting = [resource_id]
    while waiting:
        for required in resource(lsm, waiting.pop()).requires:
            required_id = str(inmanta.resources.Id.parse_id(str(required), version=0))
            if required_id not in seen:
                seen.add(required_id)
                waiting.append(required_id)
    return seen


def test_a_new_order_gets_all_its_ids_and_its_customers_data(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))

    assert service.state == "creating"
    attributes = service.active_attributes
    assert attributes is not None
    assert attributes["service_id"] == 0
    assert {item["name"]: item["service_item_id"] for item in attributes["items"]}.keys() == {"nut", "bolt"}
    assert {item["service_item_id"] for item in attributes["items"]} == {0, 1}
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
    assert {resource_id for resource_id in shared if not resource_id.startswith("std::AgentConfig[")} == SHARED
    assert len(shared) == len(SHARED) + 1


def test_the_files_hold_the_order_and_its_items(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt", description="urgent"))

    attributes = service.active_attributes
    assert attributes is not None
    order_file = resource(lsm, "fs::File[localhost,path=/tmp/orders/order-0/A1.json]")
    assert json.loads(order_file.content) == {
        "order_id": "A1",
        "service_id": 0,
        "documentation": attributes["documentation"],
        "itemsCount": 2,
    }
    for item in attributes["items"]:
        item_file = resource(lsm, f"fs::File[localhost,path=/tmp/items/item-{item['service_item_id']}.json]")
        assert json.loads(item_file.content) == item
        link = resource(lsm, f"fs::Symlink[localhost,dst=/tmp/orders/order-0/items/{item['name']}.json]")
        assert link.src == f"/tmp/items/item-{item['service_item_id']}.json"


def test_directories_and_files_have_the_modes_and_the_owner_that_the_contract_names(
    lsm: lsm_project_module.LsmProject,
) -> None:
    lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    for resource_id, emitted_resource in lsm.project.resources.items():
        if resource_id.entity_type in ("fs::Directory", "fs::File"):
            assert emitted_resource.mode == (755 if resource_id.entity_type == "fs::Directory" else 644), resource_id
            assert (emitted_resource.owner, emitted_resource.group) == ("inmanta", "inmanta"), resource_id


def test_parents_are_created_before_what_they_contain(lsm: lsm_project_module.LsmProject) -> None:
    lsm.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    folder = "fs::Directory[localhost,path=/tmp/orders/order-0]"
    assert "fs::Directory[localhost,path=/tmp/orders]" in requirements(lsm, folder)
    assert folder in requirements(lsm, "fs::File[localhost,path=/tmp/orders/order-0/A1.json]")
    assert folder in requirements(lsm, "fs::Directory[localhost,path=/tmp/orders/order-0/items]")
    item_file = "fs::File[localhost,path=/tmp/items/item-0.json]"
    assert "fs::Directory[localhost,path=/tmp/items]" in requirements(lsm, item_file)
    assert requirements(lsm, "fs::Symlink[localhost,dst=/tmp/orders/order-0/items/nut.json]") >= {
        item_file,
        "fs::Directory[localhost,path=/tmp/orders/order-0/items]",
    }


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
    order_file = resource(lsm, "fs::File[localhost,path=/tmp/orders/order-0/A1.json]")
    assert json.loads(order_file.content)["itemsCount"] == 2

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
    for resource_id, emitted_resource in lsm_project.project.resources.items():
        if resource_id.entity_type in ("fs::Directory", "fs::File"):
            assert (emitted_resource.owner, emitted_resource.group) == ("alice", "users"), resource_id
