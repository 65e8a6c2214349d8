"""The command finds its orchestrator, and says what is wrong when it cannot speak to it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from inmanta_embedded import Orchestrator
from inmanta_services import Client
from inmanta_services.cli import main

from .conftest import Run
from .helpers.world import World

pytestmark = pytest.mark.full
COMMAND = [sys.executable, "-m", "inmanta_services"]


def test_the_orchestrator_of_the_working_directory_is_found_with_its_token(
    world: World, orchestrator: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(orchestrator.layout.folder.parents[1])

    found = CliRunner().invoke(main, ["--environment", str(world.connection.environment), "catalog"])

    assert found.exit_code == 0, found.output
    assert "Network" in found.output


def test_options_may_stand_before_and_after_the_command(world: World) -> None:
    options = ["--embedded", str(world.folder), "-e", f"test-{world.connection.environment}", "--json"]

    before = CliRunner().invoke(main, [*options, "catalog"])
    after = CliRunner().invoke(main, ["catalog", *options])

    assert before.exit_code == after.exit_code == 0, before.output
    assert before.output == after.output


@pytest.mark.parametrize("token", [None, "nonsense"])
def test_without_the_right_token_the_answer_says_so(world: World, token: str | None) -> None:
    # A token is only shown to the orchestrator that it is named with.
    variables = {"INMANTA_SERVICES_URL": world.connection.address.url, "INMANTA_SERVICES_TOKEN": token or ""}

    refused = CliRunner(env=variables).invoke(main, ["-e", str(world.connection.environment), "catalog"])

    assert refused.exit_code == 1
    assert "token" in refused.output.lower()
    assert "nonsense" not in refused.output


def test_a_token_is_read_from_a_file(world: World, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{world.connection.token}\n")
    options = ["--url", world.connection.address.url, "-e", str(world.connection.environment)]

    answer = CliRunner().invoke(main, [*options, "--token-file", str(tmp_path / "token"), "catalog"])

    assert answer.exit_code == 0, answer.output


def test_a_token_of_one_environment_names_it(world: World, orchestrator: Orchestrator) -> None:
    environment = str(world.connection.environment)
    other = asyncio.run(Client(world.connection).environments.create(f"other-{environment}"))
    runner = CliRunner(
        env={
            "INMANTA_SERVICES_URL": world.connection.address.url,
            "INMANTA_SERVICES_TOKEN": orchestrator.token(environment=environment),
        }
    )

    by_name = runner.invoke(main, ["-e", f"test-{environment}", "catalog"])
    by_nothing = runner.invoke(main, ["catalog"])
    elsewhere = runner.invoke(main, ["-e", other.name, "catalog"])
    asyncio.run(Client(world.connection).environments.delete(other.id))

    assert (by_name.exit_code, by_nothing.exit_code) == (0, 0), by_name.output + by_nothing.output
    assert "Network" in by_nothing.output
    assert elsewhere.exit_code == 1
    assert f"test-{environment}" in elsewhere.output


def test_several_environments_are_named_when_none_is_chosen(world: World) -> None:
    answer = CliRunner().invoke(main, ["--embedded", str(world.folder), "-e", "nonesuch", "catalog"])

    assert answer.exit_code == 1
    assert f"test-{world.connection.environment}" in answer.output


def test_an_orchestrator_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    command = [*COMMAND, "--url", "http://127.0.0.1:1", "-e", "3f0c8b3e-3a57-4d51-8c39-0d5f5c1f7a10", "catalog"]

    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith("Error: The orchestrator at http://127.0.0.1:1 gives no answer")
    assert len(answer.stderr.splitlines()) == 1


def test_a_pipe_gets_no_colours_and_no_blanks_at_the_end(world: World, run: Run, tmp_path: Path) -> None:
    world.create("Network", name="core")
    options = ["--embedded", str(world.folder), "-e", str(world.connection.environment)]

    answer = subprocess.run([*COMMAND, *options, "list", "Network"], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert "\x1b" not in answer.stdout
    assert all(line == line.rstrip() for line in answer.stdout.splitlines())


def test_a_shell_completes_services_instances_and_states(world: World, tmp_path: Path) -> None:
    world.create("Network", name="core")

    def variables(words: str, position: int) -> dict[str, str]:
        return {
            "INMANTA_EMBEDDED": str(world.folder),
            "INMANTA_SERVICES_ENVIRONMENT": str(world.connection.environment),
            "_INMANTA_SERVICES_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(position),
        }

    def completions(answer: str) -> list[str]:
        return [line.partition(",")[2] for line in answer.splitlines()]

    def complete(words: str, position: int) -> list[str]:
        answer = CliRunner(env=variables(words, position)).invoke(main, prog_name="inmanta-services")
        return completions(answer.stdout)

    # As a shell does it, with a process of its own.
    answer = subprocess.run(
        COMMAND,
        env={**os.environ, **variables("inmanta-services get Network/", 2)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completions(answer.stdout) == ["Network/core"]
    assert complete("inmanta-services list Ne", 2) == ["Network"]
    assert complete("inmanta-services set-state Network/core pa", 3) == ["parked"]
    assert complete("inmanta-services di", 1) == ["diagnose", "diff"]
