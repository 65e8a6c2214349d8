"""The flows of an instance in a running server: compiles and deployment reports move it, log and events tell what happened."""

import asyncio
import uuid

import pytest
from inmanta import data as core

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.simple_lifecycle import service
from ..helpers.state_setting_lifecycle import STATE_SETTING

pytestmark = pytest.mark.asyncio(loop_scope="session")

AUTO, RESOURCE, ALLOCATION = "AUTO_TRANSITION", "RESOURCE_TRANSITION", "ALLOCATION_UPDATE"


async def refuse(request: core.Compile) -> bool:
    """Let every validation fail."""
    return request.do_export


async def test_create_validates_exports_and_ends_up_with_the_events_of_each_step_in_the_log(lab: ServiceLab) -> None:
    await lab.export(service("e2e", STATE_SETTING))
    instance = await lab.up()
    start, creating, up = await lab.log(instance)

    assert [row["state"] for row in (start, creating, up)] == ["start", "creating", "up"]
    assert [event["service_instance_version"] for event in start["events"]] == [0, 0]
    assert [event["message"] for event in start["events"]] == [
        f"Creation trigger received for service instance {instance}.",
        "Creation complete",
    ]
    validation, export, second_export = await lab.compiles()
    assert [(event["event_type"], event["id_compile_report"], event["message"]) for event in creating["events"]] == [
        (AUTO, None, f"Auto transition triggered for service instance {instance} in environment test ({lab.environment})"),
        (AUTO, str(validation.id), f"Validation compile request queued with id {validation.id}"),
        (AUTO, str(export.id), f"compile request queued with id {export.id}"),
        (AUTO, None, f"Service instance {instance} successfully executed transfer start -> creating (error=False)"),
    ]
    assert len({event["event_correlation_id"] for event in creating["events"]}) == 1
    assert [(event["event_type"], event["id_compile_report"]) for event in up["events"]] == [
        (RESOURCE, None),
        (RESOURCE, str(second_export.id)),
        (RESOURCE, None),
    ]
    assert {event["severity"] for row in (start, creating, up) for event in row["events"]} == {20}
    assert up["desired_state_version"] == 3


async def test_a_rejected_instance_has_the_failed_validation_as_its_only_compile_and_can_be_deleted(lab: ServiceLab) -> None:
    lab.compiler.scripts[lab.environment] = refuse
    instance = await lab.create()
    rejected = await lab.reaches(instance, "rejected")
    events = await lab.events(instance, version=1)
    await lab.on_instance("lsm_services_delete", instance, current_version=2)
    terminated = await lab.get(instance)

    assert rejected["transfer_context"] == "stable"
    assert rejected["candidate_attributes"] == {"name": "a", "size": 1, "vlan_id": None}
    assert [event["is_error_transition"] for event in events] == [False, False, True]
    assert (terminated["state"], terminated["version"], terminated["deleted"]) == ("terminated", 3, True)
    assert [request.do_export for request in await lab.compiles()] == [False]
    assert await lab.call("lsm_services_list", service_entity=lab.entity.name) == []
    assert [row["version"] for row in await lab.log(instance)] == [1, 2, 3]


async def test_an_update_is_validated_promoted_and_deployed(lab: ServiceLab) -> None:
    instance = await lab.up()
    await lab.on_instance("lsm_services_update", instance, attributes={"size": 2}, current_version=4)
    updating = await lab.reaches(instance, "update_inprogress")
    await lab.report(instance)
    rows = await lab.log(instance)

    assert updating["active_attributes"] == {"name": "a", "size": 2, "vlan_id": None}
    assert updating["rollback_attributes"] == {"name": "a", "size": 1, "vlan_id": None}
    assert [row["state"] for row in rows[4:]] == ["update_start", "update_acknowledged", "update_inprogress", "up"]
    assert rows[4]["candidate_attributes"]["size"] == 2
    assert rows[4]["active_attributes"]["size"] == 1
    assert [event["event_type"] for event in rows[4]["events"]] == ["ON_UPDATE_TRANSITION"] * 3


async def test_a_failed_update_can_be_rolled_back(lab: ServiceLab) -> None:
    instance = await lab.up()
    await lab.on_instance("lsm_services_update", instance, attributes={"size": 2}, current_version=4)
    await lab.reaches(instance, "update_inprogress")
    await lab.report(instance, success=False)
    failed = await lab.get(instance)
    await lab.on_instance(
        "lsm_services_set_state", instance, current_version=failed["version"], target_state="rollback", message="back"
    )
    await lab.report(instance)
    up = await lab.get(instance)

    assert failed["state"] == "update_failed"
    assert (up["state"], up["active_attributes"]["size"], up["candidate_attributes"]["size"]) == ("up", 1, 2)


async def test_set_state_follows_the_edge_and_the_auto_edge_behind_it(lab: ServiceLab) -> None:
    await lab.export(service("e2e", STATE_SETTING))
    instance = await lab.up()
    await lab.on_instance(
        "lsm_services_set_state", instance, current_version=3, target_state="setting_start", message="Manually"
    )
    await lab.reaches(instance, "setting_inprogress")
    await lab.report(instance)
    rows = (await lab.log(instance))[3:]

    assert [row["state"] for row in rows] == ["setting_start", "setting_inprogress", "up"]
    assert {event["event_type"] for event in rows[0]["events"]} == {"API_SET_STATE_TRANSITION"}
    assert rows[0]["events"][0]["message"].endswith(f"({lab.environment}): Manually")


async def test_a_deployment_failure_leads_to_failed_and_a_later_success_to_up(lab: ServiceLab) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await lab.report(instance, success=False)
    events = await lab.events(instance, version=3)
    failed = await lab.get(instance)
    await lab.report(instance)

    assert failed["state"] == "failed"
    assert [event["is_error_transition"] for event in events] == [True, True, True]
    assert (await lab.get(instance))["state"] == "up"


async def test_a_deletion_ends_when_the_purge_is_deployed(lab: ServiceLab) -> None:
    instance = await lab.up()
    await lab.on_instance("lsm_services_delete", instance, current_version=4)
    deleting = await lab.get(instance)
    await lab.report(instance)
    terminated = await lab.get(instance)

    assert (deleting["state"], deleting["deleted"]) == ("deleting", False)
    assert (terminated["state"], terminated["deleted"], terminated["transfer_context"]) == ("terminated", True, "stable")


async def test_a_repair_run_adds_nothing(lab: ServiceLab) -> None:
    instance = await lab.up()
    arrived = await lab.get(instance)
    await lab.report(instance)
    settled = await lab.get(instance)
    before = await lab.events(instance)
    await lab.report(instance)

    assert arrived["transfer_context"] == "auto"
    assert settled == {**arrived, "transfer_context": "stable"}
    assert await lab.get(instance) == settled
    assert await lab.events(instance) == before


async def test_repeated_and_late_reports_are_ignored(lab: ServiceLab) -> None:
    instance = await lab.up()
    before = await lab.get(instance)
    await lab.report(instance, version=3, success=False)

    assert await lab.get(instance) == before
    [ignored] = [event for event in await lab.events(instance) if event["event_type"] == "RESOURCE_EVENT"]
    assert (ignored["ignored_transition"], ignored["severity"]) == (True, 30)


async def test_a_report_may_come_before_the_end_of_the_compile_that_exported_the_instance(lab: ServiceLab) -> None:
    released = asyncio.Event()

    async def slow_export(request: core.Compile) -> bool:
        if request.do_export:
            await released.wait()
        return True

    lab.compiler.scripts[lab.environment] = slow_export
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await lab.report(instance)
    early = await lab.get(instance)
    released.set()
    await lab.idle()

    assert early["state"] == "up"
    assert [row["state"] for row in await lab.log(instance)] == ["start", "acknowledged", "creating", "up"]


async def test_a_validation_result_that_a_report_overtakes_is_ignored_and_a_new_validation_starts(lab: ServiceLab) -> None:
    held = asyncio.Event()
    instance = await lab.up()

    async def hold_the_first_validation(request: core.Compile) -> bool:
        if request.metadata and request.metadata.get("from_state") == "update_start":
            await held.wait()
        return True

    lab.compiler.scripts[lab.environment] = hold_the_first_validation
    await lab.on_instance("lsm_services_update", instance, attributes={"size": 2}, current_version=4)

    async def is_being_validated() -> bool:
        return len(await lab.events(instance, version=5)) == 2

    await eventually(is_being_validated, "the validation is requested")
    await lab.report(instance, success=False)
    overtaken = await lab.get(instance)
    held.set()
    await lab.reaches(instance, "update_inprogress")

    assert overtaken["state"] == "update_start_failed"
    # The result arrives in version 6 or later: it belongs to the version that the instance has then.
    [ignored] = [event for event in await lab.events(instance) if event["ignored_transition"]]
    assert ignored["message"].startswith(f"Transfer update_start -> update_acknowledged of service instance {instance} ignored")
    assert [row["state"] for row in (await lab.log(instance))[4:]] == [
        "update_start",
        "update_start_failed",
        "update_acknowledged_failed",
        "update_inprogress",
    ]


async def test_allocated_values_are_stored_during_the_validation_and_survive_its_failure(lab: ServiceLab) -> None:
    async def allocate_and_fail(request: core.Compile) -> bool:
        instance = uuid.UUID(request.requested_environment_variables["inmanta_instance_id"])
        await lab.on_instance("lsm_services_update_attributes", instance, current_version=1, attributes={"vlan_id": 7})
        return False

    lab.compiler.scripts[lab.environment] = allocate_and_fail
    instance = await lab.create()
    rejected = await lab.reaches(instance, "rejected")
    events = await lab.events(instance, version=1)

    assert rejected["candidate_attributes"]["vlan_id"] == 7
    assert [event["event_type"] for event in events] == [AUTO, AUTO, ALLOCATION, AUTO]
    assert events[2]["message"] == f"Updated allocation received for service instance {instance}."
    assert events[2]["event_correlation_id"] != events[1]["event_correlation_id"]
