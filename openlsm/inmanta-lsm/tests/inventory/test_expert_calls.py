"""The expert calls: they bypass the rules of the lifecycle, where they are allowed."""

from typing import Any

import pytest

from ..helpers.service_lab import ServiceLab

pytestmark = pytest.mark.asyncio(loop_scope="session")


EXPERT_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("lsm_services_expert_set_state", {"target_state": "changed", "message": "m"}),
    ("lsm_services_expert_update", {"attribute_set_name": "active_attributes", "patch_id": "p", "edit": []}),
    ("lsm_services_expert_delete", {"message": "m"}),
]


@pytest.mark.parametrize(("method", "arguments"), EXPERT_CALLS, ids=[method for method, _ in EXPERT_CALLS])
async def test_expert_calls_are_forbidden_unless_the_environment_allows_them(
    still: ServiceLab, method: str, arguments: dict[str, Any]
) -> None:
    instance = await still.create()
    assert "enable_lsm_expert_mode" in await still.on_instance(method, instance, code=403, **arguments)
    assert (await still.get(instance))["version"] == 1


@pytest.mark.parametrize(("method", "arguments"), EXPERT_CALLS, ids=[method for method, _ in EXPERT_CALLS])
async def test_the_version_of_an_expert_call_is_only_checked_when_it_is_given(
    expert: ServiceLab, method: str, arguments: dict[str, Any]
) -> None:
    instance = await expert.create()
    await expert.on_instance(method, instance, code=409, current_version=2, **arguments)
    await expert.on_instance(method, instance, **arguments)
    assert (await expert.get(instance))["version"] == 2


async def test_an_expert_forces_a_state_and_the_lifecycle_goes_on_from_there(expert: ServiceLab) -> None:
    await expert.call("lsm_service_catalog_set_config", service_entity="still", values={"auto_import": True})
    instance = await expert.create()
    await expert.on_instance(
        "lsm_services_expert_set_state", instance, target_state="changed", message="why", operation="promote"
    )
    imported = await expert.reaches(instance, "imported")
    [event] = await expert.events(instance, version=1)

    assert imported["version"] == 3
    assert imported["active_attributes"]["name"] == "a"
    assert (event["event_type"], event["source"], event["destination"]) == ("FORCE_UPDATE", "start", "changed")
    assert event["message"] == f"State of service instance {instance} forced from start to changed: why"


async def test_an_expert_forces_attributes_of_any_kind(expert: ServiceLab) -> None:
    instance = await expert.create(initial_state="imported")
    edit = {"edit_id": "e", "operation": "replace", "target": ".", "value": {"anything": ["goes"]}}
    await expert.on_instance(
        "lsm_services_expert_update",
        instance,
        current_version=1,
        attribute_set_name="rollback_attributes",
        patch_id="p",
        edit=[edit],
        comment="why",
    )
    found = await expert.get(instance)
    export, forced = await expert.events(instance, version=1)

    assert found["rollback_attributes"] == {"anything": ["goes"]}
    assert (found["state"], found["version"], found["desired_state_version"]) == ("imported", 2, 2)
    assert export["id_compile_report"] is not None
    assert forced["message"] == f"Attributes of service instance {instance} forced in rollback_attributes: why"


async def test_an_expert_takes_an_instance_out_of_the_inventory_without_a_compile(expert: ServiceLab) -> None:
    instance = await expert.create(initial_state="imported")
    compiles = len(await expert.compiles())
    await expert.on_instance("lsm_services_expert_delete", instance, current_version=1, message="gone for good")
    found = await expert.get(instance)

    assert (found["deleted"], found["state"], found["version"]) == (True, "imported", 2)
    assert await expert.call("lsm_services_list", service_entity="still") == []
    assert len(await expert.compiles()) == compiles
    [event] = await expert.events(instance, version=1)
    assert event["event_type"] == "FORCE_DELETE"
    assert event["message"] == f"Service instance {instance} forcefully deleted: gone for good"


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("lsm_services_expert_set_state", {"target_state": "nowhere", "message": "m"}, 400),
        ("lsm_services_expert_set_state", {"target_state": "changed", "message": "m", "operation": "rollback"}, 400),
        (
            "lsm_services_expert_update",
            {
                "attribute_set_name": "candidate_attributes",
                "patch_id": "p",
                "edit": [{"edit_id": "e", "operation": "replace", "target": "name", "value": "taken"}],
            },
            409,
        ),
        (
            "lsm_services_expert_update",
            {
                "attribute_set_name": "candidate_attributes",
                "patch_id": "p",
                "edit": [{"edit_id": "e", "operation": "replace", "target": "name", "value": "x" * 3000}],
            },
            400,
        ),
    ],
)
async def test_an_expert_call_that_is_impossible_is_refused_and_changes_nothing(
    expert: ServiceLab, method: str, arguments: dict[str, Any], code: int
) -> None:
    await expert.create("taken")
    instance = await expert.create()
    before = (await expert.get(instance), await expert.events(instance))
    await expert.on_instance(method, instance, code=code, **arguments)
    assert (await expert.get(instance), await expert.events(instance)) == before


async def test_a_transfer_that_cannot_be_carried_out_leaves_only_its_failure(expert: ServiceLab) -> None:
    await expert.create("taken")
    instance = await expert.create()
    edit = {"edit_id": "e", "operation": "replace", "target": "name", "value": "taken"}
    await expert.on_instance(
        "lsm_services_expert_update", instance, attribute_set_name="active_attributes", patch_id="p", edit=[edit]
    )
    before = await expert.get(instance)
    await expert.on_instance(
        "lsm_services_set_state", instance, current_version=2, target_state="cleared", message="without candidate"
    )
    [trigger, failure] = await expert.events(instance, version=2)

    assert await expert.get(instance) == before
    assert trigger["message"].endswith(": without candidate")
    assert failure["message"].endswith("start -> cleared: another service instance has the value that its name would have")
    assert len(await expert.compiles()) == 0
