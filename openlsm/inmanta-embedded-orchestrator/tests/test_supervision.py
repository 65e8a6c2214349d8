"""What is around a server: that one start leads to one orchestrator, and that nothing is left of it, whatever ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from inmanta_embedded import EmbeddedError, Orchestrator, Phase, Settings
from inmanta_embedded.patience import patient, wait_until

Own = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the state of an orchestrator, which the tests start one after the other."""
    return tmp_path_factory.mktemp("orchestrator") / "state"


@pytest.fixture
def orchestrator(folder: Path, standing_in: Settings) -> Iterator[Orchestrator]:
    """An orchestrator that is not running; it is stopped after the test."""
    orchestrator = Orchestrator(folder, standing_in)
    orchestrator.layout.create()
    standing_in.save(orchestrator.layout.settings)
    yield orchestrator
    orchestrator.stop()


def schedulers(guard: psutil.Process) -> list[psutil.Process]:
    """
    The schedulers among the processes below a guard. Others of them may end while they are looked at.

    :param guard: which runs
    """
    found = []
    for process in guard.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "scheduler" in process.cmdline():
                found.append(process)
    return found


def test_leaving_the_context_stops_it_whatever_happened(
    orchestrator: Orchestrator, folder: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    with pytest.raises(ZeroDivisionError), orchestrator:
        1 / 0  # noqa: B018

    assert orchestrator.status().phase is Phase.STOPPED
    nothing_is_left(folder)


def test_a_port_that_was_taken_meanwhile_is_replaced(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    port = orchestrator.port
    orchestrator.stop()

    with socket.create_server(("127.0.0.1", port)):
        orchestrator.start()

    assert orchestrator.port != port


@pytest.mark.parametrize("victim", ["owner", "guard", "supervisor"])
def test_nothing_is_left_when_one_of_its_processes_is_killed(
    orchestrator: Orchestrator, folder: Path, own: Own, nothing_is_left: Callable[[Path], None], victim: str
) -> None:
    owner, _ = own("orchestrator", folder)
    guard = psutil.Process(owner.pid).children()[0]
    assert len(schedulers(guard)) == 1

    {"owner": psutil.Process(owner.pid), "guard": guard, "supervisor": guard.children()[0]}[victim].kill()

    nothing_is_left(folder)


def test_the_next_start_ends_what_is_left_when_all_that_watches_was_killed_at_once(
    orchestrator: Orchestrator, folder: Path, own: Own
) -> None:
    owner, _ = own("orchestrator", folder)
    guard = psutil.Process(owner.pid).children()[0]
    supervisor = guard.children()[0]
    [scheduler] = schedulers(guard)
    watchers = [psutil.Process(owner.pid), guard, supervisor]
    for process in watchers:
        # None of them gets to see the end of another one.
        process.suspend()
    for process in watchers:
        process.kill()
    psutil.wait_procs([guard, supervisor], timeout=patient())
    assert scheduler.is_running()

    orchestrator.start()

    assert not scheduler.is_running() or scheduler.status() == psutil.STATUS_ZOMBIE


def test_nothing_is_left_when_its_owner_is_interrupted(
    orchestrator: Orchestrator, folder: Path, own: Own, nothing_is_left: Callable[[Path], None]
) -> None:
    owner, _ = own("orchestrator", folder)

    owner.send_signal(signal.SIGINT)

    nothing_is_left(folder)


def test_a_start_while_it_is_being_stopped_waits_for_the_end_of_that(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    guard = orchestrator.status().guard_pid
    assert guard is not None
    os.kill(guard, signal.SIGTERM)
    wait_until(lambda: orchestrator.status().phase is not Phase.RUNNING, "it does not begin to stop", interval=0.001)

    orchestrator.start()

    now = orchestrator.status()
    assert (now.phase, now.guard_pid == guard) == (Phase.RUNNING, False)


def test_it_starts_right_after_its_guard_was_killed(
    orchestrator: Orchestrator, folder: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    orchestrator.start()
    guard = orchestrator.status().guard_pid
    assert guard is not None

    os.kill(guard, signal.SIGKILL)
    # A signal takes a moment to end a process; what that one has started goes on longer, and is what a start waits for.
    wait_until(lambda: not orchestrator.status().is_alive, "the guard does not end", interval=0.001)
    orchestrator.start()

    assert orchestrator.status().phase is Phase.RUNNING
    assert orchestrator.status().guard_pid != guard
    orchestrator.stop()
    nothing_is_left(folder)


def test_of_two_starts_at_once_one_does_it_and_both_find_it_running(folder: Path, standing_in: Settings) -> None:
    orchestrators = [Orchestrator(folder, standing_in) for _ in range(3)]
    errors: list[BaseException] = []

    def start(orchestrator: Orchestrator) -> None:
        try:
            orchestrator.start()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start, args=[orchestrator]) for orchestrator in orchestrators]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert {orchestrator.url for orchestrator in orchestrators} == {orchestrators[0].url}
        assert orchestrators[0].status().phase is Phase.RUNNING
    finally:
        for orchestrator in orchestrators:
            orchestrator.stop()


def test_a_copy_of_its_folder_neither_reports_nor_ends_the_original(
    orchestrator: Orchestrator, folder: Path, tmp_path: Path
) -> None:
    orchestrator.start()
    before = orchestrator.status()
    shutil.copytree(folder, tmp_path / "copy")
    copy = Orchestrator(tmp_path / "copy")

    assert copy.status().phase is Phase.STOPPED
    copy.stop()
    copy.reset()

    assert not (tmp_path / "copy").exists()
    assert orchestrator.status() == before
    assert before.phase is Phase.RUNNING
    assert before.is_alive


def test_a_folder_that_is_renamed_meanwhile_still_is_that_of_its_orchestrator(orchestrator: Orchestrator, folder: Path) -> None:
    orchestrator.start()
    folder.rename(folder.with_name("renamed"))
    try:
        assert Orchestrator(folder.with_name("renamed")).status().phase is Phase.RUNNING
    finally:
        folder.with_name("renamed").rename(folder)


def test_a_server_that_does_not_answer_in_time_is_an_error(
    folder: Path, standing_in: Settings, nothing_is_left: Callable[[Path], None]
) -> None:
    # PostgreSQL gets the same time, and is ready.
    seconds = patient(3)
    settings = Settings(durable=False, extensions=["silent"], environment=standing_in.environment, start_timeout=seconds)

    with pytest.raises(EmbeddedError, match=rf"did not answer within {seconds:g} s"):
        Orchestrator(folder, settings).start()

    nothing_is_left(folder)


def test_an_extension_that_is_not_installed_is_named(folder: Path, nothing_is_left: Callable[[Path], None]) -> None:
    with pytest.raises(EmbeddedError, match=r"did not start: .*Extension nonesuch .* is not available"):
        Orchestrator(folder, Settings(durable=False, extensions=["nonesuch"])).start()

    nothing_is_left(folder)


def test_an_extension_that_can_not_be_imported_is_named(
    folder: Path, tmp_path: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    extension = tmp_path / "inmanta_ext" / "broken" / "extension.py"
    extension.parent.mkdir(parents=True)
    (extension.parent / "__init__.py").touch()
    extension.write_text("raise ImportError('it lacks something')")
    settings = Settings(durable=False, extensions=["broken"], environment={"PYTHONPATH": str(tmp_path)})

    with pytest.raises(EmbeddedError, match="runs without its extension broken"):
        Orchestrator(folder, settings).start()

    nothing_is_left(folder)
