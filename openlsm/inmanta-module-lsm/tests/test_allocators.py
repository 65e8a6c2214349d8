"""Allocators that are called from the model."""

import importlib
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta.plugins import PluginException
from inmanta_lsm.model import ServiceInstance
from inmanta_plugins.lsm import global_cache
from inmanta_plugins.lsm.allocation_helpers import allocator
from inmanta_plugins.lsm.allocators import first_free, used_values
from pytest_inmanta_lsm.lsm_project import LsmProject

New = Callable[..., ServiceInstance]


@given(start=st.integers(-5, 5), size=st.integers(0, 10), taken=st.sets(st.integers(-10, 20)))
def test_the_first_free_integer_is_the_smallest_one_that_is_not_taken(start: int, size: int, taken: set[int]) -> None:
    end = start + size - 1
    free = [value for value in range(start, end + 1) if value not in taken]
    assert first_free(start, end, taken) == (free[0] if free else None)


def test_a_range_that_ends_before_it_starts_is_used_up() -> None:
    assert first_free(2, 1, set()) is None


def test_used_values_are_those_of_all_sets() -> None:
    instances = [
        {
            "candidate_attributes": {"items": [{"name": "a", "id": 1}, {"name": "b", "id": None}]},
            "active_attributes": {"items": [{"name": "a", "id": 2}], "one": {"parts": None}},
            "rollback_attributes": None,
        },
        {"active_attributes": {"items": None}, "rollback_attributes": {"items": [{"name": "a", "id": 3}], "one": None}},
    ]
    assert used_values(instances, "items[name=*].id") == [1, 2, 3]
    assert used_values(instances, "items[name=b].id") == []
    assert used_values(instances, "one.parts[id=*].name") == []


def test_an_invalid_path_of_used_values_is_refused() -> None:
    with pytest.raises(PluginException, match="is not a valid attribute path"):
        used_values([], "items[]")


def no_path(service: object) -> int:
    raise NotImplementedError


def third(service: object, path: str, other: int) -> int:
    raise NotImplementedError


def optional_service(service: object = None, path: str = "") -> int:
    raise NotImplementedError


def variable(service: object, path: str, **others: int) -> int:
    raise NotImplementedError


@pytest.mark.parametrize("function", [no_path, third, optional_service, variable])
def test_a_function_with_other_parameters_is_no_allocator(function: Any) -> None:
    with pytest.raises(TypeError, match=f"{function.__name__}.* is no allocator: give it a parameter for the service"):
        allocator()(function)


MODEL = """
import lsm
import lsm::fsm
import lsm::allocators

entity Service extends lsm::ServiceEntity:
    string name
    int? vlan
    lsm::attribute_modifier vlan__modifier = "r"
    dict? report
    lsm::attribute_modifier report__modifier = "r"
end
Service.items [0:] lsm::__rwplus__ Item._service [1]

entity Item extends lsm::EmbeddedEntity:
    string name
    int? number
    lsm::attribute_modifier number__modifier = "r"
    bool _added = false
    bool _removed = false
end
index Item(_service, name)

implement Service using std::none
implement Item using std::none

binding = lsm::ServiceEntityBinding%(kind)s(
    service_entity="__config__::Service", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
used_vlans = lsm::allocators::get_used_values(binding, "vlan")
used_numbers = lsm::allocators::get_used_values(binding, "items[name=*].number")
for instance in lsm::all(binding, include_purged_embedded_entities=%(tracking)s):
    service = Service(
        instance_id=instance["id"],
        entity_binding=binding,
        name=instance["attributes"]["name"],
        vlan=lsm::allocators::get_first_free_integer(
            service, "vlan", range_start=1, range_end=%(vlans)s, used_values=used_vlans,
        ),
        report=lsm::update_read_only_attribute(service, "report", value={"name": service.name, "vlan": service.vlan}),
        items=[
            Item(
                name=item["name"],
                number=lsm::allocators::get_first_free_integer(
                    service,
                    lsm::format("items[name={name}].number", args=[], kwargs=item),
                    range_start=1,
                    range_end=20,
                    used_values=used_numbers,
                ),
%(flags)s
            )
            for item in instance["attributes"]["items"]
        ],
    )
end
"""


def model(kind: str = "V2", tracking: bool = False, vlans: int = 20) -> str:
    flags = '_added=item["_added"], _removed=item["_removed"],' if tracking else ""
    return MODEL % {"kind": kind, "tracking": str(tracking).lower(), "vlans": vlans, "flags": flags}


PLUGINS = '''
from inmanta_plugins.lsm.allocation_helpers import allocator

calls = []


@allocator()
def find(service: "lsm::ServiceEntity", attribute_path: "string" = "vlan", *, after: "any", result: "any" = None) -> "int":
    """Find what is asked for."""
    calls.append((service.name, attribute_path, after))
    return result
'''

OWN_ALLOCATOR = """
import lsm

entity Own extends lsm::ServiceEntity:
    string name
    int? vlan
    lsm::attribute_modifier vlan__modifier = "r"
    int? port
    lsm::attribute_modifier port__modifier = "r"
    int? _again
end
implementation allocated for Own:
    # Called unqualified, from the module that defines it; the second call depends on the outcome of the first.
    self.vlan = find(self, after=null)
    self.port = find(self, "port", after=self.vlan, result=7)
    self._again = find(self, after=self.port)
end
implement Own using allocated
"""


@pytest.fixture
def own_allocator(lsm_project: LsmProject) -> None:
    """A module of a user that defines an allocator."""
    # The directory of the project is the same for all tests.
    if not (pathlib.Path(lsm_project.project._test_project_dir) / "libs" / "allocator_user").exists():
        lsm_project.project.create_module("allocator_user", initcf=OWN_ALLOCATOR, initpy=PLUGINS)


@pytest.fixture
def new(add_instance: Callable[..., ServiceInstance]) -> New:
    """Put an instance that was just created into the inventory."""

    def add(name: str, *items: str, **fields: Any) -> ServiceInstance:
        attributes = {"name": name, "vlan": None, "report": None, "items": [{"name": item, "number": None} for item in items]}
        return add_instance(**{"candidate_attributes": attributes, **fields})

    return add


def candidate(instance: ServiceInstance) -> dict[str, Any]:
    assert instance.candidate_attributes is not None
    return instance.candidate_attributes


def test_values_are_distinct_over_elements_and_instances_and_stay(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(model())
    first = lsm_project.create_service("service", {"name": "a", "items": [{"name": "x"}, {"name": "y"}]})
    second = lsm_project.create_service("service", {"name": "b", "items": [{"name": "x"}, {"name": "z"}]})

    numbers = [item["number"] for service in (first, second) for item in (service.active_attributes or {})["items"]]
    assert len(set(numbers)) == 4
    assert None not in numbers
    # Another attribute takes nothing from its range.
    assert [(service.active_attributes or {})["vlan"] for service in (first, second)] == [1, 2]
    assert sorted(numbers) == [1, 2, 3, 4]
    assert (first.active_attributes or {})["report"] == {"name": "a", "vlan": (first.active_attributes or {})["vlan"]}

    before = first.model_dump()
    lsm_project.exporting_compile()
    lsm_project.validating_compile(first.id)
    assert {**first.model_dump(), "last_updated": 0} == {**before, "last_updated": 0}
    service = next(one for one in lsm_project.project.get_instances("__config__::Service") if one.name == "a")
    assert sorted(item.number for item in service.items) == sorted(numbers[:2])


def test_an_exhausted_range_only_fails_the_new_instance(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(model(vlans=1))
    first = lsm_project.create_service("service", {"name": "a"})
    with pytest.raises(Exception, match=r"No integer from 1 to 1 is free for vlan of __config__::Service"):
        lsm_project.create_service("service", {"name": "b"})
    lsm_project.exporting_compile()
    lsm_project.validating_compile(first.id)
    assert [one.vlan for one in lsm_project.project.get_instances("__config__::Service")] == [1]


def test_attributes_share_the_values_of_a_pool_that_the_model_names(lsm_project: LsmProject) -> None:
    pooled = model().replace("used_values=used_", 'pool="numbers", used_values=used_')
    lsm_project.export_service_entities(pooled)
    service = lsm_project.create_service("service", {"name": "a", "items": [{"name": "x"}, {"name": "y"}]})
    attributes = service.active_attributes or {}
    assert {attributes["vlan"], *(item["number"] for item in attributes["items"])} == {1, 2, 3}


def test_a_partial_compile_sees_the_values_of_all_instances(lsm_project: LsmProject) -> None:
    lsm_project.partial_compile = True
    lsm_project.export_service_entities(model())
    services = [lsm_project.create_service("service", {"name": name}) for name in "abc"]
    assert [(service.active_attributes or {})["vlan"] for service in services] == [1, 2, 3]


OWN_MODEL = """
import lsm
import lsm::fsm
import allocator_user

binding = lsm::ServiceEntityBindingV2(
    service_entity="allocator_user::Own", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
for instance in lsm::all(binding):
    allocator_user::Own(instance_id=instance["id"], entity_binding=binding, name=instance["attributes"]["name"])
end
"""


def test_an_allocator_runs_once_for_the_validated_instance_and_may_find_nothing(
    own_allocator: None, lsm_project: LsmProject, new: New
) -> None:
    one, other = new("one"), new("other")
    lsm_project.validating_compile(one.id, model=OWN_MODEL)
    calls = importlib.import_module("inmanta_plugins.allocator_user").calls
    assert calls == [("one", "vlan", None), ("one", "port", None)]
    assert (candidate(one)["vlan"], candidate(one)["port"]) == (None, 7)
    assert "port" not in candidate(other)

    lsm_project.validating_compile(other.id, model=OWN_MODEL)
    assert candidate(other)["port"] == 7


def test_a_service_that_is_not_strict_is_written_by_attribute(
    lsm_project: LsmProject, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[dict[str, Any]] = []
    client = global_cache.get_client()
    update = client.lsm_services_update_attributes

    def lsm_services_update_attributes(*, attributes: dict[str, Any], **kwargs: Any) -> Any:
        written.append(attributes)
        return update(attributes=attributes, **kwargs)

    monkeypatch.setattr(client, "lsm_services_update_attributes", lsm_services_update_attributes, raising=False)
    one = new("one")
    lsm_project.validating_compile(one.id, model=model(kind=""))
    assert written == [{"vlan": 1}, {"report": {"name": "one", "vlan": 1}}]
    with_items = new("two", "x")
    with pytest.raises(Exception, match=r"items\[name=x\].number of .* strict_modifier_enforcement"):
        lsm_project.validating_compile(with_items.id, model=model(kind=""))


def test_a_removed_element_keeps_its_values(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(model(tracking=True))
    service = lsm_project.create_service("service", {"name": "a", "items": [{"name": "x"}, {"name": "y"}]})
    before = {item["name"]: item["number"] for item in (service.active_attributes or {})["items"]}
    service.state = "up"
    lsm_project.update_service(service.id, {"name": "a", "items": [{"name": "y", "number": before["y"]}, {"name": "z"}]})

    assert service.state == "update_inprogress"
    items = {item.name: item for item in lsm_project.project.get_instances("__config__::Item")}
    assert {name: (item._added, item._removed) for name, item in items.items()} == {
        "x": (False, True),
        "y": (False, False),
        "z": (True, False),
    }
    assert (items["x"].number, items["y"].number) == (before["x"], before["y"])
    assert [item["name"] for item in (service.active_attributes or {})["items"]] == ["y", "z"]


def test_an_element_that_is_in_no_set_gets_no_value(lsm_project: LsmProject, new: New) -> None:
    one, other = new("one"), new("other", state="up", active_attributes={"name": "other", "items": []})
    ghost = (
        model()
        .replace("items[name={name}].number", "items[name=ghost].number")
        .replace('for item in instance["attributes"]["items"]', 'for item in [{"name": "x"}]')
    )
    lsm_project.exporting_compile(model=ghost)
    assert [item.number for item in lsm_project.project.get_instances("__config__::Item")] == [None]
    other.state = "rejected"
    with pytest.raises(
        Exception, match=rf"No value can be allocated for items\[name=ghost\].number of service instance {one.id}"
    ):
        lsm_project.validating_compile(one.id, model=ghost)
