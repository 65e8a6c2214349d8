"""The project that a program writes for an environment of its orchestrator."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from inmanta_embedded import Orchestrator


def test_it_has_its_files_and_all_that_is_installed_here(tmp_path: Path) -> None:
    project = Orchestrator(tmp_path / "orchestrator").write_project("1", "import lab", {"libs/lab/model/_init.cf": "word = 1"})

    assert project.is_relative_to(tmp_path)
    assert (project / "main.cf").read_text() == "import lab"
    assert (project / "libs" / "lab" / "model" / "_init.cf").read_text() == "word = 1"
    assert yaml.safe_load((project / "project.yml").read_text())["modulepath"] == "libs"
    code = "import inmanta_lsm, sys; print(sys.prefix, sys.version)"
    shown = subprocess.run([project / ".env" / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == f"{project / '.env'} {sys.version}\n"


def test_it_can_be_written_again(tmp_path: Path) -> None:
    orchestrator = Orchestrator(tmp_path / "orchestrator")
    project = orchestrator.write_project("1", "old", {"files/word": "old"})
    (project / ".env" / "mine").touch()

    assert orchestrator.write_project("1", "new", {"files/word": "new"}) == project

    assert [(project / name).read_text() for name in ("main.cf", "files/word")] == ["new", "new"]
    assert (project / ".env" / "mine").exists()


@pytest.mark.parametrize("name", ['a "quote"', "%d", "$HOME"])
def test_the_server_makes_the_environment_where_only_it_can(tmp_path: Path, name: str) -> None:
    project = Orchestrator(tmp_path / name).write_project("1", "import lab")

    assert (project / "main.cf").read_text() == "import lab"
    assert not (project / ".env").exists()
