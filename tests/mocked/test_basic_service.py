"""
Mocked tests compile the model as the orchestrator would, with the inventory simulated by the ``lsm_project`` fixture: no
server, nothing is deployed, a second or two per compile. They show what each state of a service emits and which values
are allocated. Most of what can be wrong with a service module is found here, so this is where most of its tests belong.

This file: the service that does nothing.
"""

import importlib
from typing import Any

import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module


def test_a_new_service_is_validated_and_activated_with_its_id(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("BasicService", {"name": "first"})

    assert service.state == "creating"
    assert service.active_attributes == {"name": "first", "description": None, "unique_id": 0}
    assert service.candidate_attributes is None


def test_an_update_changes_the_description_and_keeps_the_id(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("BasicService", {"name": "first"})
    service.state = "up"

    assert service.active_attributes is not None
    lsm.update_service(service.id, {**service.active_attributes, "description": "changed"})

    assert service.state == "update_inprogress"
    assert service.active_attributes == {"name": "first", "description": "changed", "unique_id": 0}
    assert service.rollback_attributes == {"name": "first", "description": None, "unique_id": 0}


def test_the_service_has_a_resource_set_as_long_as_it_exists(lsm: lsm_project_module.LsmProject) -> None:
    service = lsm.create_service("BasicService", {"name": "first"})
    transfer = f"lsm::LifecycleTransfer[internal,instance_id={service.id}]"

    for state in ("creating", "up", "deleting"):
        service.state = state
        lsm.exporting_compile()
        resource_sets = lsm_project_module.get_resource_sets(lsm.project)
        assert [str(resource) for resource in resource_sets[str(service.id)]] == [transfer], state

    service.state, service.deleted = "terminated", True
    lsm.exporting_compile()
    assert lsm_project_module.get_resource_sets(lsm.project) == {}


def test_what_it_costs_to_export_a_service_does_not_depend_on_how_many_there_are(
    lsm: lsm_project_module.LsmProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = lsm.create_service("BasicService", {"name": "first"})
    # As it is now: a compile of another project imports the module anew.
    client = importlib.import_module("inmanta_plugins.lsm").global_cache.get_client()
    listing = client.lsm_services_list
    listed: list[str] = []

    def lsm_services_list(tid: str, service_entity: str, **options: Any) -> Any:
        listed.append(service_entity)
        return listing(tid, service_entity, **options)

    monkeypatch.setattr(client, "lsm_services_list", lsm_services_list, raising=False)
    lsm.partial_compile = True

    lsm.exporting_compile([service.id])
    assert listed == []

    # An allocation has to know which numbers are in use.
    second = lsm.create_service("BasicService", {"name": "second"})
    assert second.active_attributes is not None
    assert second.active_attributes["unique_id"] == 1
    assert "BasicService" in listed
