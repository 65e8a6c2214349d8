"""
Acceptance tests: the whole product, as a user has it.

A real orchestrator, started by the stock fixture, compiles and deploys, and the clients of pytest-inmanta-lsm drive it. They
take long, so they show what only the whole can show, and leave the details to the tests of the parts.

This file: two services, a site that owns racks, and the orchestrator that has them in its catalog.
"""

import pytest
from inmanta_embedded import Orchestrator
from pytest_inmanta.plugin import Project
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

from ..helpers.desired_state import DesiredState

# Racks of the same position in the same site, and sites of the same name, cannot be in one model.
MODEL = """
import lsm
import lsm::fsm
import std
import unittest_lsm

entity Site extends lsm::ServiceEntity:
    string name
    string? note = null
    lsm::attribute_modifier note__modifier = "rw+"
end
index Site(name)
index Site(instance_id)
implement Site using parents, site_resource
implementation site_resource for Site:
    self.resources += unittest_lsm::Resource(
        name=f"site {self.name} {self.note}", purged=self.purge_resources, send_event=true
    )
    self.owned_resources += self.resources
end

entity Rack extends lsm::ServiceEntity:
    int position
end
Rack.site [1] lsm::__service__ Site
index Rack(site, position)
implement Rack using parents, rack_resource
implementation rack_resource for Rack:
    self.resources += unittest_lsm::Resource(
        name=f"rack {self.position} of {self.site.name}", purged=self.purge_resources, send_event=true
    )
    self.owned_resources += self.resources
end

site = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Site", service_entity_name="site", lifecycle=lsm::fsm::simple
)
rack = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Rack", service_entity_name="rack", lifecycle=lsm::fsm::simple,
    owner=site, relation_to_owner="site",
)
for instance in lsm::all(site):
    Site(instance_id=instance["id"], entity_binding=site, **instance["attributes"])
end
for instance in lsm::all(rack):
    Rack(
        instance_id=instance["id"], entity_binding=rack, position=instance["attributes"]["position"],
        site=Site[instance_id=instance["attributes"]["site"]],
    )
end
"""


@pytest.fixture
def partial_compile(request: pytest.FixtureRequest) -> bool:
    """Whether partial compile is on: what the test asks for."""
    return bool(request.param)


@pytest.fixture
def remote_orchestrator_settings(partial_compile: bool) -> dict[str, str | int | bool]:
    """The settings of the environment, besides those that pytest-inmanta-lsm makes."""
    return {"lsm_partial_compile": partial_compile}


@pytest.fixture
def orchestrator(project: Project, remote_orchestrator: RemoteOrchestrator, unittest_lsm: None) -> RemoteOrchestrator:
    """The orchestrator, with the project of the two services and nothing in its catalog."""
    project.compile(MODEL)
    remote_orchestrator.sync_project()
    return remote_orchestrator


@pytest.fixture
def catalog(orchestrator: RemoteOrchestrator) -> RemoteOrchestrator:
    """The same, with the two services in its catalog."""
    orchestrator.export_service_entities()
    return orchestrator


@pytest.fixture
def desired_state(orchestrator: RemoteOrchestrator, embedded_orchestrator: Orchestrator) -> DesiredState:
    """What the orchestrator has exported."""
    return DesiredState(orchestrator, embedded_orchestrator)
