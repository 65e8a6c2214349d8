"""An orchestrator of the older release of inmanta-core goes on with the current one, also in a folder of an odd name."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import eventually, patient
from inmanta_lsm.model import PatchCallEdit, ServiceInstance
from inmanta_services import Address, Client, Connection, embedded

import bootstrap
from demo import files, story
from demo.tests import places

pytestmark = [
    pytest.mark.full,
    pytest.mark.long,
    pytest.mark.skipif(
        sys.version_info < bootstrap.CURRENT, reason="this is the older release: there is nothing to upgrade from"
    ),
    pytest.mark.skipif(
        not places.has_older_release(),
        reason="the older release is not set up; this does it: python3 bootstrap.py --python 3.12",
    ),
]


def older(command: str, *arguments: str) -> None:
    """
    Run a command of the environment with the older release.

    :param command: its name
    :param arguments: its arguments
    """
    process = subprocess.run(
        [places.OLDER / command, *arguments],
        cwd=bootstrap.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patient(600),
        check=False,
    )
    assert process.returncode == 0, process.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which the demo of the older release left an orchestrator with two services, which is stopped."""
    folder = tmp_path / places.ODD / "demo"
    try:
        older("python", "-m", "demo", "--keep", "--folder", str(folder))
        yield folder
    finally:
        Orchestrator(folder).reset()


def client_of(orchestrator: Orchestrator) -> Client:
    """
    A client of the environment of the demo.

    :param orchestrator: runs
    """
    address = Address(orchestrator.host, orchestrator.port)
    # The server keeps the project of an environment in a folder that is named after it.
    (environment,) = (uuid.UUID(path.name) for path in (orchestrator.layout.state / "server").glob("*-*-*-*-*"))
    return Client(Connection(address, environment, embedded.token(orchestrator)))


async def instances(client: Client) -> list[ServiceInstance]:
    """
    The basic service and the order of the demo.

    :param client: of its environment
    """
    basic = [instance async for instance in client.inventory.all(story.BASIC)]
    return basic + [instance async for instance in client.inventory.all(story.CUSTOMER)]


async def settle(orchestrator: Orchestrator) -> None:
    """
    Wait until each instance knows how it fares: what it exports when it comes up follows later.

    :param orchestrator: runs
    """
    client = client_of(orchestrator)

    async def is_settled() -> bool:
        return all(instance.transfer_context == "stable" for instance in await instances(client))

    await eventually(is_settled, "the instances do not settle")


async def look(orchestrator: Orchestrator) -> list[Any]:
    """
    All that the inventory tells about the instances of the demo, with their history.

    :param orchestrator: runs
    """
    client = client_of(orchestrator)
    found = [
        (await client.inventory.get(instance.service_entity, instance.id, progress=True), await client.history.log(instance))
        for instance in await instances(client)
    ]
    assert len(found) == 2
    return found


async def add_item(orchestrator: Orchestrator, name: str) -> list[str]:
    """
    Add an item to the order of the demo, and wait until that is deployed.

    :param orchestrator: runs
    :param name: of the item
    :return: the states that the order went through
    """
    client = client_of(orchestrator)
    _, order = await instances(client)
    await client.inventory.update(
        order, [PatchCallEdit(edit_id="1", operation="merge", target="items", value=[{"name": name}])]
    )
    states: list[str] = []

    async def has_ended() -> bool:
        states[:] = [entry.state for entry in await client.history.log(order, since=order.version + 1)]
        return bool(states) and (states[-1] == "up" or states[-1].endswith(("failed", "rejected")))

    await eventually(has_ended, lambda: f"the order only went through {states}")
    return states


def test_all_instances_are_as_they_were_and_an_update_deploys(folder: Path) -> None:
    orchestrator = Orchestrator(folder)
    asyncio.run(settle(orchestrator))
    before = asyncio.run(look(orchestrator))
    deployed = folder / "deployed"
    files_before = files.look(deployed)
    older("inmanta-embedded", "--folder", str(folder), "stop")

    with orchestrator:
        after = asyncio.run(look(orchestrator))
        assert after == before
        assert files.look(deployed) == files_before

        states = asyncio.run(add_item(orchestrator, "switch"))

        assert states[-1] == "up", states
        changed = files.look(deployed).keys() - files_before.keys()
        assert any(path.endswith("switch.json") for path in map(str, changed)), changed
