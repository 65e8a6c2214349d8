"""Which resource sets a model emits: one per tree of services that own each other."""

import pytest
from inmanta.ast import CompilerException
from inmanta_lsm.model import ServiceInstance
from pytest_inmanta_lsm.lsm_project import LsmProject, get_resource_sets

# A campus owns buildings, which own rooms.
TREE = """
import lsm
import lsm::fsm
import std
import std::testing

entity Place extends lsm::ServiceEntity:
    string name
end
implementation place for Place:
    self.resources += std::testing::NullResource(agentname="a", name=self.name)
    self.owned_resources += self.resources
end
implement Place using parents, place

entity Campus extends Place:
end
index Campus(instance_id)
implement Campus using parents
entity Building extends Place:
end
index Building(instance_id)
implement Building using parents
Building.campus [1] lsm::__service__ Campus
entity Room extends lsm::ServiceEntity:
    string name
end
implement Room using parents
Room.building [1] lsm::__service__ Building

campus = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Campus", service_entity_name="campus", lifecycle=lsm::fsm::simple
)
building = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Building", service_entity_name="building", lifecycle=lsm::fsm::simple,
    owner=campus, relation_to_owner="campus",
)
room = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Room", service_entity_name="room", lifecycle=lsm::fsm::simple,
    owner=building, relation_to_owner="building",
)
for instance in lsm::all(campus):
    Campus(instance_id=instance["id"], entity_binding=campus, **instance["attributes"])
end
for instance in lsm::all(building):
    Building(
        instance_id=instance["id"], entity_binding=building, name=instance["attributes"]["name"],
        campus=Campus[instance_id=instance["attributes"]["campus"]],
    )
end
for instance in lsm::all(room):
    Room(
        instance_id=instance["id"], entity_binding=room, name=instance["attributes"]["name"],
        building=Building[instance_id=instance["attributes"]["building"]],
    )
end
"""


def sets(lsm_project: LsmProject) -> dict[str, set[str]]:
    """The resource sets: the values of the id attributes of what is in them, by name."""
    found = get_resource_sets(lsm_project.project)
    return {name: {resource.attribute_value for resource in resources} for name, resources in found.items()}


def plant(lsm_project: LsmProject, name: str) -> tuple[ServiceInstance, ServiceInstance, ServiceInstance]:
    campus = lsm_project.create_service("campus", {"name": f"{name} campus"}, auto_transfer=False)
    building = lsm_project.create_service(
        "building", {"name": f"{name} building", "campus": str(campus.id)}, auto_transfer=False
    )
    room = lsm_project.create_service("room", {"name": f"{name} room", "building": str(building.id)}, auto_transfer=False)
    for instance in (campus, building, room):
        instance.active_attributes, instance.candidate_attributes = instance.candidate_attributes, None
        instance.state = "up"
    return campus, building, room


def content(name: str, *instances: ServiceInstance) -> set[str]:
    return {str(instance.id) for instance in instances} | {f"{name} campus", f"{name} building"}


def test_a_tree_has_one_set_named_after_its_root_whatever_part_of_it_is_compiled(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(TREE)
    first, second = plant(lsm_project, "first"), plant(lsm_project, "second")
    expected = {str(first[0].id): content("first", *first), str(second[0].id): content("second", *second)}
    lsm_project.partial_compile = True

    lsm_project.exporting_compile()
    assert sets(lsm_project) == expected

    for instance in first:
        lsm_project.exporting_compile([instance.id])
        assert sets(lsm_project) == {str(first[0].id): expected[str(first[0].id)]}

    lsm_project.exporting_compile([first[2].id, second[1].id])
    assert sets(lsm_project) == expected

    lsm_project.validating_compile(second[2].id)
    assert sets(lsm_project) == {str(second[0].id): expected[str(second[0].id)]}


def test_what_is_terminated_is_in_no_set(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(TREE)
    campus, building, room = plant(lsm_project, "the")
    lsm_project.partial_compile = True
    room.state, room.deleted = "terminated", True

    lsm_project.exporting_compile([room.id])
    assert sets(lsm_project) == {str(campus.id): content("the", campus, building)}

    for instance in (campus, building):
        instance.state, instance.deleted = "terminated", True
    lsm_project.exporting_compile([room.id])
    assert sets(lsm_project) == {}
    lsm_project.validating_compile(room.id)
    assert sets(lsm_project) == {}


def test_an_instance_that_is_not_exported_has_no_transfer(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(TREE)
    campus = lsm_project.create_service("campus", {"name": "new"}, auto_transfer=False)

    lsm_project.validating_compile(campus.id)

    assert sets(lsm_project) == {str(campus.id): {"new"}}


GROUPS = """
import lsm
import lsm::fsm
import std
import std::testing

entity Group:
    string name
end
index Group(name)
Group.owned_resources [0:] -- std::Resource
implementation group for Group:
    std::ResourceSet(name=f"group:{self.name}", resources=self.owned_resources)
end
implement Group using group
entity Stranger:
end
implement Stranger using std::none

entity Member extends lsm::ServiceEntity:
    string name
end
Member._group [0:1] -- Group
Member._stranger [0:1] -- Stranger
implementation member for Member:
    self.owned_resources += std::testing::NullResource(agentname="a", name=self.name)
end
implement Member using member, parents
implement Member using grouped when self.name != "alone"
implementation grouped for Member:
    self._group = Group(name="g")
    self._stranger = Stranger()
end

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Member", service_entity_name="member", lifecycle=lsm::fsm::simple,
    relation_to_owner="_group",
)
for instance in lsm::all(binding):
    Member(instance_id=instance["id"], entity_binding=binding, **instance["attributes"])
end
"""


def test_the_owner_of_resources_may_be_an_entity_that_is_no_service(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(GROUPS)
    members = [lsm_project.create_service("member", {"name": name}, auto_transfer=False) for name in ("one", "two")]
    for member in members:
        member.active_attributes, member.state = member.candidate_attributes, "up"

    lsm_project.exporting_compile()

    assert sets(lsm_project) == {"group:g": {"one", "two", *(str(member.id) for member in members)}}


@pytest.mark.parametrize(
    ("name", "relation", "problem"),
    [
        ("alone", "_group", "its relation _group is not set"),
        ("one", "_nothing", "__config__::Member has no relation _nothing, which its binding gives as relation_to_owner"),
        ("one", "owned_resources", "relation owned_resources of __config__::Member may lead to more than one owner"),
        ("one", "_stranger", "__config__::Stranger, the target of its relation _stranger, has no relation owned_resources"),
    ],
)
def test_a_service_without_proper_owner_is_refused(lsm_project: LsmProject, name: str, relation: str, problem: str) -> None:
    lsm_project.export_service_entities(GROUPS)
    member = lsm_project.create_service("member", {"name": name}, auto_transfer=False)
    model = GROUPS.replace('relation_to_owner="_group"', f'relation_to_owner="{relation}"')

    with pytest.raises(CompilerException, match=problem) as refusal:
        lsm_project.validating_compile(member.id, model=model)

    assert str(member.id) in str(refusal.value)


def test_the_state_and_the_transfer_come_from_the_instance_whatever_version_its_entity_is_bound_to(
    lsm_project: LsmProject,
) -> None:
    lsm_project.export_service_entities("""
import lsm
import lsm::fsm
import std

entity Child extends lsm::ServiceEntity:
end
implement Child using parents
ended = lsm::State(name="ended", export_resources=true, validate_self="active", validate_others="active", purge_resources=true)
mine = lsm::LifecycleStateMachine(name="mine", initial_state=ended, transfers=[])

binding = lsm::ServiceBinding(
    service_entity_name="child",
    default_version=1,
    versions=[
        lsm::ServiceBindingVersion(service_entity="__config__::Child", lifecycle=lsm::fsm::simple),
        lsm::ServiceBindingVersion(service_entity="__config__::Child", lifecycle=mine, version=1),
    ],
)
for instance in lsm::all(binding):
    Child(instance_id=instance["id"], entity_binding=lsm::get_service_binding_version(binding, 0))
end
""")
    old = lsm_project.create_service("child", {}, service_entity_version=0, auto_transfer=False)
    new = lsm_project.create_service("child", {}, service_entity_version=1, auto_transfer=False)
    for instance, state in ((old, "up"), (new, "ended")):
        instance.active_attributes, instance.state = {}, state
    new.version = 5

    lsm_project.exporting_compile()

    assert sets(lsm_project) == {str(instance.id): {str(instance.id)} for instance in (old, new)}
    purged = {child.instance_id: child.purge_resources for child in lsm_project.project.get_instances("__config__::Child")}
    assert purged == {str(old.id): False, str(new.id): True}
    transfers = lsm_project.project.get_instances("lsm::LifecycleTransfer")
    assert {transfer.instance_id: transfer.next_version for transfer in transfers} == {str(old.id): 2, str(new.id): 6}
