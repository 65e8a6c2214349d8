"""The command line: an orchestrator that goes on when the command that started it is done."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.cli import main
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.patience import patient

Inmanta = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Inmanta:
    """Run a command for the orchestrator of this test."""
    return lambda *arguments: CliRunner().invoke(main, ["--folder", str(tmp_path / "state"), *arguments])


def test_an_orchestrator_is_started_looked_at_stopped_and_removed(run: Inmanta, tmp_path: Path) -> None:
    started = run("start", "--auth")
    try:
        url = re.search(r"http://127.0.0.1:\d+", started.output)
        assert url is not None, started.output
        token = run("token").output.strip()
        answer = requests.get(f"{url[0]}/api/v1/serverstatus", headers={"Authorization": f"Bearer {token}"}, timeout=patient())
        assert "lsm" in {extension["name"] for extension in answer.json()["data"]["extensions"]}
        assert "is running" in run("status").output
        assert "Server startup complete" in run("logs", "--lines", "1000").output
        assert "ready to accept connections" in run("logs", "--of", "postgres").output
        command: list[str | Path] = [Path(sys.executable).with_name("inmanta-embedded"), "--folder", tmp_path / "state", "psql"]
        tables = subprocess.run(
            [*command, "-At", "-c", "SELECT count(*) FROM lsm_order"], capture_output=True, text=True, check=False
        )
        assert (tables.stdout, tables.stderr) == ("0\n", "")
    finally:
        stopped = run("stop")

    assert stopped.exit_code == 0
    assert (run("status").exit_code, "is stopped" in run("status").output) == (3, True)
    assert run("reset", "--yes").exit_code == 0
    assert not (tmp_path / "state").exists()


def test_a_log_level_that_there_is_not_is_refused() -> None:
    with pytest.raises(EmbeddedError, match="give one of ERROR, WARNING, INFO"):
        Settings(log_level="LOUD")


def test_a_start_that_fails_is_one_message_and_no_trace(run: Inmanta, tmp_path: Path) -> None:
    layout = Orchestrator(tmp_path / "state").layout
    layout.create()
    (layout.postgres / "data").mkdir(parents=True)
    (layout.postgres / "data" / "PG_VERSION").write_text("12\n")

    failed = run("start")

    assert failed.exit_code == 1
    assert failed.output.startswith(f"Error: {layout.postgres} was made by PostgreSQL 12")
    assert run("status").exit_code == 3
    assert "was made by PostgreSQL 12" in run("status").output


def test_a_stop_without_a_start_is_no_error(run: Inmanta) -> None:
    assert run("stop").exit_code == 0


def test_without_a_running_orchestrator_there_is_no_database_to_open(run: Inmanta) -> None:
    refused = run("psql")

    assert refused.exit_code == 1
    assert "start the orchestrator first" in refused.output


def test_a_reset_asks_before_it_removes_anything(run: Inmanta, tmp_path: Path) -> None:
    Orchestrator(tmp_path / "state").layout.create()

    refused = run("reset")

    assert refused.exit_code == 1
    assert (tmp_path / "state").exists()
