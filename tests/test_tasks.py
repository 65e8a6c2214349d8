"""Tests of how the tasks run commands: in the project's folder, whatever its name is, and with their exit code."""

import pathlib
import shlex

import pytest
from invoke.exceptions import Exit

import bootstrap
import tasks

NAMES = [
    "with blanks  in it",
    "it's",
    'a "quote"',
    "(x) & y; z | w > v",
    "$(touch made) `touch made` ${HOME}",
    "ünïcödé ✓",
    "-rf *",
    "back\\slash\\",
    "line\nbreak",
    "n" * 250,
]


@pytest.fixture(params=NAMES)
def root(request: pytest.FixtureRequest, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder of the project with an odd name."""
    folder = tmp_path / str(request.param)
    folder.mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", folder)
    return folder


def test_a_command_runs_in_the_folder_of_the_project_whatever_its_name_is(root: pathlib.Path) -> None:
    script = "import os, pathlib; pathlib.Path('here').write_text(os.getcwd())"

    tasks.run(f"{tasks.PYTHON} -c {shlex.quote(script)}")

    assert (root / "here").read_text() == str(root)
    assert [path.name for path in root.rglob("*")] == ["here"]


def test_what_is_given_is_read_and_words_stay_whole(root: pathlib.Path) -> None:
    script = "import sys, pathlib; pathlib.Path('told').write_text(sys.stdin.read() + sys.argv[1])"

    tasks.run(f"{tasks.PYTHON} -c {shlex.quote(script)}", str(root), given="given ")

    assert (root / "told").read_text() == f"given {root}"


def test_a_task_fails_as_its_command_does() -> None:
    with pytest.raises(Exit) as failure:
        tasks.run(f"{tasks.PYTHON} -c 'raise SystemExit(7)'")

    assert failure.value.code == 7
