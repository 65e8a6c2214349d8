"""
Full tests run on a real orchestrator: it compiles, its agents deploy, and the states follow from what really happened. They
take tens of seconds each, so they show that a whole service works, and leave the details to the mocked tests.

They start an orchestrator of their own, unless the options or variables of pytest-inmanta-lsm name another one.

This file: the service that does nothing.
"""

import inmanta_lsm.model
import pytest
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module
from pytest_inmanta_lsm import remote_service_instance

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


@pytest.mark.usefixtures("deployed")
def test_a_basic_service_is_created_updated_and_deleted(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator,
) -> None:
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "BasicService")

    created = instance.create({"name": "first"}, wait_for_state="up")
    assert created.active_attributes == {"name": "first", "description": None, "unique_id": 0}

    updated = instance.update(
        [inmanta_lsm.model.PatchCallEdit(edit_id="1", operation="replace", target="description", value="changed")],
        wait_for_state="up",
    )
    assert updated.active_attributes == {"name": "first", "description": "changed", "unique_id": 0}

    deleted = instance.delete(wait_for_state="terminated")
    assert deleted.deleted
    listed = remote_orchestrator.client.lsm_services_list(tid=remote_orchestrator.environment, service_entity="BasicService")
    assert listed.code == 200
    assert listed.result is not None
    assert listed.result["data"] == []
