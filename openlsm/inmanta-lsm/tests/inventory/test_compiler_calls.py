"""The calls of compiles and handlers: allocated values and deployment reports."""

import uuid

import pytest

from ..helpers.service_lab import ServiceLab

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_allocation_writes_the_candidate_set_only_and_without_a_new_version(still: ServiceLab) -> None:
    instance = await still.create()
    before = await still.get(instance)
    await still.on_instance("lsm_services_update_attributes", instance, current_version=1, attributes={"vlan_id": 1})
    await still.on_instance(
        "lsm_services_update_attributes_v2",
        instance,
        current_version=1,
        patch_id="p",
        edit=[{"edit_id": "e", "operation": "replace", "target": "vlan_id", "value": 2}],
    )
    after = await still.get(instance)

    assert after["candidate_attributes"] == {"name": "a", "size": 1, "vlan_id": 2}
    assert {name for name in after if after[name] != before[name]} == {"candidate_attributes", "last_updated"}
    assert [event["event_type"] for event in await still.events(instance, version=1)] == ["ALLOCATION_UPDATE"] * 2


async def test_allocation_starts_from_the_active_set_when_there_is_no_candidate(lab: ServiceLab) -> None:
    instance = await lab.up()
    await lab.on_instance("lsm_services_update_attributes", instance, current_version=4, attributes={"vlan_id": 1})
    found = await lab.get(instance)
    assert found["candidate_attributes"] == {"name": "a", "size": 1, "vlan_id": 1}
    assert found["active_attributes"] == {"name": "a", "size": 1, "vlan_id": None}


async def test_a_report_about_an_unknown_instance_is_refused_and_one_of_another_service_ignored(lab: ServiceLab) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    before = await lab.get(instance)
    await lab.send_report(uuid.uuid4(), 4, 4, code=404)
    await lab.send_report(instance, 4, 4, service_entity="still")
    assert await lab.get(instance) == before
