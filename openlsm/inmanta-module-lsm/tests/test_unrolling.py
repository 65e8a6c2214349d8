"""What `lsm::all` returns in each kind of compile."""

import dataclasses
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from inmanta_lsm import const
from inmanta_lsm.model import ServiceInstance
from inmanta_plugins.lsm.bindings import State
from inmanta_plugins.lsm.compile_mode import CompileMode
from inmanta_plugins.lsm.compiled_instance import chosen_set, previous_set
from pytest_inmanta_lsm.lsm_project import LsmProject

MODEL = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
    string name
    string origin
    lsm::attribute_modifier origin__modifier = "rw+"
end
implement Service using std::none

binding = lsm::ServiceEntityBindingV2(
    service_entity="__config__::Service", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
for instance in lsm::all(binding):
    Service(instance_id=instance["id"], entity_binding=binding, **instance["attributes"])
end
"""

VERSIONED_MODEL = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
    string name
    string origin
end
implement Service using std::none

binding = lsm::ServiceBinding(
    service_entity_name="service",
    default_version=0,
    versions=[
        lsm::ServiceBindingVersion(service_entity="__config__::Service", lifecycle=lsm::fsm::simple, version=version)
        for version in [0, 1, 2]
    ],
)
for instance in lsm::all(binding%s):
    Service(
        instance_id=instance["id"],
        entity_binding=lsm::get_service_binding_version(binding, instance["service_entity_version"]),
        **instance["attributes"],
    )
end
"""


@dataclass(frozen=True)
class Flags:
    """What the built-in lifecycle says about one of its states."""

    export: bool
    itself: str | None
    others: str | None


NEW = Flags(export=False, itself="candidate", others=None)
RUNNING = Flags(export=True, itself="active", others="active")
UPDATING = Flags(export=True, itself="candidate", others="active")
STATES = {
    "start": NEW,
    "acknowledged": NEW,
    "rejected": NEW,
    "creating": RUNNING,
    "up": RUNNING,
    "failed": RUNNING,
    "update_start": UPDATING,
    "update_start_failed": UPDATING,
    "update_acknowledged": UPDATING,
    "update_acknowledged_failed": UPDATING,
    "update_rejected": UPDATING,
    "update_rejected_failed": UPDATING,
    "update_inprogress": RUNNING,
    "update_failed": RUNNING,
    "rollback": RUNNING,
    "deleting": RUNNING,
    "terminated": Flags(export=False, itself=None, others=None),
}
EXPORTED = {state: "active" for state, flags in STATES.items() if flags.export}
# In a lifecycle of a user, what is validated and what is exported may have less in common.
OTHER_STATES = {
    "designed": Flags(export=False, itself="candidate", others="candidate"),
    "hidden": Flags(export=True, itself="rollback", others=None),
}
FOR_OTHERS = {state: flags.others for state, flags in STATES.items() if flags.others is not None}

Add = Callable[..., ServiceInstance]


@pytest.fixture
def add(add_instance: Add) -> Add:
    """Add an instance to the inventory, with sets that tell where they come from."""

    def add(name: str, state: str, **fields: Any) -> ServiceInstance:
        sets = {f"{origin}_attributes": {"name": name, "origin": origin} for origin in ("candidate", "active", "rollback")}
        return add_instance(state, **{"version": 3, "desired_state_version": 2, **sets, **fields})

    return add


def unrolled(lsm_project: LsmProject) -> dict[str, str]:
    """The attribute set that was used, by name of the instance."""
    return {instance.name: instance.origin for instance in lsm_project.project.get_instances("__config__::Service")}


def described(state: str) -> State:
    flags = (STATES | OTHER_STATES)[state]
    return State(state, flags.export, validate_self=flags.itself, validate_others=flags.others)


@pytest.mark.parametrize("state", STATES | OTHER_STATES)
@pytest.mark.parametrize(
    ("validated", "wanted"),
    [
        (None, lambda flags: "active" if flags.export else None),
        ("this", lambda flags: flags.itself),
        ("another", lambda flags: flags.others),
    ],
)
def test_the_flags_of_the_state_choose_the_attribute_set(
    state: str, validated: str | None, wanted: Callable[[Flags], str | None]
) -> None:
    mode = CompileMode(no_instances=False, validated=validated, requested=(), partial=False)
    instance = {"id": "this", "candidate_attributes": {}, "active_attributes": {}, "rollback_attributes": {}}
    assert chosen_set(mode, instance, described(state)) == wanted((STATES | OTHER_STATES)[state])
    assert chosen_set(mode, {**instance, "deleted": True}, described(state)) is None
    assert chosen_set(mode, {"id": "this"}, described(state)) is None
    assert chosen_set(dataclasses.replace(mode, no_instances=True), instance, described(state)) is None


@pytest.mark.parametrize(
    ("validated", "chosen", "expected"),
    [
        ("this", "candidate", "active"),
        ("this", "active", "active"),
        (None, "active", "rollback"),
        ("another", "active", "rollback"),
        ("another", "candidate", None),
        (None, None, None),
    ],
)
def test_embedded_entities_are_compared_with_what_the_kind_of_compile_says(
    validated: str | None, chosen: str | None, expected: str | None
) -> None:
    mode = CompileMode(no_instances=False, validated=validated, requested=(), partial=False)
    state = State("s", True, previous_attr_set_on_validate="active", previous_attr_set_on_export="rollback")
    assert previous_set(mode, {"id": "this"}, state, chosen) == expected


@pytest.mark.parametrize("validated", ["start", "up", "update_start", "terminated"])
def test_each_state_takes_part_as_its_flags_say(lsm_project: LsmProject, add: Add, validated: str) -> None:
    instances = {state: add(state, state) for state in STATES}

    lsm_project.validating_compile(instances[validated].id, model=MODEL)

    expected = {state: origin for state, origin in FOR_OTHERS.items() if state != validated}
    if (own := STATES[validated].itself) is not None:
        expected[validated] = own
    assert unrolled(lsm_project) == expected


def test_a_partial_compile_is_limited_to_what_was_asked_for(
    lsm_project: LsmProject, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    lsm_project.partial_compile = True
    instances = {state: add(state, state) for state in STATES}
    requested = ["up", "terminated", "start", "update_start"]

    lsm_project.exporting_compile([instances[state].id for state in requested], model=MODEL)
    assert unrolled(lsm_project) == {"up": "active", "update_start": "active"}

    lsm_project.validating_compile(instances["update_start"].id, model=MODEL)
    assert unrolled(lsm_project) == {"update_start": "candidate"}

    # Ids without the request to be partial are no restriction.
    monkeypatch.setenv(const.ENV_INSTANCE_ID, str(instances["up"].id))
    lsm_project.exporting_compile(model=MODEL)
    assert unrolled(lsm_project) == EXPORTED


def test_an_instance_without_the_set_its_state_asks_for_is_left_out(lsm_project: LsmProject, add: Add) -> None:
    add("other", "up", active_attributes=None)
    start = add("validated", "start", candidate_attributes=None)
    lsm_project.validating_compile(start.id, model=MODEL)
    assert unrolled(lsm_project) == {}


def count_requests(lsm_project: LsmProject, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests for the inventory that are made from now on."""
    requests: list[str] = []
    # As it is now: a compile of another project imports the module anew.
    client = importlib.import_module("inmanta_plugins.lsm").global_cache.get_client()
    listed = client.lsm_services_list

    def lsm_services_list(tid: str, service_entity: str, **kwargs: Any) -> Any:
        requests.append(service_entity)
        return listed(tid, service_entity, **kwargs)

    monkeypatch.setattr(client, "lsm_services_list", lsm_services_list, raising=False)
    return requests


def test_no_request_is_made_while_the_catalog_is_exported(
    lsm_project: LsmProject, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("there", "up")
    requests = count_requests(lsm_project, monkeypatch)
    lsm_project.export_service_entities(MODEL)
    assert unrolled(lsm_project) == {}
    assert requests == []


CALLED_TWICE = (
    MODEL
    + """
plugins_saw = std::count(lsm::all(binding)) + std::count([i for i in lsm::all(binding) if i["attributes"]["name"] == "b"])
entity Seen extends std::Entity:
    int number
    bool up
end
implement Seen using std::none
for instance in lsm::all(binding):
    Seen(number=plugins_saw, up=lsm::has_current_state(Service[instance_id=instance["id"]], "up"))
end
index Service(instance_id)
"""
)


def test_several_calls_share_one_request(lsm_project: LsmProject, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add("a", "up")
    add("b", "failed")
    requests = count_requests(lsm_project, monkeypatch)
    lsm_project.exporting_compile(model=CALLED_TWICE)
    seen = lsm_project.project.get_instances("__config__::Seen")
    assert sorted((one.number, one.up) for one in seen) == [(3, False), (3, True)]
    assert requests == ["service"]


def test_a_partial_compile_reads_what_it_is_about_and_not_the_inventory(
    lsm_project: LsmProject, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    lsm_project.partial_compile = True
    add("other", "up")
    instances = [add("first", "up"), add("second", "update_start")]
    requests = count_requests(lsm_project, monkeypatch)

    lsm_project.exporting_compile([instance.id for instance in instances], model=MODEL)
    assert unrolled(lsm_project) == {"first": "active", "second": "active"}

    lsm_project.validating_compile(instances[1].id, model=MODEL)
    assert unrolled(lsm_project) == {"second": "candidate"}

    assert requests == []


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ("", {"0", "1", "2"}),
        (", min_version=1", {"1", "2"}),
        (", max_version=1", {"0", "1"}),
        (", min_version=1, max_version=1", {"1"}),
    ],
)
def test_version_bounds_are_inclusive(lsm_project: LsmProject, add: Add, bounds: str, expected: set[str]) -> None:
    for version in range(3):
        add(str(version), "up", service_entity_version=version)
    lsm_project.exporting_compile(model=VERSIONED_MODEL % bounds)
    assert unrolled(lsm_project).keys() == expected


def test_what_the_model_does_not_define_is_an_error(lsm_project: LsmProject, add: Add) -> None:
    future = add("future", "up", service_entity_version=7)
    with pytest.raises(Exception, match=f"instance {future.id} of service service has version 7, which .* it knows 0, 1, 2"):
        lsm_project.exporting_compile(model=VERSIONED_MODEL % "")
    lsm_project.exporting_compile(model=VERSIONED_MODEL % ", max_version=2")
    assert unrolled(lsm_project) == {}
    odd = add("odd", "sleeping")
    with pytest.raises(Exception, match=f"instance {odd.id} of service service has lifecycle state 'sleeping'"):
        lsm_project.exporting_compile(model=VERSIONED_MODEL % ", max_version=2")


def test_an_unknown_version_of_a_binding_is_an_error(lsm_project: LsmProject) -> None:
    model = VERSIONED_MODEL % "" + "lsm::get_service_binding_version(binding, 5)"
    with pytest.raises(Exception, match=re.escape("Service service has no version 5: its binding defines 0, 1, 2.")):
        lsm_project.project.compile(model)


def test_an_instance_keeps_all_its_fields_and_strings_are_formatted(lsm_project: LsmProject, add: Add) -> None:
    instance = add("a", "up")
    model = (
        MODEL
        + """
for found in lsm::all(binding):
    origin = found["attributes"]["origin"]
    std::print(lsm::format("{id} {0} {state} {version} {desired_state_version}", args=[origin], kwargs=found))
    std::print(lsm::format("{candidate_attributes[origin]} {rollback_attributes[origin]}", args=[], kwargs=found))
end
"""
    )
    lsm_project.exporting_compile(model=model)
    printed = lsm_project.project.get_stdout()
    assert printed is not None
    assert set(printed.splitlines()) == {f"{instance.id} active up 3 2", "candidate rollback"}


def test_nothing_is_compared_when_there_is_no_instance(lsm_project: LsmProject) -> None:
    # The catalog of this project was never exported: to ask for it would be an error.
    lsm_project.exporting_compile(
        model=MODEL.replace("lsm::all(binding)", "lsm::all(binding, include_purged_embedded_entities=true)")
    )
    assert unrolled(lsm_project) == {}


BY_HAND = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
end
implement Service using parents
binding = lsm::ServiceEntityBinding(
    service_entity="__config__::Service", service_entity_name="service", lifecycle=lsm::fsm::simple,
)
Service(instance_id="%s"%s)
"""


def test_an_entity_that_was_not_unrolled_follows_the_lifecycle_of_its_own_binding(lsm_project: LsmProject, add: Add) -> None:
    instance = add("a", "deleting", service_entity_version=9)
    lsm_project.exporting_compile(model=BY_HAND % (instance.id, ", entity_binding=binding"))
    assert [service.purge_resources for service in lsm_project.project.get_instances("__config__::Service")] == [True]
    with pytest.raises(
        Exception, match=f"The lifecycle of service instance {instance.id} .service. is not known: set entity_binding"
    ):
        lsm_project.exporting_compile(model=BY_HAND % (instance.id, ""))
