"""
Mocked tests of names that can't be those of files: the validation rejects them, so that they never get as far as a deployment.
See ``test_basic_service.py`` for what mocked tests are good for.
"""

import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import orders

BAD_NAMES = {"slash": "../up", "bracket": "a]b", "length": "x" * 251}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_an_item_whose_name_can_not_be_that_of_a_file_is_rejected(lsm: lsm_project_module.LsmProject, name: str) -> None:
    with pytest.raises(Exception, match="can't be the name of a file: choose a name"):
        lsm.create_service("ImportantCustomerService", orders.order("A1", name))

    (service,) = lsm.services.values()
    assert service.state == "rejected"


def test_an_order_whose_name_can_not_be_that_of_a_file_is_rejected(lsm: lsm_project_module.LsmProject) -> None:
    with pytest.raises(Exception, match=r"'A/1' can't be the name of a file: choose a name without / and \]\."):
        lsm.create_service("ImportantCustomerService", orders.order("A/1"))


def test_all_other_characters_are_welcome_in_names(lsm: lsm_project_module.LsmProject) -> None:
    name = "a=b.*[c\\,{d}'\"`"

    service = lsm.create_service("ImportantCustomerService", orders.order("A1", name, "other"))

    attributes = service.active_attributes
    assert attributes is not None
    assert None not in {item["service_item_id"] for item in attributes["items"]}
    lsm.compile()
    assert f"fs::Symlink[localhost,dst=/tmp/orders/order-{attributes['service_id']}/items/{name}.json]" in {
        resource.id.resource_str() for resource in lsm.project.resources.values()
    }
