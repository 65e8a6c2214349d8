"""The demo itself, as somebody sees it who reads it from a pipe, and as a user without a name and without a home."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from inmanta_embedded.patience import patient

from demo.tests import users

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.full


@contextlib.contextmanager
def demo(folder: Path, *options: str, closed_home: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """
    Start the demo; it is ended at the end at the latest.

    :param folder: where it keeps everything
    :param options: of the demo
    :param closed_home: the home of a user whom the machine has no name for, who runs it; None for the user of the tests
    """
    command = [sys.executable, "-m", "demo", "--folder", str(folder), *options]
    variables = dict(os.environ)
    if closed_home is not None:
        command = users.nameless(command)
        variables = {name: value for name, value in variables.items() if name not in ("LOGNAME", "USER")}
        variables["HOME"] = str(closed_home)
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the demo, which does not exist yet."""
    return tmp_path / "demo"


def processes(folder: Path) -> list[str]:
    """
    The processes that work in the folder of a demo.

    :param folder: the folder
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and any(str(folder) in part for part in process.cmdline()):
                found.append(str(process))
    return found


@dataclass(frozen=True)
class Ended:
    """
    A demo that is over.

    :param code: its exit code
    :param text: what it printed
    """

    code: int
    text: str


@dataclass(frozen=True)
class Two:
    """
    Two demos in the same folder, of which the second was started while the first had just begun.

    :param earlier: the one that came first, of a user without a name and with a closed home; it was left to its end
    :param later: the one that waited for it, and was interrupted once it had an orchestrator
    :param folder: the folder
    """

    earlier: Ended
    later: Ended
    folder: Path


WAITS = "Another demo runs here: this one begins after it."


def read_to(process: subprocess.Popen[str], text: str) -> str:
    """
    What a demo prints up to a line.

    :param process: the demo
    :param text: what the line holds
    """
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if text in line:
            break
    return read


def read_to_end(process: subprocess.Popen[str], before: str) -> Ended:
    """
    What becomes of a demo, some of whose output was read already: more of it may be in the buffer of its stream.

    :param process: the demo
    :param before: what was read
    """
    assert process.stdout is not None
    text = before + process.stdout.read()
    return Ended(process.wait(timeout=patient()), text)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Two demos at once in a folder; the second one is interrupted when it exports the catalog."""
    folder = tmp_path_factory.mktemp("two") / "demo"
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0)
    with demo(folder, closed_home=closed) as earlier:
        # It begins with a line about what it does first.
        begin = read_to(earlier, ".")
        with demo(folder) as later:
            shown = read_to(later, ".")
            first = read_to_end(earlier, begin)
            shown += read_to(later, "Export the service catalog")
            later.send_signal(signal.SIGINT)
            return Two(first, read_to_end(later, shown), folder)


# Two demos are played for all of these, by one worker.
played_once = pytest.mark.xdist_group("two demos")


@played_once
def test_a_user_without_a_name_sees_both_services_from_creation_to_deletion(two: Two) -> None:
    text = two.earlier.text

    assert two.earlier.code == 0, text
    for service, state in (("BasicService first", "up"), ("ImportantCustomerService order-1", "terminated")):
        assert re.search(rf"{service}: {state}$", text, re.MULTILINE), text
    assert re.search(r"^ +\+ orders/.*/items/antenna.json$", text, re.MULTILINE), text
    assert re.search(r"^ +- orders/.*/items/cable.json$", text, re.MULTILINE), text
    assert "No instance, no file" in text
    assert "Nothing is left running, and no file." in text
    assert "\x1b" not in text


@played_once
def test_the_second_begins_after_it(two: Two) -> None:
    assert WAITS not in two.earlier.text
    # It has got an orchestrator of its own.
    assert re.search(rf"^ *{re.escape(WAITS)}\n\n1\. .*^ +It runs at", two.later.text, re.MULTILINE | re.DOTALL)


@played_once
def test_one_that_is_interrupted_leaves_nothing(two: Two) -> None:
    assert two.later.code == 130, two.later.text
    assert "Interrupted" in two.later.text
    assert "Traceback" not in two.later.text
    assert processes(two.folder) == []
    assert list(two.folder.parent.iterdir()) == []


def test_a_failure_is_told_without_a_trace_of_the_program(folder: Path) -> None:
    with demo(folder, "--timeout", "0.5") as process:
        text, _ = process.communicate(timeout=patient(300))

    assert process.returncode == 1, text
    assert re.search(r"did not answer within 0\.5 s|PostgreSQL was not ready in time", text), text
    assert "Traceback" not in text
    assert processes(folder) == []


def test_a_console_needs_an_orchestrator_that_stays(folder: Path) -> None:
    with demo(folder, "--console", str(folder)) as process:
        text, _ = process.communicate()

    assert process.returncode == 2
    assert "--console is for an orchestrator that stays: give --keep as well." in text


def test_a_folder_without_a_console_ends_the_demo_with_one_sentence_before_anything_runs(folder: Path, tmp_path: Path) -> None:
    with demo(folder, "--keep", "--console", str(tmp_path)) as process:
        text, _ = process.communicate()

    assert process.returncode == 1
    assert "holds no web console: it has no index.html." in " ".join(text.split())
    assert not folder.exists()
