"""Allocation specifications of a user's module, as bindings name them."""

import pathlib
from typing import Any

import pytest
from pytest_inmanta_lsm.lsm_project import LsmProject

PLUGINS = """
from inmanta_plugins.lsm.allocation import AllocationSpec, AnyUniqueInt, ExternalServiceIdAllocator, LSM_Allocator
from inmanta_plugins.lsm.allocation import AllocationSpecV2
from inmanta_plugins.lsm.allocation_v2 import dict_path
from inmanta_plugins.lsm.allocation_v2.framework import AllocatorV2, ContextV2, ContextV2Wrapper, ForEach


class Label(ExternalServiceIdAllocator[str]):
    def allocate_for_id(self, serviceid):
        return f"label of {serviceid}"


class Twice(AllocatorV2):
    def __init__(self, attribute):
        self.attribute = dict_path.to_path(attribute)

    def needs_allocation(self, context):
        return context.get_instance().get(self.attribute) is None

    def allocate(self, context):
        context.set_value(self.attribute, 2 * context.get_instance()["id"])


AllocationSpec("flat", LSM_Allocator(attribute="vlan", strategy=AnyUniqueInt(lower=1, upper=2)), Label("label"))
AllocationSpecV2(
    "nested",
    ContextV2Wrapper(
        "stored", ForEach(item="item", in_list="items", identified_by="id", apply=[Twice("twice")]), track_deletes=True
    ),
)
"""

MODEL = """
import lsm
import lsm::fsm
import specification_user

entity Flat extends lsm::ServiceEntity:
    string name
    int? vlan
    lsm::attribute_modifier vlan__modifier = "r"
    string? label
    lsm::attribute_modifier label__modifier = "r"
end
implement Flat using std::none

entity Nested extends lsm::ServiceEntity:
    dict? stored
    lsm::attribute_modifier stored__modifier = "r"
    lsm::attribute_modifier name__modifier = "rw"
    string name
end
Nested.items [0:] lsm::__rwplus__ Item
entity Item extends lsm::EmbeddedEntity:
    int id
    int? twice = null
    lsm::attribute_modifier twice__modifier = "r"
end
implement Nested using std::none
implement Item using std::none

flat = lsm::ServiceEntityBinding(
    service_entity="__config__::Flat", service_entity_name="flat", lifecycle=lsm::fsm::simple, allocation_spec="flat"
)
nested = lsm::ServiceEntityBinding(
    service_entity="__config__::Nested", service_entity_name="nested", lifecycle=lsm::fsm::simple, allocation_spec="nested"
)
for instance in lsm::all(flat):
    Flat(instance_id=instance["id"], entity_binding=flat, **instance["attributes"])
end
for instance in lsm::context_v2_unwrapper(lsm::all(nested), fallback_attribute="stored", track_deletes=true):
    Nested(
        instance_id=instance["id"],
        entity_binding=nested,
        name=instance["attributes"]["name"],
        stored=instance["attributes"]["stored"],
        items=[Item(**item) for item in instance["attributes"]["items"]],
    )
end
"""


@pytest.fixture
def specified(lsm_project: LsmProject) -> LsmProject:
    """A project with a module of a user, that registers specifications when it is imported."""
    # The directory of the project is the same for all tests.
    if not (pathlib.Path(lsm_project.project._test_project_dir) / "libs" / "specification_user").exists():
        lsm_project.project.create_module("specification_user", initcf="import lsm\n", initpy=PLUGINS)
    lsm_project.export_service_entities(MODEL)
    return lsm_project


def active(instance: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = instance.active_attributes
    return attributes


def test_attributes_are_allocated_while_instances_are_unrolled(specified: LsmProject) -> None:
    services = [specified.create_service("flat", {"name": name}) for name in "ab"]
    assert {active(service)["vlan"] for service in services} == {1, 2}
    assert [active(service)["label"] for service in services] == [f"label of {service.id}" for service in services]
    assert {(flat.name, flat.vlan) for flat in specified.project.get_instances("__config__::Flat")} == {
        (active(service)["name"], active(service)["vlan"]) for service in services
    }


def test_values_of_embedded_entities_are_stored_and_put_back(specified: LsmProject) -> None:
    service = specified.create_service("nested", {"name": "n", "items": [{"id": 1}, {"id": 2}]})
    assert active(service)["stored"] == {"items[id=1].twice": 2, "items[id=2].twice": 4}

    service.state = "up"
    specified.update_service(service.id, {**active(service), "items": [{"id": 2}, {"id": 3}]})
    assert active(service)["stored"] == {"items[id=2].twice": 4, "items[id=3].twice": 6}
    items = specified.project.get_instances("__config__::Item")
    assert sorted((item.id, item.twice) for item in items) == [(2, 4), (3, 6)]
