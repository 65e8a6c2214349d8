"""
Full tests of the service that manages files: what is really on the disk after each step. See ``test_basic_service.py`` for
what full tests are good for.
"""

import inmanta_lsm.model
import pytest
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module
from pytest_inmanta_lsm import remote_service_instance

from tests import deployment, orders

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


@pytest.mark.parametrize("partial_compile", [False, True], ids=["full compile", "partial compile"], indirect=True)
def test_an_order_is_created_updated_and_deleted_with_all_its_files(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")

    created = instance.create(orders.order("A1", "nut", "bolt"), wait_for_state="up")
    assert created.active_attributes is not None
    deployed.assert_deployed(created.active_attributes)

    updated = instance.update(
        [
            inmanta_lsm.model.PatchCallEdit(edit_id="1", operation="remove", target="items[name=nut]"),
            inmanta_lsm.model.PatchCallEdit(
                edit_id="2", operation="merge", target="items", value=[{"name": "gear", "priority": "HIGH"}]
            ),
            inmanta_lsm.model.PatchCallEdit(
                edit_id="3", operation="replace", target="documentation.description", value="Größe: 5 µm"
            ),
        ],
        wait_for_state="up",
    )
    attributes = updated.active_attributes
    assert attributes is not None
    assert {item["name"]: item["priority"] for item in attributes["items"]} == {"bolt": "NORMAL", "gear": "HIGH"}
    assert attributes["documentation"]["description"] == "Größe: 5 µm"
    deployed.assert_deployed(attributes)

    instance.delete(wait_for_state="terminated")
    deployed.assert_deployed()
