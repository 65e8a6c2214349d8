"""Deployments that would wait for ever: schedulers that ended, results that nobody reports, processes that were killed."""

import inspect
import uuid
from collections.abc import Awaitable

import pytest
from inmanta import data as core
from inmanta.protocol import Client
from inmanta.server import SLICE_AGENT_MANAGER, SLICE_AUTOSTARTED_AGENT_MANAGER
from inmanta.server.agentmanager import AgentManager, AutostartedAgentManager
from inmanta_lsm.data import documents
from inmanta_lsm.data.instances import lock_instance
from inmanta_lsm.deployment import patience as patience_module
from inmanta_lsm.deployment import unreported
from inmanta_lsm.deployment.interruption import MAXIMUM_INTERRUPTIONS, interrupted
from inmanta_lsm.deployment.patience import FIRST_PATIENCE, LONGEST_PATIENCE, Patience
from inmanta_lsm.deployment.scheduler_watch import SchedulerWatch
from inmanta_lsm.deployment.unreported import Deployment

from ..helpers.http_request import answer
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import StoredInventory, resource_id, transfer_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENVIRONMENT = uuid.uuid4()
CUT_OFF = "Failure during executor execution for resource x"


def deployment() -> Deployment:
    """A deployment that is waited for."""
    return (ENVIRONMENT, uuid.uuid4(), 3)


def looks_until_asked(patience: Patience[Deployment], one: Deployment) -> int:
    """Look until a deployment is to be asked for, and count the looks."""
    looks = 1
    while patience.ended([one]) != [one]:
        looks += 1
    return looks


async def test_a_deployment_is_asked_for_less_and_less_often_but_never_given_up() -> None:
    patience, one = Patience[Deployment](), deployment()
    gaps = [looks_until_asked(patience, one) for _ in range(9)]
    assert gaps[0] == FIRST_PATIENCE + 1
    assert gaps == sorted(gaps)
    assert gaps[-2:] == [LONGEST_PATIENCE + 1] * 2


async def test_a_deployment_whose_result_came_is_forgotten() -> None:
    patience, one = Patience[Deployment](), deployment()
    patience.ended([one])
    assert patience.ended([]) == []
    assert (patience.looks, looks_until_asked(patience, one)) == ({}, FIRST_PATIENCE + 1)


async def test_many_deployments_have_their_turn_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience_module, "ASKED_AT_ONCE", 2)
    patience, many = Patience[Deployment](), [deployment() for _ in range(5)]
    asked = [patience.ended(many) for _ in range(FIRST_PATIENCE + 3)][FIRST_PATIENCE:]
    assert asked == [many[:2], many[2:4], many[4:]]


async def test_a_deployment_that_was_cut_off_is_no_verdict_as_long_as_that_does_not_happen_again_and_again(
    inventory: StoredInventory,
) -> None:
    instance = await inventory.add_instance()
    version = await inventory.export({instance: ["cut off", "wrong"]})
    await inventory.process(version)
    await inventory.add_log(instance, version=3)

    async def found() -> list[str]:
        async with documents.ServiceInstance.get_connection() as connection, connection.transaction():
            locked = await lock_instance(connection, inventory.environment, instance)
            assert locked is not None
            return await interrupted(connection, locked, [resource_id("cut off"), resource_id("wrong"), "unknown"])

    assert await found() == []
    await inventory.deploy("wrong", "unavailable", version=version, errors=["All resources failed to install handler code"])
    for _ in range(MAXIMUM_INTERRUPTIONS - 1):
        await inventory.deploy("cut off", "unavailable", version=version, errors=[CUT_OFF])
        assert await found() == [resource_id("cut off")]
    await inventory.deploy("cut off", "failed", version=version, errors=["wrong"])
    assert await found() == []
    await inventory.deploy("cut off", "unavailable", version=version, errors=[CUT_OFF])
    assert await found() == []


async def test_what_a_scheduler_forgot_is_what_an_instance_waits_for_and_what_is_exported(inventory: StoredInventory) -> None:
    waiting = await inventory.add_instance(report_pending=True, desired_state_version=1)
    deployed = await inventory.add_instance(report_pending=True, desired_state_version=1)
    not_exported = await inventory.add_instance(report_pending=True, desired_state_version=2)
    done = await inventory.add_instance(report_pending=False, desired_state_version=1)
    await inventory.process(
        await inventory.export({waiting: ["a"], deployed: ["b"], not_exported: ["c"], done: ["d"]}, desired_state=2)
    )
    await inventory.deploy(transfer_id(deployed), "deployed")
    for instance in (waiting, not_exported, done):
        await inventory.deploy(transfer_id(instance), "unavailable")

    async with core.BaseDocument.get_connection() as connection:
        found = await unreported.load(connection)

    [(key, resources)] = [(key, value) for key, value in found.items() if key[0] == inventory.environment]
    assert key[1] == waiting
    assert sorted(resources) == sorted([transfer_id(waiting), resource_id("a")])


async def test_a_scheduler_is_missed_where_there_is_something_to_deploy(
    inventory: StoredInventory, server: SharedServer, client: Client
) -> None:
    agents = server.restserver.get_slice(SLICE_AGENT_MANAGER)
    starter = server.restserver.get_slice(SLICE_AUTOSTARTED_AGENT_MANAGER)
    assert isinstance(agents, AgentManager)
    assert isinstance(starter, AutostartedAgentManager)
    watch = SchedulerWatch(agents, starter, server.restserver.get_slice(SLICE_AGENT_MANAGER).add_background_task)

    async def is_missed() -> bool:
        await watch.reconcile()
        return inventory.environment in watch.missing

    await answer(client.set_setting(tid=inventory.environment, id="autostart_on_start", value=True))
    assert [await is_missed() for _ in range(3)] == [False] * 3
    await inventory.export({await inventory.add_instance(): ["a"]})
    assert [await is_missed() for _ in range(2)] == [False, True]
    await answer(client.set_setting(tid=inventory.environment, id="autostart_on_start", value=False))
    assert not await is_missed()
    await answer(client.set_setting(tid=inventory.environment, id="autostart_on_start", value=True))
    assert [await is_missed() for _ in range(2)] == [False, True]
    await answer(client.halt_environment(tid=inventory.environment))
    assert not await is_missed()


async def test_a_scheduler_that_is_being_started_is_no_trouble_and_one_that_does_not_start_is(
    inventory: StoredInventory, server: SharedServer, client: Client
) -> None:
    agents = server.restserver.get_slice(SLICE_AGENT_MANAGER)
    starter = server.restserver.get_slice(SLICE_AUTOSTARTED_AGENT_MANAGER)
    assert isinstance(agents, AgentManager)
    assert isinstance(starter, AutostartedAgentManager)
    started: list[Awaitable[None]] = []
    watch = SchedulerWatch(agents, starter, started.append)
    await answer(client.set_setting(tid=inventory.environment, id="autostart_on_start", value=True))
    await inventory.export({await inventory.add_instance(): ["a"]})
    for _ in range(3):
        await watch.reconcile()
    assert (inventory.environment in watch.missing, watch.unstarted) == (True, set())

    for start in started:
        await start
    await watch.reconcile()
    assert inventory.environment in watch.unstarted

    await answer(client.halt_environment(tid=inventory.environment))
    await watch.reconcile()
    assert inventory.environment not in watch.unstarted
    for start in started:
        if inspect.iscoroutine(start):
            start.close()
