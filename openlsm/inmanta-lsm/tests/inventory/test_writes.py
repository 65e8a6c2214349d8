"""The calls that change the inventory along the lifecycle: what they store, and what they refuse without a trace."""

import uuid
from typing import Any

import pytest

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.simple_lifecycle import service
from ..helpers.still_lifecycle import STILL

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_created_instance_has_version_1_and_its_attributes_completed_in_the_candidate_set(still: ServiceLab) -> None:
    created = await still.call("lsm_services_create", service_entity="still", attributes={"name": "a"})

    assert (created["version"], created["desired_state_version"], created["state"]) == (1, 1, "start")
    assert created["candidate_attributes"] == {"name": "a", "size": 1, "vlan_id": None}
    assert created["active_attributes"] is None
    assert created["rollback_attributes"] is None
    assert created["service_identity_attribute_value"] == "a"
    assert created["transfer_context"] == "stable"


async def test_an_instance_can_be_created_in_an_alternative_initial_state_with_a_chosen_id(still: ServiceLab) -> None:
    chosen = uuid.uuid4()
    assert await still.create(service_instance_id=chosen, initial_state="imported", service_entity_version=0) == chosen
    assert (await still.get(chosen))["state"] == "imported"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attributes": {}}, "name"),
        ({"attributes": {"name": 3}}, "name"),
        ({"attributes": {"name": "a", "vlan_id": 3}}, "vlan_id"),
        ({"attributes": {"name": "a", "colour": "red"}}, "colour"),
        ({"attributes": {"name": "a\x00"}}, "NUL"),
        ({"initial_state": "changed"}, "cannot be created in state changed, only in start or imported"),
    ],
)
async def test_a_creation_that_breaks_a_rule_is_refused(still: ServiceLab, arguments: dict[str, Any], message: str) -> None:
    assert message in await still.create(code=400, **arguments)
    assert await still.call("lsm_services_list", service_entity="still") == []


async def test_an_id_and_an_identity_belong_to_one_instance(still: ServiceLab) -> None:
    first = await still.create("a")
    assert "name a already" in await still.create("a", code=409)
    assert f"id {first} already" in await still.create("b", code=409, service_instance_id=first)


async def test_the_identity_of_a_deleted_instance_is_free(still: ServiceLab) -> None:
    first = await still.create("a")
    await still.on_instance("lsm_services_delete", first, current_version=1)
    await still.create("a")


async def test_a_creation_needs_a_service_entity_and_a_version_that_exist(still: ServiceLab) -> None:
    await still.call("lsm_services_create", code=404, service_entity="nothing", attributes={"name": "a"})
    for version in (1, -1, 2**40):
        assert f"still version {version} does not exist" in await still.create(code=404, service_entity_version=version)


async def test_updates_replace_what_they_name_and_keep_the_rest(still: ServiceLab) -> None:
    instance = await still.create()
    await still.on_instance("lsm_services_update", instance, current_version=1, attributes={"size": 2})
    updated = await still.get(instance)
    await still.on_instance(
        "lsm_services_patch",
        instance,
        current_version=2,
        patch_id="p",
        comment="because",
        edit=[{"edit_id": "e", "operation": "replace", "target": "size", "value": 3}],
    )
    patched = await still.get(instance)
    await still.on_instance("lsm_services_put", instance, current_version=3, put_id="p", attributes={"name": "a"})
    put = await still.get(instance)

    assert [found["candidate_attributes"]["size"] for found in (updated, patched, put)] == [2, 3, 1]
    assert (put["version"], put["state"]) == (4, "start")
    [trigger, _] = await still.events(instance, version=2)
    assert trigger["message"].endswith(f"({still.environment}): because")


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("lsm_services_update", {"attributes": {"name": "b"}}),
        ("lsm_services_update", {"attributes": {"vlan_id": 1}}),
        ("lsm_services_update", {"attributes": {"size": "x"}}),
        ("lsm_services_patch", {"patch_id": "p", "edit": [{"edit_id": "e", "operation": "replace", "target": "a.b"}]}),
        ("lsm_services_patch", {"patch_id": "p", "edit": [], "comment": "\x00"}),
        ("lsm_services_put", {"put_id": "p", "attributes": {}}),
        ("lsm_services_set_state", {"target_state": "gone", "message": "m"}),
        ("lsm_services_set_state", {"target_state": "changed", "message": "\x00"}),
        ("lsm_services_set_config", {"values": {"auto_nothing": True}}),
        ("lsm_services_set_metadata", {"key": "k", "value": "\x00"}),
        ("lsm_services_set_metadata", {"key": "k" * 1001, "value": "v"}),
        ("lsm_services_update_attributes", {"attributes": {"vlan_id": "x"}}),
        ("lsm_services_update_entity_version", {"target_entity_version": 0, "state": "start"}),
        (
            "lsm_services_update_entity_version",
            {"target_entity_version": 0, "state": "nowhere", "active_attributes": {"name": "a"}},
        ),
        (
            "lsm_services_update_entity_version",
            {"target_entity_version": 0, "state": "start", "active_attributes": {"size": 1}},
        ),
    ],
)
async def test_a_call_that_breaks_a_rule_is_refused_and_changes_nothing(
    still: ServiceLab, method: str, arguments: dict[str, Any]
) -> None:
    instance = await still.create()
    before = (await still.get(instance), await still.events(instance))
    await still.on_instance(method, instance, code=400, current_version=1, **arguments)
    assert (await still.get(instance), await still.events(instance)) == before


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("lsm_services_update", {"attributes": {"size": 2}}),
    ("lsm_services_patch", {"patch_id": "p", "edit": []}),
    ("lsm_services_put", {"put_id": "p", "attributes": {"name": "a"}}),
    ("lsm_services_delete", {}),
    ("lsm_services_set_state", {"target_state": "changed", "message": "m"}),
    ("lsm_services_set_config", {"values": {"auto_import": True}}),
    ("lsm_services_set_metadata", {"key": "k", "value": "v"}),
    ("lsm_services_update_attributes", {"attributes": {"vlan_id": 1}}),
    ("lsm_services_update_attributes_v2", {"patch_id": "p", "edit": []}),
    (
        "lsm_services_update_entity_version",
        {"target_entity_version": 0, "state": "start", "active_attributes": {"name": "a"}},
    ),
]
ids = [method for method, _ in CALLS]


@pytest.mark.parametrize(("method", "arguments"), CALLS, ids=ids)
async def test_a_stale_call_is_refused_and_changes_nothing(still: ServiceLab, method: str, arguments: dict[str, Any]) -> None:
    instance = await still.create()
    before = await still.get(instance)
    message = await still.on_instance(method, instance, code=409, current_version=2, **arguments)
    assert message.endswith(
        "The given current version (2) doesn't match the actual current version (1)"
        f" of service instance {instance} in environment test({still.environment})"
    )
    assert await still.get(instance) == before


async def test_that_a_version_does_not_exist_is_told_before_that_the_call_is_stale(still: ServiceLab) -> None:
    instance = await still.create()

    message = await still.on_instance(
        "lsm_services_update_entity_version",
        instance,
        code=404,
        current_version=2,
        target_entity_version=1,
        state="start",
        active_attributes={"name": "a"},
    )

    assert "Service entity still version 1 does not exist" in message


@pytest.mark.parametrize(("method", "arguments"), CALLS, ids=ids)
async def test_a_call_on_what_does_not_exist_or_is_deleted_is_refused(
    still: ServiceLab, method: str, arguments: dict[str, Any]
) -> None:
    instance = await still.create()
    await still.on_instance("lsm_services_delete", instance, current_version=1)
    assert "is deleted" in await still.on_instance(method, instance, code=400, current_version=2, **arguments)
    await still.on_instance(method, uuid.uuid4(), code=404, current_version=1, **arguments)
    await still.call(method, code=404, service_entity="vlan", service_id=instance, current_version=2, **arguments)


async def test_update_and_delete_are_refused_in_states_without_an_edge_for_them(still: ServiceLab) -> None:
    instance = await still.create(initial_state="imported")
    await still.on_instance("lsm_services_update", instance, code=400, current_version=1, attributes={"size": 2})
    message = await still.on_instance("lsm_services_delete", instance, code=400, current_version=1)
    assert message == f"Invalid request: Cannot delete service instance {instance}"


async def test_the_config_of_an_instance_enables_a_pending_transfer_without_a_new_version_of_its_own(still: ServiceLab) -> None:
    instance = await still.create()
    await still.on_instance("lsm_services_set_state", instance, current_version=1, target_state="changed", message="go")
    waiting = await still.get(instance)
    answer = await still.on_instance("lsm_services_set_config", instance, current_version=2, values={"auto_import": True})
    imported = await still.reaches(instance, "imported")

    assert (waiting["version"], waiting["transfer_context"]) == (2, "stable")
    assert answer == {"auto_import": True}
    assert imported["config"] == {"auto_import": True}
    assert imported["version"] == 3


async def test_metadata_are_stored_without_touching_the_instance(still: ServiceLab) -> None:
    instance = await still.create()
    before = await still.get(instance)
    for value in ("first", "second"):
        await still.on_instance("lsm_services_set_metadata", instance, current_version=1, key="a/b é", value=value)

    found = await still.on_instance("lsm_services_get", str(instance), include_metadata=True)
    assert found["metadata"] == {"a/b é": "second"}
    assert await still.get(instance) == before


async def test_a_migration_overwrites_the_sets_and_the_state_and_goes_on_from_there(still: ServiceLab) -> None:
    instance = await still.create()
    entity = service("still", STILL, version=1, service_identity=None)
    await still.add_version(entity)
    await still.on_instance(
        "lsm_services_update_entity_version",
        instance,
        current_version=1,
        target_entity_version=1,
        state="changed",
        active_attributes={"name": "a", "vlan_id": 3},
    )
    migrated = await still.reaches(instance, "imported")
    [event] = await still.events(instance, version=1)

    assert (migrated["service_entity_version"], migrated["version"], migrated["desired_state_version"]) == (1, 3, 3)
    assert migrated["active_attributes"] == {"name": "a", "size": 1, "vlan_id": 3}
    assert migrated["candidate_attributes"] is None
    assert event["event_type"] == "FORCE_UPDATE"
    assert event["message"] == f"Service instance {instance} migrated from service entity version 0 to 1"


async def test_without_server_compile_a_validating_call_is_answered_409_and_logged(still: ServiceLab) -> None:
    instance = await still.create()
    before = await still.get(instance)
    await still.client.set_setting(tid=still.environment, id="server_compile", value=False)
    message = await still.on_instance(
        "lsm_services_set_state", instance, code=409, current_version=1, target_state="imported", message="go"
    )

    assert "server_compile is disabled" in message
    assert await still.get(instance) == before
    [trigger, failure] = await still.events(instance, version=1)
    assert trigger["message"].endswith(": go")
    assert failure["severity"] == 40


async def test_validations_that_could_not_be_requested_start_when_server_compile_is_turned_on(lab: ServiceLab) -> None:
    await lab.client.set_setting(tid=lab.environment, id="server_compile", value=False)
    instance = await lab.create()

    async def has_failed() -> bool:
        return len(await lab.events(instance, version=1)) == 2

    await eventually(has_failed, "the validation is refused")
    stuck = await lab.get(instance)
    await lab.client.set_setting(tid=lab.environment, id="server_compile", value=True)
    await lab.reaches(instance, "creating")

    assert (stuck["state"], stuck["transfer_context"]) == ("start", "stable")
