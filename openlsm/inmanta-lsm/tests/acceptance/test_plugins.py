"""The plugins of the lsm module that call the API, in the compiles of a real orchestrator."""

from typing import Any

import pytest
from pytest_inmanta.plugin import Project
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

pytestmark = [
    pytest.mark.full,
    pytest.mark.xdist_group("orchestrator"),
    pytest.mark.parametrize("partial_compile", [False], indirect=True),
]

COLORS = ["red", "green"]
SIZES: list[dict[str, str]] = [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}]

# A strict service with versions and items that come and go, and one that is not strict. Each compile writes what it computed.
MODEL = """
import lsm
import lsm::allocators
import lsm::fsm
import std

lsm::set_suggested_values("colors", ["red", "green"])
lsm::set_suggested_values("sizes", [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}])

entity Base extends lsm::ServiceEntity:
    string name
    int? number
    lsm::attribute_modifier number__modifier = "r"
    dict? report
    lsm::attribute_modifier report__modifier = "r"
end
implement Base using parents

entity Strict extends Base:
end
Strict.items [0:] lsm::__rwplus__ Item._service [1]
implement Strict using parents

entity Item extends lsm::EmbeddedEntity:
    string name
    int? number
    lsm::attribute_modifier number__modifier = "r"
    string? label
    lsm::attribute_modifier label__modifier = "r"
    bool _added = false
    bool _removed = false
end
index Item(_service, name)
implement Item using std::none

entity Loose extends Base:
end
implement Loose using parents

strict = lsm::ServiceBinding(
    service_entity_name="strict",
    default_version=1,
    versions=[
        lsm::ServiceBindingVersion(service_entity="__config__::Strict", lifecycle=lsm::fsm::simple, version=version)
        for version in [0, 1]
    ],
)
loose = lsm::ServiceEntityBinding(
    service_entity="__config__::Loose", service_entity_name="loose", lifecycle=lsm::fsm::simple
)

used_numbers = lsm::allocators::get_used_values(strict, "items[name=*].number")
for instance in lsm::all(strict, include_purged_embedded_entities=true):
    service = Strict(
        instance_id=instance["id"],
        entity_binding=lsm::get_service_binding_version(strict, instance["service_entity_version"]),
        name=instance["attributes"]["name"],
        number=lsm::allocators::get_first_free_integer(service, "number", range_start=1, range_end=9, used_values=[]),
        report=lsm::update_read_only_attribute(service, "report", value={"name": service.name}),
        items=[
            Item(
                name=item["name"],
                number=lsm::allocators::get_first_free_integer(
                    service,
                    lsm::format("items[name={name}].number", args=[], kwargs=item),
                    range_start=11,
                    range_end=19,
                    used_values=used_numbers,
                ),
                label=lsm::update_read_only_attribute(
                    service,
                    lsm::format("items[name={name}].label", args=[], kwargs=item),
                    value=lsm::format("the {name}", args=[], kwargs=item),
                ),
                _added=item["_added"],
                _removed=item["_removed"],
            )
            for item in instance["attributes"]["items"]
        ],
    )
end

for instance in lsm::all(loose):
    service = Loose(
        instance_id=instance["id"],
        entity_binding=loose,
        name=instance["attributes"]["name"],
        number=lsm::allocators::get_first_free_integer(service, "number", range_start=1, range_end=9, used_values=[]),
        report=lsm::update_read_only_attribute(service, "report", value={"name": service.name}),
    )
end
"""


@pytest.fixture
def orchestrator(project: Project, remote_orchestrator: RemoteOrchestrator) -> RemoteOrchestrator:
    """The orchestrator, with both services in its catalog."""
    project.compile(MODEL)
    remote_orchestrator.sync_project()
    remote_orchestrator.export_service_entities()
    return remote_orchestrator


def active_attributes(orchestrator: RemoteOrchestrator, service: str, name: str) -> Any:
    """What the only instance of a service is deployed with."""
    answer = orchestrator.client.lsm_services_list(tid=orchestrator.environment, service_entity=service)
    assert answer.code == 200, answer.result
    assert answer.result is not None
    [instance] = answer.result["data"]
    return instance["active_attributes"]


def suggestions(orchestrator: RemoteOrchestrator, parameter: str) -> Any:
    """The values that a parameter suggests, as the web console reads them."""
    answer = orchestrator.client.get_param(tid=orchestrator.environment, id=parameter)
    assert answer.code == 200, answer.result
    assert answer.result is not None
    return answer.result["parameter"]["metadata"]["values"]


def test_what_the_plugins_publish_and_write_is_there(orchestrator: RemoteOrchestrator) -> None:
    # One project, which takes longer to export than each of these takes.
    check_suggestions_with_and_without_labels(orchestrator)
    check_what_is_written_to_a_strict_service_with_versions(orchestrator)
    check_what_is_written_to_a_service_that_is_not_strict(orchestrator)


def check_suggestions_with_and_without_labels(orchestrator: RemoteOrchestrator) -> None:
    assert suggestions(orchestrator, "colors") == COLORS
    assert suggestions(orchestrator, "sizes") == SIZES

    # The page of all parameters shows them too.
    listed = orchestrator.client.get_parameters(tid=orchestrator.environment)
    assert listed.code == 200, listed.result
    assert listed.result is not None
    shown = {parameter["name"]: parameter["metadata"]["values"] for parameter in listed.result["data"]}
    assert (shown["colors"], shown["sizes"]) == (COLORS, SIZES)


def check_what_is_written_to_a_strict_service_with_versions(orchestrator: RemoteOrchestrator) -> None:
    service = orchestrator.get_managed_instance("strict")
    service.create({"name": "a", "items": [{"name": "one"}, {"name": "two"}]}, wait_for_state="up")

    created = active_attributes(orchestrator, "strict", "a")
    assert (created["number"], created["report"]) == (1, {"name": "a"})
    assert {item["label"] for item in created["items"]} == {"the one", "the two"}
    numbers = {item["name"]: item["number"] for item in created["items"]}
    assert set(numbers.values()) == {11, 12}

    changes: Any = {"items": [*(item for item in created["items"] if item["name"] == "two"), {"name": "three"}]}
    service.update(attribute_updates=changes, wait_for_state="up")

    updated = {item["name"]: item for item in active_attributes(orchestrator, "strict", "a")["items"]}
    assert updated.keys() == {"two", "three"}
    assert updated["two"]["number"] == numbers["two"]
    assert updated["three"]["label"] == "the three"


def check_what_is_written_to_a_service_that_is_not_strict(orchestrator: RemoteOrchestrator) -> None:
    orchestrator.get_managed_instance("loose").create({"name": "b"}, wait_for_state="up")

    assert active_attributes(orchestrator, "loose", "b") == {"name": "b", "number": 1, "report": {"name": "b"}}
