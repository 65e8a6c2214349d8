"""Schedulers that run and stand still: how they are told from those that only have much to do."""

import datetime
import uuid
from dataclasses import replace

import pytest
from inmanta import const
from inmanta import data as core
from inmanta.protocol import Client
from inmanta.types import ResourceIdStr
from inmanta_lsm.deployment import unreported
from inmanta_lsm.deployment.standstill import (
    Need,
    Work,
    is_behind,
    needs_of,
    paused_agents,
    real_work,
    stands_still,
    work_of,
)

from ..helpers.http_request import answer
from ..helpers.stored_inventory import BEGIN, StoredInventory, resource_id, transfer_id

SECOND = datetime.timedelta(seconds=1)
NEED = Need(last_run=BEGIN, is_blocked=False, agents=frozenset({"a", "b"}))
WORK = Work(environment=uuid.uuid4(), agent="a", resource_id="one", started=BEGIN)


@pytest.mark.parametrize(
    ("need", "excused", "expected"),
    [
        pytest.param(NEED, {"c"}, True, id="nothing moves"),
        pytest.param(replace(NEED, last_run=None), set(), False, id="it was deployed in between"),
        pytest.param(NEED, {"b"}, False, id="one of its agents has a reason"),
        pytest.param(replace(NEED, is_blocked=True), set(), False, id="something is not known yet"),
        pytest.param(replace(NEED, agents=frozenset()), set(), False, id="nothing is left to be deployed"),
    ],
)
def test_a_scheduler_stands_still_when_nothing_moves_and_nothing_is_a_reason(
    need: Need, excused: set[str], expected: bool
) -> None:
    assert stands_still(need, NEED, excused) is expected


@pytest.mark.parametrize(
    ("last_deployed", "real"),
    [
        pytest.param({"one": BEGIN + SECOND}, False, id="deployed since then"),
        pytest.param({"one": BEGIN - SECOND}, True, id="deployed before"),
        pytest.param({"one": None}, True, id="never deployed"),
        pytest.param({}, True, id="not known"),
    ],
)
def test_a_deployment_goes_on_unless_the_scheduler_saw_its_end(
    last_deployed: dict[str, datetime.datetime | None], real: bool
) -> None:
    assert real_work([WORK], last_deployed) == ([WORK] if real else [])


@pytest.mark.asyncio(loop_scope="session")
async def test_a_transfer_needs_the_agents_of_what_it_waits_for(inventory: StoredInventory) -> None:
    waiting, deployed = await inventory.add_instance(), await inventory.add_instance()
    version = await inventory.export({waiting: ["a"], deployed: ["b"]})
    transfers = [transfer_id(waiting), transfer_id(deployed), "unknown"]
    async with core.BaseDocument.get_connection() as connection:
        assert await is_behind(connection, inventory.environment)
        await inventory.process(version)
        assert not await is_behind(connection, inventory.environment)
        for name in ("b", transfer_id(deployed), transfer_id(waiting)):
            await inventory.deploy(name, "deployed")

        needs = await needs_of(connection, inventory.environment, transfers)

        assert {transfer: need.agents for transfer, need in needs.items()} == {
            transfer_id(waiting): {"agent"},
            transfer_id(deployed): set(),
        }
        assert not any(need.is_blocked for need in needs.values())


@pytest.mark.asyncio(loop_scope="session")
async def test_what_the_newest_released_version_has_not_is_no_trouble_of_the_scheduler(inventory: StoredInventory) -> None:
    instance = await inventory.add_instance(report_pending=True, desired_state_version=1)
    await inventory.process(await inventory.export({instance: ["a"]}, desired_state=2))
    await inventory.export({instance: ["a"]}, desired_state=3, step=1)
    async with core.BaseDocument.get_connection() as connection:
        assert not [key for key in await unreported.load(connection) if key[0] == inventory.environment]


@pytest.mark.asyncio(loop_scope="session")
async def test_an_agent_that_is_paused_and_a_deployment_that_goes_on_are_found(
    inventory: StoredInventory, client: Client
) -> None:
    environment = inventory.environment
    version = await inventory.export({await inventory.add_instance(): ["a", "b"]})
    started = core.ResourceAction(
        environment=environment,
        version=version,
        resource_version_ids=[f"{resource_id('a')},v={version}"],
        action_id=uuid.uuid4(),
        action=const.ResourceAction.deploy,
        started=BEGIN,
    )
    await started.insert()
    async with core.BaseDocument.get_connection() as connection:
        await core.ResourcePersistentState.update_persistent_state(
            environment=environment, resource_id=ResourceIdStr(resource_id("a")), is_deploying=True, connection=connection
        )
        await core.Agent.insert_if_not_exist(environment=environment, endpoint="agent")
        assert await paused_agents(connection, environment) == set()
        await answer(client.agent_action(tid=environment, name="agent", action="pause"))

        assert await paused_agents(connection, environment) == {"agent"}
        assert await work_of(connection, environment) == [Work(environment, "agent", resource_id("a"), BEGIN)]
        assert await work_of(connection, uuid.uuid4()) == []
