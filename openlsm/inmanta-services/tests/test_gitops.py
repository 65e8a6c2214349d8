"""The pipeline of docs/gitops.md, in a repository with a merge request and what follows it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Run
from .helpers.world import World

pytestmark = pytest.mark.full
UPLINK_TO_EDGE = "service: Port\nattributes: {name: uplink, network: edge, password: hunter2}\n"
DOCUMENT = Path(__file__).parents[3] / "docs" / "gitops.md"


def pipeline() -> dict[str, Any]:
    """The pipeline that the document shows."""
    blocks = re.findall(r"```yaml\n(stages:.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len(blocks) == 1
    loaded: dict[str, Any] = yaml.safe_load(blocks[0])
    return loaded


class Repository:
    """A repository that holds an inventory, with the variables of its pipeline."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir()
        self.folder = folder
        self._variables = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "INMANTA_SERVICES_URL": world.connection.address.url,
            "INMANTA_SERVICES_ENVIRONMENT": str(world.connection.environment),
            "INMANTA_SERVICES_TOKEN": str(world.connection.token),
            "CI_COMMIT_SHORT_SHA": "abc1234",
            "CI_COMMIT_TITLE": "A title with 'quotes'",
        }
        self.git("init", "--initial-branch", "main")
        self.git("config", "user.email", "engineer@example.org")
        self.git("config", "user.name", "Engineer")

    def git(self, *arguments: str) -> None:
        """
        Run git.

        :param arguments: its arguments.
        """
        subprocess.run(["git", *arguments], cwd=self.folder, env=self._variables, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        """
        Commit all files.

        :param message: of the commit.
        """
        self.git("add", "--all")
        self.git("commit", "--message", message)

    def job(self, name: str) -> subprocess.CompletedProcess[str]:
        """
        Run a job of the pipeline.

        :param name: its name.
        """
        script = "\n".join(["set -e", *pipeline()[name]["script"]])
        return subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self._variables, capture_output=True, text=True, check=False
        )


@pytest.fixture
def repository(run: Run, world: World, tmp_path: Path) -> Repository:
    """A repository with the inventory of the orchestrator: two instances, one of which refers to the other."""
    network = world.create("Network", name="core", size=1)
    world.create("Port", name="uplink", network=str(network.id), password="hunter2")
    repository = Repository(tmp_path / "repository", world)
    pulled = run("pull", "--folder", repository.folder / "inventory")
    assert pulled.exit_code == 0, pulled.output
    repository.commit("The inventory as it is")
    return repository


def test_what_was_pulled_plans_nothing(repository: Repository) -> None:
    planned = repository.job("plan")

    assert planned.returncode == 0, planned.stderr
    assert planned.stdout == "Nothing to do: 2 as declared.\n"


def test_a_merge_request_shows_its_plan_and_is_applied_when_it_is_merged(
    repository: Repository, run: Run, world: World
) -> None:
    repository.git("switch", "--create", "grow")
    inventory = repository.folder / "inventory"
    (inventory / "Network" / "core.yml").write_text("service: Network\nattributes: {name: core, size: 7}\n")
    (inventory / "Network" / "edge.yml").write_text("service: Network\nattributes: {name: edge}\n")
    (inventory / "Port" / "uplink.yml").write_text(
        "service: Port\nattributes: {name: uplink, network: edge, password: hunter2}\n"
    )
    repository.commit("Grow")

    planned = repository.job("plan")

    assert planned.returncode == 0, planned.stderr
    assert "Plan: 1 to create, 2 to update, 0 to delete, 0 as declared." in planned.stdout
    assert "~ size: 1 → 7" in planned.stdout
    assert "hunter2" not in planned.stdout
    assert world.attributes("Network/core")["size"] == 1

    repository.git("switch", "main")
    repository.git("merge", "--no-ff", "grow")
    applied = repository.job("apply")

    assert applied.returncode == 0, applied.stderr
    assert world.attributes("Network/core")["size"] == 7
    assert world.attributes("Port/uplink")["network"] == str(world.instance("Network/edge").id)
    assert "abc1234 A title with 'quotes'" in run("order").output
    assert repository.job("plan").stdout == "Nothing to do: 3 as declared.\n"


def test_a_file_that_is_removed_removes_its_instance(repository: Repository, world: World) -> None:
    world.create("Port", name="spare")
    (repository.folder / "inventory" / "Port" / "uplink.yml").write_text("service: Port\nattributes: {name: spare}\n")

    applied = repository.job("apply")

    assert applied.returncode == 0, applied.stderr
    assert world.names("Port") == {"Port/spare"}


def test_a_merge_request_that_cannot_be_applied_fails_with_the_reason(repository: Repository) -> None:
    core = repository.folder / "inventory" / "Network" / "core.yml"
    core.write_text("service: Network\nattributes: {name: core, kind: wan, size: many}\n")

    planned = repository.job("plan")

    assert planned.returncode == 1
    assert "kind may only be set when the instance is created (lan -> wan)" in planned.stderr
    assert 'size: "many" is not of type "integer"' in planned.stderr


def test_a_change_by_hand_is_shown_and_can_be_kept(repository: Repository, run: Run) -> None:
    run("update", "Network/core", "--set", "size=3")

    assert "~ size: 3 → 1" in repository.job("plan").stdout

    run("pull", "--folder", repository.folder / "inventory")
    assert repository.job("plan").stdout == "Nothing to do: 2 as declared.\n"
