"""
Mocked tests of the ids: the first that are free, unique over everything that takes them from the same range in whatever
compile they are handed out, and kept by what they were given to. See ``test_basic_service.py`` for what mocked tests are
good for.
"""

import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import configuration_file, orders


def item_ids(*services: object) -> list[int]:
    """:return: the ids of the items of services, in their active attributes"""
    return [item["service_item_id"] for service in services for item in service.active_attributes["items"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("partial", [False, True], ids=["full compile", "partial compile"])
def test_items_of_one_and_of_several_orders_never_share_an_id(lsm: lsm_project_module.LsmProject, partial: bool) -> None:
    lsm.partial_compile = partial

    services = [
        lsm.create_service("ImportantCustomerService", orders.order(order_id, "nut", "bolt", "gear"))
        for order_id in ("A1", "A2")
    ]

    assert len(set(item_ids(*services))) == 6
    assert len({service.active_attributes["service_id"] for service in services if service.active_attributes}) == 2


def test_orders_that_are_validated_before_the_first_is_active_get_different_ids(
    lsm: lsm_project_module.LsmProject,
) -> None:
    services = [
        lsm.create_service("ImportantCustomerService", orders.order(order_id, "nut"), auto_transfer=False)
        for order_id in ("A1", "A2")
    ]

    for service in services:
        lsm.validating_compile(service.id)

    candidates = [service.candidate_attributes for service in services if service.candidate_attributes is not None]
    assert len({candidate["service_id"] for candidate in candidates}) == 2
    assert len({candidate["items"][0]["service_item_id"] for candidate in candidates}) == 2


def test_ids_stay_with_what_they_were_given_to_when_items_come_and_go(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))
    service.state = "up"
    before = service.active_attributes
    assert before is not None

    lsm.update_service(service.id, orders.with_items(before, "gear", "bolt"))

    after = service.active_attributes
    assert after is not None
    ids = {item["name"]: item["service_item_id"] for item in after["items"]}
    before_ids = {item["name"]: item["service_item_id"] for item in before["items"]}
    assert ids["bolt"] == before_ids["bolt"]
    assert ids["gear"] not in before_ids.values(), "the id of the removed item is in use until the update is done"
    assert after["service_id"] == before["service_id"]
    assert after["documentation"] == before["documentation"]


def test_an_id_is_free_again_once_the_service_is_gone(lsm: lsm_project_module.LsmProject) -> None:
    first = lsm.create_service("BasicService", {"name": "first"})
    lsm.create_service("BasicService", {"name": "second"})
    first.state, first.deleted = "terminated", True

    third = lsm.create_service("BasicService", {"name": "third"})

    assert third.active_attributes is not None
    assert third.active_attributes["unique_id"] == 0


def test_a_number_that_one_range_gives_is_not_taken_from_another(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, model: str
) -> None:
    one = {"start": 0, "end": 0}
    configure(
        {
            "basic_service": {"unique_id_range": one},
            "important_customer_service": {"service_id_range": one, "service_item_id_range": one},
        }
    )
    lsm_project.export_service_entities(model)

    basic = lsm_project.create_service("BasicService", {"name": "first"})
    order = lsm_project.create_service("ImportantCustomerService", orders.order("A1", "nut"))

    assert basic.active_attributes is not None
    assert order.active_attributes is not None
    assert (basic.active_attributes["unique_id"], order.active_attributes["service_id"], item_ids(order)) == (0, 0, [0])


def test_ids_come_from_the_configured_ranges_both_ends_included(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, model: str
) -> None:
    configure({"basic_service": {"unique_id_range": {"start": 7, "end": 8}}})
    lsm_project.export_service_entities(model)

    services = [lsm_project.create_service("BasicService", {"name": name}) for name in ("first", "second")]

    assert [service.active_attributes["unique_id"] for service in services if service.active_attributes] == [7, 8]
