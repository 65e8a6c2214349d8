"""The life of a service instance, as a user of the module sees it."""

import uuid
from typing import Any

import pytest
from inmanta.protocol.common import Result
from inmanta_lsm.model import AttributeOperation, ServiceInstance
from inmanta_plugins.lsm import global_cache
from pytest_inmanta.plugin import Project
from pytest_inmanta_lsm.lsm_project import LsmProject, get_resource_sets, perform_attribute_operation

MODEL = """
import lsm
import lsm::fsm
import std::testing

entity Service extends lsm::ServiceEntity:
    string name
    lsm::attribute_modifier name__modifier = "rw"
end
Service.files [0:] lsm::__rwplus__ File._service [1]

entity File extends lsm::EmbeddedEntity, lsm::ServiceBase:
    string name
    string content = ""
    lsm::attribute_modifier content__modifier = "rw+"
    bool _added = false
    bool _removed = false
end
index File(_service, name)

implementation deploy for Service:
    self.resources += std::testing::NullResource(
        name=self.name, agentname="service", purged=self.purge_resources, requires=self.requires, provides=self.provides,
    )
    self.owned_resources += self.resources
end
implementation deploy_file for File:
    self.parent = self._service
    self.resources += std::testing::NullResource(
        name=self.name,
        agentname="file",
        purged=self.purge_resources or self._removed,
        requires=self.requires,
        provides=self.provides,
    )
end
implement Service using deploy, parents
implement File using deploy_file, parents

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Service",
    service_entity_name="service",
    lifecycle=lsm::fsm::simple,
    service_identity="name",
)
for instance in lsm::all(binding, include_purged_embedded_entities=true):
    Service(
        instance_id=instance["id"],
        entity_binding=binding,
        name=instance["attributes"]["name"],
        files=[File(**file) for file in instance["attributes"]["files"]],
    )
end
"""


@pytest.fixture(params=["full", "partial", "partial with the compiler reused"])
def any_project(request: pytest.FixtureRequest, project: Project, monkeypatch: pytest.MonkeyPatch) -> LsmProject:
    """The ways in which a suite of tests may compile."""
    return LsmProject(
        uuid.uuid4(),
        project,
        monkeypatch,
        partial_compile=request.param != "full",
        reuse_compiler="reused" in request.param,
    )


def files(lsm_project: LsmProject) -> dict[str, tuple[bool, bool, bool]]:
    """What the model made of the files: whether they are added, removed and purged, by name."""
    return {
        file.name: (file._added, file._removed, next(iter(file.resources)).purged)
        for file in lsm_project.project.get_instances("__config__::File")
    }


def resources(lsm_project: LsmProject, instance: ServiceInstance) -> set[str]:
    """The id values of the resources in the set of an instance, which is the only set."""
    sets = get_resource_sets(lsm_project.project)
    assert sets.keys() <= {str(instance.id)}
    return {resource.attribute_value for resource in sets[str(instance.id)]}


def move(lsm_project: LsmProject, instance: ServiceInstance, state: str, operation: AttributeOperation | None = None) -> None:
    """Take an instance to another state, the way the server does when resources were deployed or a user asked for it."""
    perform_attribute_operation(instance, operation)
    instance.version += 1
    instance.desired_state_version += 1
    instance.state = state
    instance.deleted = state == "terminated"
    lsm_project.exporting_compile([instance.id] if lsm_project.partial_compile else None)


NOTHING = (False, False, False)


@pytest.mark.filterwarnings("ignore:Compiler reuse")
def test_the_resources_of_a_service_follow_its_life(any_project: LsmProject) -> None:
    any_project.export_service_entities(MODEL)

    service = any_project.create_service("service", {"name": "s", "files": [{"name": "a"}, {"name": "b"}]})
    assert (service.state, service.candidate_attributes) == ("creating", None)
    assert files(any_project) == {"a": NOTHING, "b": NOTHING}
    assert resources(any_project, service) == {"s", "a", "b", str(service.id)}
    transfer: Any = any_project.project.get_resource("lsm::LifecycleTransfer")
    assert {resource.attribute_value for resource in transfer.requires} == {"s", "a", "b"}
    assert transfer.resources == sorted(str(resource) for resource in transfer.requires)
    assert (transfer.next_version, transfer.next_desired_state_version) == (
        service.version + 1,
        service.desired_state_version + 1,
    )

    move(any_project, service, "up")
    any_project.update_service(service.id, {"name": "s", "files": [{"name": "b", "content": "new"}, {"name": "c"}]})
    assert service.state == "update_inprogress"
    assert files(any_project) == {"a": (False, True, True), "b": NOTHING, "c": (True, False, False)}
    assert resources(any_project, service) == {"s", "a", "b", "c", str(service.id)}

    move(any_project, service, "update_failed")
    move(any_project, service, "rollback", AttributeOperation.ROLLBACK)
    assert files(any_project) == {"a": (True, False, False), "b": NOTHING, "c": (False, True, True)}
    assert resources(any_project, service) == {"s", "a", "b", "c", str(service.id)}

    move(any_project, service, "up", AttributeOperation.CLEAR_CANDIDATE)
    assert files(any_project) == {"a": NOTHING, "b": NOTHING}
    any_project.post_partial_compile_validation(
        service.id, shared_resource_patterns=[], owned_resource_patterns=[".*"], additional_services=[]
    )

    move(any_project, service, "deleting")
    assert files(any_project) == {"a": (False, False, True), "b": (False, False, True)}
    deleting: list[Any] = list(any_project.project.resources.values())
    assert {(resource.id.entity_type, resource.purged) for resource in deleting} == {
        ("std::testing::NullResource", True),
        ("lsm::LifecycleTransfer", False),
    }

    move(any_project, service, "terminated")
    assert get_resource_sets(any_project.project) == {}
    any_project.validating_compile(service.id)
    assert get_resource_sets(any_project.project) == {}


def test_an_update_is_compared_with_what_is_deployed_while_it_is_validated(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(MODEL)
    service = lsm_project.create_service("service", {"name": "s", "files": [{"name": "a"}]})
    other = lsm_project.create_service("service", {"name": "o", "files": [{"name": "z"}]})
    service.state = other.state = "up"
    lsm_project.update_service(service.id, {"name": "s", "files": [{"name": "b"}]}, auto_transfer=False)

    lsm_project.validating_compile(service.id)
    assert files(lsm_project) == {"a": (False, True, True), "b": (True, False, False), "z": NOTHING}

    # For others the update does not exist before it is validated.
    lsm_project.validating_compile(other.id)
    assert files(lsm_project) == {"a": NOTHING, "z": NOTHING}


SINGLE_MODEL = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
    string name
end
Service.tracked [0:1] lsm::__rwplus__ Tracked
Service.plain [0:1] lsm::__rwplus__ Plain
entity Tracked extends lsm::EmbeddedEntity:
    string color
    bool is_gone = false
end
entity Plain extends lsm::EmbeddedEntity:
    string color
end
implement Service using parents
implement Tracked using std::none
implement Plain using std::none

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Service", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
for instance in lsm::all(binding, include_purged_embedded_entities=true, removed_attribute="is_gone"):
    attributes = instance["attributes"]
    Service(
        instance_id=instance["id"],
        entity_binding=binding,
        name=attributes["name"],
        tracked=attributes["tracked"] == null ? null : Tracked(**attributes["tracked"]),
        plain=attributes["plain"] == null ? null : Plain(**attributes["plain"]),
    )
end
"""


def test_a_removed_single_entity_is_put_back_when_its_entity_can_say_so(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(SINGLE_MODEL)
    attributes = {"name": "s", "tracked": {"color": "red"}, "plain": {"color": "blue"}}
    service = lsm_project.create_service("service", attributes)
    tracked = lsm_project.project.get_instances("__config__::Tracked")
    assert [(one.color, one.is_gone) for one in tracked] == [("red", False)]
    assert len(lsm_project.project.get_instances("__config__::Plain")) == 1

    service.state = "up"
    lsm_project.update_service(service.id, {"name": "s", "tracked": None, "plain": None})
    tracked = lsm_project.project.get_instances("__config__::Tracked")
    assert [(one.color, one.is_gone) for one in tracked] == [("red", True)]
    assert len(lsm_project.project.get_instances("__config__::Plain")) == 0


PLAIN_MODEL = """
import lsm
import lsm::fsm
import std::testing

entity Service extends lsm::ServiceEntity:
    string name
    string _state = "other"
end
implement Service using parents
implement Service using starting when lsm::has_current_state(self, "creating")
implementation starting for Service:
    self.resources += std::testing::NullResource(name="being created", agentname="a")
    self.owned_resources += self.resources
end

binding = lsm::ServiceEntityBinding(
    service_entity="__config__::Service", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
lsm::set_suggested_values("names", ["one", {"label": "Two", "value": "two"}])
for instance in lsm::all(binding, include_purged_embedded_entities=true):
    Service(instance_id=instance["id"], entity_binding=binding, **instance["attributes"])
end
"""


def test_a_service_without_embedded_entities_may_ask_for_tracking_and_for_its_state(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(PLAIN_MODEL)
    service = lsm_project.create_service("service", {"name": "s"})
    assert resources(lsm_project, service) == {"being created", str(service.id)}
    move(lsm_project, service, "up")
    assert resources(lsm_project, service) == {str(service.id)}


def test_suggested_values_are_stored_unless_an_instance_is_validated(
    lsm_project: LsmProject, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored: list[dict[str, Any]] = []

    def set_param(**parameter: Any) -> Result[Any]:
        stored.append(parameter)
        return Result(code=200 if len(stored) == 1 else 500, result={})

    monkeypatch.setattr(global_cache.get_client(), "set_param", set_param, raising=False)
    lsm_project.export_service_entities(PLAIN_MODEL)
    values = ["one", {"label": "Two", "value": "two"}]
    parameter = {"id": "names", "value": "metadata", "source": "user", "metadata": {"values": values}}
    assert stored == [{"tid": lsm_project.environment, **parameter}]
    assert "could not be stored" not in caplog.text

    service = lsm_project.create_service("service", {"name": "s"}, auto_transfer=False)
    lsm_project.validating_compile(service.id)
    assert len(stored) == 1

    # A server that refuses does not fail the compile.
    lsm_project.exporting_compile()
    assert len(stored) == 2
    assert "The suggested values of parameter names could not be stored: 500" in caplog.text
