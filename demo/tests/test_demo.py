"""The demo itself, as somebody sees it who reads it from a pipe."""

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from inmanta_embedded.patience import patient

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.full


@contextlib.contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """
    Start the demo; it is ended at the end at the latest.

    :param folder: where it keeps everything
    :param options: of the demo
    """
    command = [sys.executable, "-m", "demo", "--folder", str(folder), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
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


def test_it_shows_both_services_from_creation_to_deletion_and_leaves_nothing(folder: Path) -> None:
    with demo(folder) as process:
        text, _ = process.communicate(timeout=patient(600))

    assert process.returncode == 0, text
    for service, state in (("BasicService first", "up"), ("ImportantCustomerService order-1", "terminated")):
        assert re.search(rf"{service}: {state}$", text, re.MULTILINE), text
    assert re.search(r"^ +\+ orders/.*/items/antenna.json$", text, re.MULTILINE), text
    assert re.search(r"^ +- orders/.*/items/cable.json$", text, re.MULTILINE), text
    assert "No instance, no file" in text
    assert "\x1b" not in text
    assert processes(folder) == []
    assert not folder.exists()


def test_an_interrupted_demo_leaves_nothing(folder: Path) -> None:
    with demo(folder) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Export the service catalog" in line:
                break
        process.send_signal(signal.SIGINT)
        text = process.stdout.read()
        process.wait(timeout=patient(180))

    assert process.returncode == 130, text
    assert "Interrupted" in text
    assert "Traceback" not in text
    assert processes(folder) == []
    assert not folder.exists()


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
