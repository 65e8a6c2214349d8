"""
Mocked tests of what goes wrong before anything is deployed: creations and updates that the validation rejects. See
``test_basic_service.py`` for what mocked tests are good for.
"""

import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import configuration_file, orders


@pytest.fixture
def narrow(
    lsm_project: lsm_project_module.LsmProject, configure: configuration_file.Configure, model: str
) -> lsm_project_module.LsmProject:
    """Both services, with ranges that hold a single id each."""
    one = {"start": 4, "end": 4}
    configure(
        {
            "basic_service": {"unique_id_range": one},
            "important_customer_service": {"service_id_range": {"start": 0, "end": 9}, "service_item_id_range": one},
        }
    )
    lsm_project.export_service_entities(model)
    return lsm_project


def only_instance(lsm: lsm_project_module.LsmProject, identity: str, value: str) -> object:
    """:return: the instance of the inventory whose identity has this value"""
    (instance,) = (service for service in lsm.services.values() if (service.candidate_attributes or {}).get(identity) == value)
    return instance


def test_a_used_up_range_rejects_the_new_service_with_one_clear_error(narrow: lsm_project_module.LsmProject) -> None:
    first = narrow.create_service("BasicService", {"name": "first"})

    with pytest.raises(Exception, match=r"from 4 to 4 .* unique_id of .*BasicService"):
        narrow.create_service("BasicService", {"name": "second"})

    second = only_instance(narrow, "name", "second")
    assert second.state == "rejected"  # type: ignore[attr-defined]
    # All others go on as if nothing had happened.
    narrow.exporting_compile()
    assert lsm_project_module.get_resource_sets(narrow.project).keys() == {str(first.id)}
    first.state = "up"
    assert first.active_attributes is not None
    narrow.update_service(first.id, {**first.active_attributes, "description": "still alive"})
    assert first.state == "update_inprogress"


def test_a_range_of_item_ids_that_is_used_up_names_the_item(narrow: lsm_project_module.LsmProject) -> None:
    with pytest.raises(Exception, match=r"from 4 to 4 .*service_item_id of .*ImportantCustomerService"):
        narrow.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))

    assert only_instance(narrow, "order_id", "A1").state == "rejected"  # type: ignore[attr-defined]


def test_an_update_that_needs_more_ids_than_there_are_is_rejected(narrow: lsm_project_module.LsmProject) -> None:
    service = narrow.create_service("ImportantCustomerService", orders.order("A1", "nut"))
    service.state = "up"
    before = service.active_attributes
    assert before is not None

    with pytest.raises(Exception, match=r"service_item_id of .*ImportantCustomerService"):
        narrow.update_service(service.id, orders.with_items(before, "nut", "bolt"))

    assert service.state == "update_rejected"
    assert service.active_attributes == before
    narrow.exporting_compile()
    assert str(service.id) in lsm_project_module.get_resource_sets(narrow.project)


def test_a_second_service_with_the_same_identity_is_rejected(lsm: lsm_project_module.LsmProject) -> None:
    # The orchestrator refuses it already when it is created; the simulated inventory does not, so that the model has to.
    first = lsm.create_service("BasicService", {"name": "same"})

    with pytest.raises(Exception, match=r"instance_id.*BasicService"):
        lsm.create_service("BasicService", {"name": "same"})

    assert first.state == "creating"
    assert [service.state for service in lsm.services.values()] == ["creating", "rejected"]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"order_id": "no spaces allowed"}, "order_id"),
        ({"items": [{"name": "nut", "priority": "LATER"}]}, "priority"),
        ({"items": [{"name": "nut"}, {"name": "nut"}]}, "ServiceItem"),
    ],
    ids=["identity that is no word", "unknown priority", "two items of one name"],
)
def test_attributes_that_break_the_models_rules_reject_the_service(
    lsm: lsm_project_module.LsmProject, attributes: dict[str, object], message: str
) -> None:
    with pytest.raises(Exception, match=f"(?s){message}"):
        lsm.create_service("ImportantCustomerService", {**orders.order("A1", "nut"), **attributes})

    (service,) = lsm.services.values()
    assert service.state == "rejected"
