"""The numbers of instances: summaries of services and metrics of environments."""

import datetime
import uuid

import pytest
from inmanta import data as core
from inmanta.protocol import Client
from inmanta.server import SLICE_ENVIRONMENT_METRICS
from inmanta.server.services.environment_metrics_service import EnvironmentMetricsService
from inmanta_lsm.catalog.summary import summarize
from inmanta_lsm.data.instance_counts import count_states
from inmanta_lsm.model import LabelCount

from ..helpers.http_request import answer
from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import LIFECYCLE, StoredInventory, service

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_states_are_counted_per_service_without_deleted_instances(inventory: StoredInventory) -> None:
    await inventory.add_service(service("other"))
    for state, deleted in [("up", False), ("up", False), ("failed", False), ("up", True), ("terminated", True)]:
        await inventory.add_instance(state=state, deleted=deleted)
    await inventory.add_instance("other", state="start")

    async with core.Environment.get_connection() as connection:
        counts = await count_states(connection, inventory.environment)
        counts_of_service = await count_states(connection, inventory.environment, "service")
        counts_elsewhere = await count_states(connection, uuid.uuid4())

    assert counts == {"service": {"up": 2, "failed": 1}, "other": {"start": 1}}
    assert counts_of_service == {"service": {"up": 2, "failed": 1}}
    assert counts_elsewhere == {}


async def test_the_summary_of_a_service_follows_an_instance_that_is_forced_into_a_state_and_deleted(expert: ServiceLab) -> None:
    async def summary() -> dict[str, int]:
        found = await expert.call("lsm_service_catalog_get_entity", service_entity="still", instance_summary=True)
        listed = await expert.call("lsm_service_catalog_list", instance_summary=True)
        assert [entity["instance_summary"] for entity in listed if entity["name"] == "still"] == [found["instance_summary"]]
        return {state: instances for state, instances in found["instance_summary"]["by_state"].items() if instances}

    instance = await expert.create(initial_state="imported")
    assert await summary() == {"imported": 1}
    await expert.on_instance("lsm_services_expert_set_state", instance, target_state="changed", message="why")
    assert await summary() == {"changed": 1}
    await expert.on_instance("lsm_services_expert_delete", instance, message="why")
    assert await summary() == {}


async def test_a_summary_has_all_states_and_labels_but_deleted_states() -> None:
    summary = summarize([LIFECYCLE], {"up": 2, "failed": 1, "start": 4})

    assert summary.by_state == {"start": 4, "creating": 0, "up": 2, "failed": 1, "rejected": 0}
    assert summary.by_label == LabelCount(danger=1, success=2, no_label=4)
    assert summary.total == 7


async def test_the_total_of_a_summary_is_the_sum_over_states_and_over_labels_whatever_the_states_are() -> None:
    summary = summarize([LIFECYCLE], {"up": 1, "forgotten": 2, "terminated": 3})

    assert summary.total == sum(summary.by_state.values()) == sum(summary.by_label.model_dump().values()) == 6
    assert summary.by_label == LabelCount(success=1, no_label=5)


async def test_the_metrics_count_services_and_instances_per_label(
    inventory: StoredInventory, server: SharedServer, client: Client
) -> None:
    await inventory.add_service(service("service", version=1), default=False)
    await inventory.add_service(service("other"))
    for state, version in [("up", 0), ("up", 1), ("failed", 0), ("start", 0)]:
        await inventory.add_instance(state=state, service_entity_version=version)
    await inventory.add_instance(deleted=True)
    metrics = server.restserver.get_slice(SLICE_ENVIRONMENT_METRICS)
    assert isinstance(metrics, EnvironmentMetricsService)
    begin = datetime.datetime.now(datetime.UTC)

    await metrics.flush_metrics()

    answered = await answer(
        client.get_environment_metrics(
            tid=inventory.environment,
            metrics=["lsm.service_count", "lsm.service_instance_count"],
            start_interval=begin,
            end_interval=begin + datetime.timedelta(minutes=16),
            nb_datapoints=1,
        )
    )
    assert answered["data"]["metrics"] == {
        "lsm.service_count": [2],
        "lsm.service_instance_count": [{"danger": 1, "info": 0, "no_label": 1, "success": 2, "warning": 0}],
    }


async def test_the_metrics_tell_what_waits_and_what_failed(lab: ServiceLab, server: SharedServer, client: Client) -> None:
    async def fail(request: core.Compile) -> bool:
        return False

    lab.compiler.scripts[lab.environment] = fail
    await lab.reaches(await lab.create("rejected"), "rejected")
    await lab.client.halt_environment(tid=lab.environment)
    waiting = await lab.create("waiting")
    await eventually(lambda: lab.events(waiting, version=1), "the validation is requested")
    async with core.Environment.get_connection() as connection:
        await connection.execute(
            "UPDATE lsm_serviceinstance SET last_updated = now() - interval '1 hour' WHERE environment = $1 AND id = $2",
            lab.environment,
            waiting,
        )
    metrics = server.restserver.get_slice(SLICE_ENVIRONMENT_METRICS)
    assert isinstance(metrics, EnvironmentMetricsService)
    begin = datetime.datetime.now(datetime.UTC)
    await metrics.flush_metrics()

    names = ["lsm.instance_count_by_state", "lsm.compile_queue_length", "lsm.failed_transfer_count"]
    answered = await answer(
        client.get_environment_metrics(
            tid=lab.environment,
            metrics=[*names, "lsm.oldest_waiting_transfer_age"],
            start_interval=begin,
            end_interval=begin + datetime.timedelta(minutes=16),
            nb_datapoints=1,
        )
    )
    found = answered["data"]["metrics"]
    assert [found[name] for name in names] == [[{"vlan/rejected": 1, "vlan/start": 1}], [1], [1]]
    assert found["lsm.oldest_waiting_transfer_age"][0] >= 3600
