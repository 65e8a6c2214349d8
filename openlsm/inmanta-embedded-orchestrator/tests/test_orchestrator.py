"""The life of an embedded orchestrator with a server of inmanta, from one start to the next."""

import asyncio
import os
import signal
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

# What is the same with all extensions.
PLAIN = Settings(durable=False, extensions=[])


# The variables of a shell that was set up for another server.
FOREIGN = {"INMANTA_DATABASE_HOST": "192.0.2.1", "INMANTA_SERVER_BIND_PORT": "1", "PGPORT": "1"}

# Those that use it share one.
runs = pytest.mark.xdist_group("orchestrator")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator that the tests start when they find that it does not run, and that is stopped behind the last one."""
    shared = Orchestrator(tmp_path_factory.mktemp("orchestrator") / "state", PLAIN)
    yield shared
    shared.stop()


@pytest.fixture
def orchestrator(shared: Orchestrator, monkeypatch: pytest.MonkeyPatch) -> Orchestrator:
    """An orchestrator that runs, was started by a shell that was set up for another server, and need not run afterwards."""
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    shared.start()
    return shared


@pytest.fixture
def stopped(tmp_path: Path) -> Orchestrator:
    """An orchestrator that was never started."""
    return Orchestrator(tmp_path / "state", PLAIN)


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


@runs
def test_it_is_healthy_once_it_is_started(orchestrator: Orchestrator) -> None:
    assert orchestrator.status().phase is Phase.RUNNING
    assert requests.get(f"{orchestrator.url}/api/v2/health", timeout=patient()).status_code == 200


@runs
def test_it_resumes_the_same_state_at_the_same_address(orchestrator: Orchestrator) -> None:
    url, name = orchestrator.url, f"kept-{uuid.uuid4()}"
    make_project(orchestrator, name)
    orchestrator.stop()

    orchestrator.start()

    assert orchestrator.url == url
    assert name in projects(orchestrator)


@runs
def test_a_server_that_was_killed_starts_again_with_the_same_state(orchestrator: Orchestrator) -> None:
    name = f"kept-{uuid.uuid4()}"
    make_project(orchestrator, name)

    orchestrator.kill_server()

    now = orchestrator.status()
    assert now.phase is Phase.DOWN
    assert "exit code -9" in (now.error or "")
    orchestrator.start_server()
    assert name in projects(orchestrator)


@runs
def test_a_database_that_was_killed_ends_it_with_a_reason(
    orchestrator: Orchestrator, nothing_is_left: Callable[[Path], None]
) -> None:
    pid = orchestrator.status().postgres_pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)

    nothing_is_left(orchestrator.layout.folder)
    now = orchestrator.status()
    assert (now.phase, "PostgreSQL ended by itself" in (now.error or "")) == (Phase.FAILED, True)


@runs
@pytest.mark.skipif(
    not hasattr(const, "EXIT_SINGLETON_LOCK_LOST"), reason="a server of this release of inmanta-core connects again instead"
)
def test_a_server_that_lost_its_connection_to_the_database_starts_again(orchestrator: Orchestrator) -> None:
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


@runs
def test_a_second_user_of_the_folder_shares_it_and_leaves_it_running(orchestrator: Orchestrator) -> None:
    with Orchestrator(orchestrator.layout.folder) as second:
        assert second.url == orchestrator.url

    assert orchestrator.status().phase is Phase.RUNNING


def test_a_status_whose_process_is_another_program_counts_as_stopped(stopped: Orchestrator, bystander: psutil.Process) -> None:
    stopped.layout.create()
    birth = processes.birth(bystander.pid)
    assert birth is not None
    Status(Phase.RUNNING, bystander.pid, guard_birth=birth - 1).write(stopped.layout.status)

    assert stopped.status().phase is Phase.STOPPED
    stopped.stop()
    assert bystander.status() != psutil.STATUS_ZOMBIE


def test_damaged_settings_are_an_error_that_says_what_to_do(stopped: Orchestrator) -> None:
    stopped.layout.create()
    stopped.layout.settings.write_text("{")

    with pytest.raises(EmbeddedError, match="is damaged: reset the orchestrator"):
        Orchestrator(stopped.layout.folder).start()


def test_damaged_data_are_an_error_and_leave_nothing_running(tmp_path: Path, nothing_is_left: Callable[[Path], None]) -> None:
    data = Layout(tmp_path).postgres / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (Layout(tmp_path).postgres / "password").write_text("secret")

    with pytest.raises(EmbeddedError, match="PostgreSQL did not start"):
        Orchestrator(tmp_path, PLAIN).start()

    nothing_is_left(tmp_path)


@runs
def test_only_a_token_opens_the_api(orchestrator: Orchestrator) -> None:
    url = f"{orchestrator.url}/api/v2/environment/{uuid.uuid4()}"

    def answer(token: str | None) -> int:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return requests.get(url, headers=headers, timeout=patient()).status_code

    assert answer(None) == 401
    assert answer(orchestrator.token()) == 404
    assert answer(orchestrator.token(environment=str(uuid.uuid4()))) in (401, 403)


@runs
def test_variables_that_are_meant_for_another_server_do_not_reach_it(orchestrator: Orchestrator) -> None:
    now = orchestrator.status()

    assert now.phase is Phase.RUNNING
    assert FOREIGN.keys() & psutil.Process(now.server_pid).environ().keys() == set()
    assert "PGPORT" not in psutil.Process(now.postgres_pid).environ()


def test_git_ignores_its_folder_and_others_can_not_read_it(stopped: Orchestrator) -> None:
    folder = stopped.layout.folder
    stopped.layout.create()
    PLAIN.save(stopped.layout.settings)

    subprocess.run(["git", "init", "--quiet", folder.parent], check=True)
    status = subprocess.run(
        ["git", "-C", folder.parent, "status", "--short", "--untracked-files=all", folder],
        capture_output=True,
        text=True,
        check=True,
    )

    assert status.stdout == ""
    assert folder.stat().st_mode & 0o077 == 0


def test_it_runs_for_another_user(stopped: Orchestrator, own: Own) -> None:
    stopped.layout.create()
    PLAIN.save(stopped.layout.settings)

    _, url = own("orchestrator", stopped.layout.folder, "namespace:1")

    assert requests.get(f"{url}/api/v2/health", timeout=patient()).status_code == 200
