"""How the resources of the parts of a service get to the service, and its purge flag to the parts."""

from typing import Any

import pytest
from inmanta.ast import CompilerException
from inmanta_lsm.model import ServiceInstance
from pytest_inmanta_lsm.lsm_project import LsmProject

# A service with parts in parts. Each part is wired in another way that models use.
NESTED = """
import lsm
import lsm::fsm
import std
import std::testing

entity Site extends lsm::ServiceEntity:
    string name
end
index Site(instance_id)
Site.racks [0:] lsm::__rwplus__ Rack._site [1]
implementation site for Site:
    own = std::testing::NullResource(
        agentname="a", name="site", fail=self.purge_resources, requires=self.requires, provides=self.provides
    )
    self.resources = [own]
    self.owned_resources = [own]
end
implement Site using site, parents

# Hooked up by the module.
entity Rack extends lsm::EmbeddedEntity, lsm::ServiceBase:
    string name
end
index Rack(_site, name)
Rack.boards [0:] lsm::__rwplus__ Board._rack [1]
Rack.fans [0:] lsm::__rwplus__ Fan._rack [1]
implementation rack for Rack:
    self.parent = self._site
    own = std::testing::NullResource(
        agentname="a", name=self.name, fail=self.purge_resources, requires=self.requires, provides=self.provides
    )
    self.resources += [own, shared]
    self.owned_resources += own
end
implement Rack using rack, parents

# Hooked up by the model.
entity Board extends lsm::EmbeddedEntity, lsm::ServiceBase:
    string name
end
index Board(_rack, name)
implementation board for Board:
    self.purge_resources = self._rack.purge_resources
    self.resources += std::testing::NullResource(agentname="a", name=self.name, fail=self.purge_resources)
    self.owned_resources += self.resources
    self._rack.resources += self.resources
    self._rack.owned_resources += self.owned_resources
end
implement Board using board, parents

# Not hooked up at all.
entity Fan extends lsm::EmbeddedEntity, lsm::ServiceBase:
    string name
end
index Fan(_rack, name)
implementation fan for Fan:
    self.resources += std::testing::NullResource(agentname="a", name=self.name, fail=self.purge_resources)
end
implement Fan using fan, parents

shared = std::testing::NullResource(agentname="a", name="shared")
before = std::testing::NullResource(agentname="a", name="before")
after = std::testing::NullResource(agentname="a", name="after")

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Site", service_entity_name="site", lifecycle=lsm::fsm::simple
)
for instance in lsm::all(binding):
    Site(
        instance_id=instance["id"],
        entity_binding=binding,
        name=instance["attributes"]["name"],
        requires=[before],
        provides=[after],
        racks=[
            Rack(
                name=rack["name"],
                boards=[Board(**board) for board in rack["boards"]],
                fans=[Fan(**fan) for fan in rack["fans"]],
            )
            for rack in instance["attributes"]["racks"]
        ],
    )
end
"""
ATTRIBUTES = {
    "name": "s",
    "racks": [
        {"name": "rack1", "boards": [{"name": "board1"}, {"name": "board2"}], "fans": [{"name": "fan"}]},
        {"name": "rack2", "boards": [], "fans": []},
    ],
}


def deploy(lsm_project: LsmProject, service: str, attributes: dict[str, Any], state: str = "up") -> ServiceInstance:
    """An instance in an exporting state; it takes part in the next compile."""
    instance = lsm_project.create_service(service, attributes, auto_transfer=False)
    instance.active_attributes, instance.candidate_attributes = instance.candidate_attributes, None
    instance.state = state
    return instance


def requirements(lsm_project: LsmProject) -> dict[str, set[str]]:
    """The names of the required resources by name, the transfer is called transfer."""

    def name(resource_id: Any) -> str:
        return "transfer" if resource_id.entity_type == "lsm::LifecycleTransfer" else resource_id.attribute_value

    resources = lsm_project.project.resources
    return {name(rid): {name(required) for required in resource.requires} for rid, resource in resources.items()}


def resource_set(lsm_project: LsmProject, name: object) -> set[str]:
    exporter = lsm_project.project._exporter
    assert exporter is not None
    return {
        "transfer" if "LifecycleTransfer" in rid else rid.split("name=")[1].rstrip("]")
        for rid, owner in exporter._resource_sets.items()
        if owner == str(name)
    }


def purged(lsm_project: LsmProject) -> set[str]:
    """The names of the resources that got the purge flag."""
    resources: list[Any] = list(lsm_project.project.resources.values())
    return {resource.name for resource in resources if getattr(resource, "fail", False)}


def test_parts_are_hooked_up_to_their_service_at_any_depth(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(NESTED)
    service = deploy(lsm_project, "site", ATTRIBUTES)

    lsm_project.exporting_compile()

    required = requirements(lsm_project)
    assert required["transfer"] == {"site", "rack1", "rack2", "board1", "board2", "shared"}
    assert resource_set(lsm_project, service.id) == {"transfer", "site", "rack1", "rack2", "board1", "board2"}
    assert required["site"] == required["rack1"] == required["rack2"] == {"before"}
    assert required["after"] == {"site", "rack1", "rack2"}
    assert required["board1"] == required["fan"] == set()


def test_the_purge_flag_of_the_state_reaches_the_parts_that_are_hooked_up(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(NESTED)
    service = deploy(lsm_project, "site", ATTRIBUTES)
    lsm_project.exporting_compile()
    assert purged(lsm_project) == set()

    service.state = "deleting"
    lsm_project.exporting_compile()

    assert purged(lsm_project) == {"site", "rack1", "rack2", "board1", "board2"}


def test_the_transfer_tells_the_next_versions_and_is_never_purged(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(NESTED)
    service = deploy(lsm_project, "site", ATTRIBUTES, "deleting")
    service.version = 7
    service.desired_state_version = 4
    lsm_project.exporting_compile()

    transfer: Any = lsm_project.project.get_resource("lsm::LifecycleTransfer")
    assert str(transfer.id).startswith(f"lsm::LifecycleTransfer[internal,instance_id={service.id}]")
    assert (transfer.service_entity, transfer.instance_id) == ("site", str(service.id))
    assert transfer.resources == sorted(required.resource_str() for required in transfer.requires)
    assert len(transfer.resources) == 6
    assert (transfer.next_version, transfer.next_desired_state_version) == (8, 5)
    assert not any([transfer.purged, transfer.purge_on_delete, transfer.send_event, transfer.report_only])
    assert transfer.receive_events is True


def test_services_and_parts_implemented_by_none_have_no_transfer_and_no_set_and_are_not_purged(
    lsm_project: LsmProject,
) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm
import std
import std::testing

entity Bare extends lsm::ServiceEntity:
end
implement Bare using std::none
Bare.parts [0:] -- Part._service [1]
entity Part extends lsm::EmbeddedEntity, lsm::ServiceBase:
end
implement Part using std::none
Part.inner [0:] -- Inner._part [1]
entity Inner extends lsm::EmbeddedEntity, lsm::ServiceBase:
end
implementation inner for Inner:
    self.parent = self._part
    self.resources += std::testing::NullResource(agentname="a", name="inner", fail=self.purge_resources)
end
implement Inner using inner, parents

binding = lsm::ServiceEntityBinding(
    service_entity="__config__::Bare", service_entity_name="bare", lifecycle=lsm::fsm::simple
)
for instance in lsm::all(binding):
    Bare(instance_id=instance["id"], entity_binding=binding, parts=[Part(inner=[Inner()])])
end
""")
    service = deploy(lsm_project, "bare", {"parts": []})

    lsm_project.exporting_compile()

    assert requirements(lsm_project) == {"inner": set()}
    assert resource_set(lsm_project, service.id) == set()
    assert purged(lsm_project) == set()


def test_two_entities_for_one_instance_share_transfer_and_set(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm
import std
import std::testing

entity Service extends lsm::ServiceEntity:
    string name
end
implementation service for Service:
    self.resources += std::testing::NullResource(agentname="a", name=self.name)
    self.owned_resources += self.resources
end
implement Service using service, parents

binding = lsm::ServiceEntityBinding(
    service_entity="__config__::Service", service_entity_name="s", lifecycle=lsm::fsm::simple
)
for instance in lsm::all(binding):
    Service(instance_id=instance["id"], entity_binding=binding, name="new")
    # Without binding the id is enough to know everything about the instance.
    Service(instance_id=instance["id"], name="old")
end
""")
    service = deploy(lsm_project, "s", {"name": "unused"})

    lsm_project.exporting_compile()

    assert requirements(lsm_project) == {"transfer": {"new", "old"}, "new": set(), "old": set()}
    assert resource_set(lsm_project, service.id) == {"transfer", "new", "old"}


def test_an_entity_for_an_instance_that_does_not_exist_is_refused(lsm_project: LsmProject) -> None:
    model = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
end
implement Service using parents
binding = lsm::ServiceEntityBinding(
    service_entity="__config__::Service", service_entity_name="s", lifecycle=lsm::fsm::simple
)
Service(instance_id="11111111-2222-3333-4444-555555555555", entity_binding=binding)
"""
    # While the catalog is exported no instance is looked up.
    lsm_project.export_service_entities(model)

    with pytest.raises(CompilerException, match="no service instance with id 11111111-2222-3333-4444-555555555555"):
        lsm_project.exporting_compile()


def test_a_service_that_is_part_of_another_one_keeps_its_own_flag_and_set(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm
import std
import std::testing

entity Outer extends lsm::ServiceEntity:
end
index Outer(instance_id)
implement Outer using parents
entity Inner extends lsm::ServiceEntity:
end
Inner.outer [1] lsm::__service__ Outer
implementation inner for Inner:
    self.parent = self.outer
    self.resources += std::testing::NullResource(agentname="a", name="inner", fail=self.purge_resources)
    self.owned_resources += self.resources
end
implement Inner using inner, parents

outer = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Outer", service_entity_name="outer", lifecycle=lsm::fsm::simple
)
inner = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Inner", service_entity_name="inner", lifecycle=lsm::fsm::simple
)
for instance in lsm::all(outer):
    Outer(instance_id=instance["id"], entity_binding=outer)
end
for instance in lsm::all(inner):
    Inner(
        instance_id=instance["id"],
        entity_binding=inner,
        outer=Outer[instance_id=instance["attributes"]["outer"]],
    )
end
""")
    outer = deploy(lsm_project, "outer", {})
    inner = deploy(lsm_project, "inner", {"outer": str(outer.id)}, "deleting")

    lsm_project.exporting_compile()

    assert purged(lsm_project) == {"inner"}
    assert resource_set(lsm_project, outer.id) == {"transfer"}
    assert resource_set(lsm_project, inner.id) == {"transfer", "inner"}
    transfers = [r for rid, r in lsm_project.project.resources.items() if rid.entity_type == "lsm::LifecycleTransfer"]
    assert [len(transfer.requires) for transfer in transfers] == [1, 1]
