"""Many calls at the same time: the transfers of an instance follow each other, and instances do not disturb each other."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from inmanta import data as core
from inmanta.protocol.common import Result
from inmanta_lsm.const import ENV_INSTANCE_VERSION
from inmanta_lsm.data.entities import lock_catalog

from ..helpers.history_invariants import check_history, is_outcome
from ..helpers.service_lab import ServiceLab, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

LAST = 12


async def test_of_many_creations_with_the_same_identity_one_succeeds(lab: ServiceLab) -> None:
    results: list[Result] = await asyncio.gather(
        *(
            lab.client.lsm_services_create(tid=lab.environment, service_entity="vlan", attributes={"name": "a"})
            for _ in range(15)
        )
    )
    assert Counter(result.code for result in results) == {200: 1, 409: 14}
    assert len(await lab.call("lsm_services_list", service_entity="vlan")) == 1


async def test_of_many_updates_of_the_same_version_one_succeeds(lab: ServiceLab) -> None:
    instance = await lab.up()
    results: list[Result] = await asyncio.gather(
        *(
            lab.client.lsm_services_update(
                tid=lab.environment,
                service_entity="vlan",
                service_id=instance,
                attributes={"size": size},
                current_version=4,
            )
            for size in range(10, 25)
        )
    )
    assert Counter(result.code for result in results) == {200: 1, 409: 14}
    updates = [event for event in await lab.events(instance) if event["event_type"] == "ON_UPDATE_TRANSITION"]
    assert len({event["event_correlation_id"] for event in updates}) == 1


async def test_the_same_report_sent_many_times_counts_once(lab: ServiceLab) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await asyncio.gather(*(lab.send_report(instance, 4, 4) for _ in range(10)))
    rows = await lab.log(instance)
    assert [row["state"] for row in rows] == ["start", "acknowledged", "creating", "up"]


async def test_many_instances_with_interleaved_calls_and_reports_end_with_complete_logs(lab: ServiceLab) -> None:
    async def life(number: int) -> uuid.UUID:
        instance = await lab.up(f"instance {number}")
        if number % 2:
            await lab.on_instance("lsm_services_update", instance, attributes={"size": number}, current_version=4)
            await lab.reaches(instance, "update_inprogress")
            await lab.report(instance)
        if number % 3 == 0:
            version = (await lab.get(instance))["version"]
            await lab.on_instance("lsm_services_delete", instance, current_version=version)
            await lab.report(instance)
        return instance

    instances = await asyncio.gather(*(life(number) for number in range(9)))
    for number, instance in enumerate(instances):
        found, rows = await lab.get(instance), await lab.log(instance)
        assert found["state"] == ("terminated" if number % 3 == 0 else "up")
        assert [row["version"] for row in rows] == list(range(1, found["version"] + 1))
        assert rows[-1]["state"] == found["state"]
        assert found["active_attributes"]["size"] == (number if number % 2 else 1)
        for row in rows[1:]:
            executed = [event for event in row["events"] if "successfully executed" in event["message"]]
            assert [event["destination"] for event in executed] == [row["state"]]


async def test_a_transfer_waits_for_a_change_of_the_catalog_to_be_committed(lab: ServiceLab) -> None:
    async with core.Environment.get_connection() as connection:
        async with connection.transaction():
            await lock_catalog(connection, lab.environment, shared=False)
            creation = asyncio.create_task(lab.create())
            await lab.is_blocked(connection)
            assert not creation.done()
        await lab.reaches(await creation, "creating")


async def disturb(lab: ServiceLab, instance: uuid.UUID, size: int, chance: random.Random) -> None:
    """Send a request that may or may not fit the moment, perhaps twice at the same time."""
    found = await lab.get(instance)
    version, desired_state_version = found["version"] - chance.choice([0, 0, 0, 1]), found["desired_state_version"]
    target = {"tid": lab.environment, "service_entity": "vlan", "service_id": instance, "current_version": version}
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: lab.client.lsm_services_update(**target, attributes={"size": size}),
        lambda: lab.client.lsm_services_update_attributes(**target, attributes={"vlan_id": size}),
        lambda: lab.client.lsm_services_set_state(**target, target_state="up", message="m"),
        *([lambda: lab.send_report(instance, version + 1, desired_state_version + 1, success=size % 3 > 0)] * 4),
    ]
    if size > LAST - 2:
        calls.append(lambda: lab.client.lsm_services_delete(**target))
    call = chance.choice(calls)
    await asyncio.gather(*(call() for _ in range(chance.choice([1, 1, 2]))))


@pytest.mark.parametrize("seed", range(2))
async def test_any_calls_reports_and_results_at_the_same_time_leave_histories_without_gaps(lab: ServiceLab, seed: int) -> None:
    chance = random.Random(seed)

    async def any_result(request: core.Compile) -> bool:
        # Who is rejected at once goes nowhere.
        is_first = request.requested_environment_variables.get(ENV_INSTANCE_VERSION) == "1"
        return request.do_export or is_first or chance.random() < 0.7

    async def many_disturbances(instance: uuid.UUID) -> None:
        for size in range(LAST):
            await disturb(lab, instance, size, chance)

    async def every_flow_has_ended() -> bool:
        events = [event for instance in instances for event in await lab.events(instance)]
        ended = {event["event_correlation_id"] for event in events if is_outcome(event)}
        return ended == {event["event_correlation_id"] for event in events}

    lab.compiler.scripts[lab.environment] = any_result
    instances = [await lab.create(f"instance {number}") for number in range(4)]
    await asyncio.gather(*(many_disturbances(instance) for instance in instances for _ in range(2)))
    await eventually(every_flow_has_ended, "every flow has ended")

    found = [await lab.get(instance) for instance in instances]
    for instance in found:
        rows, events = await lab.log(instance["id"]), await lab.events(instance["id"])
        check_history(instance, rows, events, lab.entity.lifecycle)
    # How much is refused depends on what comes first; all of them went somewhere.
    assert all(instance["version"] > 2 for instance in found), found
