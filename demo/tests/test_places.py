"""Where the demo can be, and who can run it: in a folder of any name, and as a user without one."""

import asyncio
import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import patient
from inmanta_embedded.processes import launch_command
from inmanta_services import Address, Client, Connection, embedded

import bootstrap
from demo import files, story
from demo.screen import Screen, output

pytestmark = pytest.mark.full

NAMELESS = "namespace:54321"


def test_services_go_on_in_a_folder_of_an_odd_name_when_their_orchestrator_is_started_again(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s 100%2F "größe" {x} $HOME #1' / "demo"
    screen = Screen(output())
    orchestrator = Orchestrator(folder, Settings(durable=False))

    async def create() -> story.Story:
        tale = await story.Story.begin(screen, orchestrator, patient())
        await tale.create()
        return tale

    async def update(tale: story.Story) -> None:
        address = Address(orchestrator.host, orchestrator.port)
        client = Client(Connection(address, tale.environment, embedded.token(orchestrator)))
        (order,) = [instance async for instance in client.inventory.all(story.CUSTOMER)]
        await dataclasses.replace(tale, client=client).update(order)

    with orchestrator:
        tale = asyncio.run(create())
        created = files.look(tale.deployed)
    with orchestrator:
        asyncio.run(update(tale))
        updated = files.look(tale.deployed)
    orchestrator.reset()

    assert any(path.name == "cable.json" for path in created)
    assert any(path.name == "antenna.json" for path in updated)


def test_a_user_whom_the_machine_has_no_name_for_can_run_it(tmp_path: Path) -> None:
    demo = [sys.executable, "-m", "demo", "--folder", str(tmp_path / "demo")]

    process = subprocess.run(
        launch_command(demo, NAMELESS, signal.SIGKILL),
        cwd=bootstrap.ROOT,
        env={name: value for name, value in bootstrap.environment().items() if name not in ("LOGNAME", "USER")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patient(600),
        check=False,
    )

    assert process.returncode == 0, process.stdout
    assert "ImportantCustomerService order-1: terminated" in process.stdout
    assert not (tmp_path / "demo").exists()
