"""The life of an embedded orchestrator, from its first start to the end of the program that owns it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import requests
from inmanta import const
from inmanta_embedded import EmbeddedError, Orchestrator, Phase, Settings, Status, processes
from inmanta_embedded.layout import Layout
from inmanta_embedded.patience import patient, wait_until

Own = Callable[..., tuple[subprocess.Popen[str], str]]

# These tests are about what is around a server; the shortest one will do.
PLAIN = Settings(durable=False, extensions=[])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the state of an orchestrator, which the tests start one after the other."""
    return tmp_path_factory.mktemp("orchestrator")


@pytest.fixture
def orchestrator(folder: Path) -> Iterator[Orchestrator]:
    """An orchestrator that is not running; it is stopped after the test."""
    orchestrator = Orchestrator(folder, PLAIN)
    yield orchestrator
    orchestrator.stop()


def projects(orchestrator: Orchestrator) -> set[str]:
    """
    The names of the projects that an orchestrator knows.

    :param orchestrator: which runs
    """
    answer = requests.get(f"{orchestrator.url}/api/v2/project", headers=orchestrator.headers(), timeout=patient())
    return {project["name"] for project in answer.json()["data"]}


def make_project(orchestrator: Orchestrator, name: str) -> None:
    """
    Make a project.

    :param orchestrator: which runs
    :param name: of the project
    """
    url = f"{orchestrator.url}/api/v2/project"
    requests.put(url, json={"name": name}, headers=orchestrator.headers(), timeout=patient()).raise_for_status()


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


def test_it_is_healthy_once_it_is_started(orchestrator: Orchestrator) -> None:
    orchestrator.start()

    assert orchestrator.status().phase is Phase.RUNNING
    assert requests.get(f"{orchestrator.url}/api/v2/health", timeout=patient()).status_code == 200


def test_leaving_the_context_stops_it_whatever_happened(folder: Path, nothing_is_left: Callable[[Path], None]) -> None:
    with pytest.raises(ZeroDivisionError), Orchestrator(folder, PLAIN) as orchestrator:
        1 / 0  # noqa: B018

    assert orchestrator.status().phase is Phase.STOPPED
    nothing_is_left(folder)


def test_it_resumes_the_same_state_at_the_same_address(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    url, name = orchestrator.url, f"kept-{uuid.uuid4()}"
    make_project(orchestrator, name)
    orchestrator.stop()

    orchestrator.start()

    assert orchestrator.url == url
    assert name in projects(orchestrator)


def test_a_port_that_was_taken_meanwhile_is_replaced(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    port = orchestrator.port
    orchestrator.stop()

    with socket.create_server(("127.0.0.1", port)):
        orchestrator.start()

    assert orchestrator.port != port


def test_a_server_that_was_killed_starts_again_with_the_same_state(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    name = f"kept-{uuid.uuid4()}"
    make_project(orchestrator, name)

    orchestrator.kill_server()

    now = orchestrator.status()
    assert now.phase is Phase.DOWN
    assert "exit code -9" in (now.error or "")
    orchestrator.start_server()
    assert name in projects(orchestrator)


def test_a_database_that_was_killed_ends_it_with_a_reason(
    orchestrator: Orchestrator, folder: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    orchestrator.start()
    pid = orchestrator.status().postgres_pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)

    nothing_is_left(folder)
    now = orchestrator.status()
    assert (now.phase, "PostgreSQL ended by itself" in (now.error or "")) == (Phase.FAILED, True)


@pytest.mark.skipif(
    not hasattr(const, "EXIT_SINGLETON_LOCK_LOST"), reason="a server of this release of inmanta-core connects again instead"
)
def test_a_server_that_lost_its_connection_to_the_database_starts_again(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    before = orchestrator.status().server_pid
    assert before is not None

    async def cut_connections() -> None:
        connection = await asyncpg.connect(orchestrator.database.dsn)
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        await connection.close()

    asyncio.run(cut_connections())

    def runs_again() -> bool:
        now = orchestrator.status()
        return now.phase is Phase.RUNNING and now.server_pid != before

    wait_until(runs_again, lambda: f"it does not run again: {orchestrator.status()}")
    assert requests.get(f"{orchestrator.url}/api/v2/health", timeout=patient()).status_code == 200


@pytest.mark.parametrize("victim", ["owner", "guard", "supervisor"])
def test_nothing_is_left_when_one_of_its_processes_is_killed(
    folder: Path, own: Own, nothing_is_left: Callable[[Path], None], victim: str
) -> None:
    owner, _ = own("environment", folder)
    guard = psutil.Process(owner.pid).children()[0]
    assert len(schedulers(guard)) == 1

    {"owner": psutil.Process(owner.pid), "guard": guard, "supervisor": guard.children()[0]}[victim].kill()

    nothing_is_left(folder)


def test_the_next_start_ends_what_is_left_when_all_that_watches_was_killed_at_once(
    folder: Path, own: Own, orchestrator: Orchestrator
) -> None:
    owner, _ = own("environment", folder)
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


def test_nothing_is_left_when_its_owner_is_interrupted(folder: Path, own: Own, nothing_is_left: Callable[[Path], None]) -> None:
    owner, _ = own("orchestrator", folder)

    owner.send_signal(signal.SIGINT)

    nothing_is_left(folder)


def test_a_second_user_of_the_folder_shares_it_and_leaves_it_running(orchestrator: Orchestrator, folder: Path) -> None:
    orchestrator.start()

    with Orchestrator(folder) as second:
        assert second.url == orchestrator.url

    assert orchestrator.status().phase is Phase.RUNNING


def test_a_start_while_it_is_being_stopped_waits_for_the_end_of_that(orchestrator: Orchestrator) -> None:
    orchestrator.start()
    guard = orchestrator.status().guard_pid
    assert guard is not None
    os.kill(guard, signal.SIGTERM)
    wait_until(lambda: orchestrator.status().phase is not Phase.RUNNING, "it does not begin to stop", interval=0.001)

    orchestrator.start()

    now = orchestrator.status()
    assert (now.phase, now.guard_pid == guard) == (Phase.RUNNING, False)


def test_a_status_whose_process_is_another_program_counts_as_stopped(
    orchestrator: Orchestrator, bystander: psutil.Process
) -> None:
    orchestrator.layout.create()
    birth = processes.birth(bystander.pid)
    assert birth is not None
    Status(Phase.RUNNING, bystander.pid, guard_birth=birth - 1).write(orchestrator.layout.status)

    assert orchestrator.status().phase is Phase.STOPPED
    orchestrator.stop()
    assert bystander.status() == psutil.STATUS_SLEEPING


def test_damaged_settings_are_an_error_that_says_what_to_do(orchestrator: Orchestrator, folder: Path) -> None:
    orchestrator.layout.create()
    orchestrator.layout.settings.write_text("{")

    with pytest.raises(EmbeddedError, match="is damaged: reset the orchestrator"):
        Orchestrator(folder).start()


def test_damaged_data_are_an_error_and_leave_nothing_running(tmp_path: Path, nothing_is_left: Callable[[Path], None]) -> None:
    data = Layout(tmp_path).postgres / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (Layout(tmp_path).postgres / "password").write_text("secret")

    with pytest.raises(EmbeddedError, match="PostgreSQL did not start"):
        Orchestrator(tmp_path, PLAIN).start()

    nothing_is_left(tmp_path)


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


def test_a_server_that_does_not_answer_in_time_is_an_error(
    folder: Path, tmp_path: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    extension = tmp_path / "inmanta_ext" / "silent" / "extension.py"
    extension.parent.mkdir(parents=True)
    (extension.parent / "__init__.py").touch()
    extension.write_text("import threading\nthreading.Event().wait()")
    # PostgreSQL gets the same time, and is ready.
    seconds = patient(3)
    settings = Settings(durable=False, extensions=["silent"], environment={"PYTHONPATH": str(tmp_path)}, start_timeout=seconds)

    with pytest.raises(EmbeddedError, match=rf"did not answer within {seconds:g} s"):
        Orchestrator(folder, settings).start()

    nothing_is_left(folder)


def test_with_authentication_only_a_token_opens_the_api(folder: Path) -> None:
    environment = str(uuid.uuid4())
    with Orchestrator(folder, Settings(durable=False, extensions=[], auth=True)) as orchestrator:
        url = f"{orchestrator.url}/api/v2/environment/{uuid.uuid4()}"

        def answer(token: str | None) -> int:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            return requests.get(url, headers=headers, timeout=patient()).status_code

        assert answer(None) == 401
        assert answer(orchestrator.token()) == 404
        assert answer(orchestrator.token(environment=environment)) in (401, 403)


def test_variables_that_are_meant_for_another_server_do_not_reach_it(
    orchestrator: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INMANTA_DATABASE_HOST", "192.0.2.1")
    monkeypatch.setenv("INMANTA_SERVER_BIND_PORT", "1")
    monkeypatch.setenv("PGPORT", "1")

    orchestrator.start()

    assert orchestrator.status().phase is Phase.RUNNING


def test_temporary_files_of_a_server_stay_in_its_folder_however_long_its_path_is(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 4)

    with Orchestrator(deep, PLAIN) as orchestrator:
        pid = orchestrator.status().server_pid
        temporary = Path(psutil.Process(pid).environ()["TMPDIR"])
        assert temporary.samefile(orchestrator.layout.temporary)
        # The names of sockets have 107 characters at most, and Python's own take 32 of them.
        assert len(str(temporary)) <= 75


def test_git_ignores_its_folder_and_others_can_not_read_it(orchestrator: Orchestrator, folder: Path) -> None:
    orchestrator.layout.create()
    PLAIN.save(orchestrator.layout.settings)

    subprocess.run(["git", "init", "--quiet", folder.parent], check=True)
    status = subprocess.run(
        ["git", "-C", folder.parent, "status", "--short", "--untracked-files=all", folder],
        capture_output=True,
        text=True,
        check=True,
    )

    assert status.stdout == ""
    assert folder.stat().st_mode & 0o077 == 0


def test_it_runs_for_another_user(tmp_path: Path, own: Own) -> None:
    _, url = own("orchestrator", tmp_path, "namespace:1")

    assert requests.get(f"{url}/api/v2/health", timeout=patient()).status_code == 200
