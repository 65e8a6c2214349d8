"""Where the demo can be, and what it does when nobody reads what it shows. Who can run it is in ``test_demo.py``."""

import asyncio
import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import patient
from inmanta_services import Address, Client, Connection, embedded

import bootstrap
from demo import files, story
from demo.screen import Screen, output
from demo.tests import places, users

pytestmark = pytest.mark.full


@pytest.mark.skipif(
    sys.version_info >= bootstrap.CURRENT and places.has_older_release(),
    reason="test_upgrade.py does the same, with an orchestrator of the older release",
)
def test_services_go_on_in_a_folder_of_an_odd_name_when_their_orchestrator_is_started_again(tmp_path: Path) -> None:
    folder = tmp_path / places.ODD / "demo"
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


@pytest.mark.parametrize("name", ["br]acket", "two\nlines"])
def test_a_folder_that_no_resource_can_be_in_is_told_before_anything_starts(tmp_path: Path, name: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "demo", "--folder", str(tmp_path / name / "demo")],
        cwd=bootstrap.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert process.returncode == 1
    assert process.stdout.strip().startswith(
        f"The demo cannot deploy files into {str(tmp_path / name / 'demo' / 'deployed')!r}"
    )
    assert process.stdout.strip().count("\n") == 0
    assert not (tmp_path / name).exists()


def test_output_that_takes_no_more_ends_it_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "--folder", str(tmp_path / "demo")]
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            command, cwd=bootstrap.ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=patient(), check=False
        )

    assert process.returncode == 1
    assert process.stderr == "The demo cannot be shown: No space left on device. Nothing is left of it.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_leaves_nothing_of_the_orchestrator_of_a_user_without_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    process = subprocess.Popen(
        users.nameless([sys.executable, "-m", "demo", "--folder", str(tmp_path / "demo")]),
        cwd=bootstrap.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output_:
        # The next thing that it says is that the orchestrator runs.
        assert any("Start an orchestrator" in line for line in output_)

    _, problems = process.communicate(timeout=patient())
    assert process.returncode == 1, problems
    assert "Traceback" not in problems
    assert list(tmp_path.iterdir()) == []
