"""What the tests of the embedded orchestrator share."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import wait_until
from inmanta_embedded.processes import SAME_IDENTITY, launch_command

Own = Callable[..., tuple[subprocess.Popen[str], str]]
OWNER = Path(__file__).with_name("owner.py")
STAND_IN = Path(__file__).with_name("stand_in")


@pytest.fixture(scope="session")
def standing_in() -> Settings:
    """An orchestrator whose server only stands in for that of inmanta, for tests of what is around a server."""
    return Settings(durable=False, extensions=[], environment={"PYTHONPATH": str(STAND_IN)})


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator as it is when nothing is said about tokens. Those who use it leave it running."""
    with Orchestrator(tmp_path_factory.mktemp("closed") / "state", Settings(durable=False)) as orchestrator:
        yield orchestrator


def processes_of(folder: Path) -> list[str]:
    """
    The processes that have to do with a folder, as text for the message of a failing test.

    :param folder: absolute path of the folder
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            arguments = process.cmdline()
            if str(OWNER) not in arguments and process.status() != psutil.STATUS_ZOMBIE:
                values = [*arguments, *process.environ().values()]
                if any(str(folder) in value for value in values):
                    found.append(f"{process.pid} {arguments}")
    return found


@pytest.fixture
def nothing_is_left() -> Callable[[Path], None]:
    """Wait until no process has to do with a folder any more; the test fails if one stays."""

    def wait(folder: Path) -> None:
        # To look through all processes of a machine takes long enough to keep them from ending.
        wait_until(lambda: processes_of(folder) == [], lambda: "\n".join(processes_of(folder)), interval=0.1)

    return wait


@pytest.fixture
def own() -> Iterator[Own]:
    """
    Start a program that starts something of its own in a folder, and wait until that is up.

    It takes what to start (see owner.py), the folder, and who runs it, as the launcher takes that; it returns the process and
    the line that it has printed. Programs that still run are killed after the test.
    """
    owners: list[subprocess.Popen[str]] = []

    def start(kind: str, folder: Path, identity: str = SAME_IDENTITY) -> tuple[subprocess.Popen[str], str]:
        command = launch_command([sys.executable, OWNER, kind, folder], identity, signal.SIGKILL)
        owner = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        owners.append(owner)
        assert owner.stdout is not None
        line = owner.stdout.readline()
        assert line, owner.communicate()[1]
        return owner, line.strip()

    yield start
    for owner in owners:
        owner.kill()
        owner.communicate()


@pytest.fixture
def bystander() -> Iterator[psutil.Process]:
    """A process that has nothing to do with any of this, and that should live as long as the test."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield psutil.Process(process.pid)
        process.kill()
