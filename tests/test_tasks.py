"""Tests of how the tasks run commands: in the project's folder, whatever its name is, and with their exit code."""

import pathlib
import shlex
import subprocess
import sys

import pytest
from invoke.context import Context
from invoke.exceptions import Exit

import bootstrap
import side_by_side
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


def test_each_test_of_the_repository_is_in_one_suite() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "test_*.py", "*/test_*.py"]
    listed = subprocess.run(command, cwd=bootstrap.ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    suites = {suite: [f"{folder}/" for folder in suite.split()] for suite in tasks.SUITES}

    found = {module: [suite for suite, folders in suites.items() if module.startswith(tuple(folders))] for module in listed}

    assert {module: suites for module, suites in found.items() if len(suites) != 1} == {}


@pytest.mark.parametrize(("codes", "expected"), [([0, 5, 5], None), ([0, 1, 5], 1), ([2, 0, 1], 2), ([5, 5, 5], 5)], ids=str)
@pytest.mark.parametrize(("number", "options"), [(0, []), (1, []), (2, ["-n", "2", *shlex.split(tasks.ORDER)])])
def test_the_tests_fail_when_those_of_a_suite_do_or_none_fits(
    codes: list[int], expected: int | None, number: int, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def one_by_one(command: str) -> int:
        assert number == 0
        ran.append(shlex.split(command))
        return codes[len(ran) - 1]

    def at_once(commands: list[list[str]], _cwd: pathlib.Path, _env: dict[str, str]) -> list[int]:
        assert number > 0
        ran.extend(commands)
        return codes

    monkeypatch.setattr(tasks, "SUITES", ("a", "b", "c"))
    monkeypatch.setattr(tasks, "exit_code", one_by_one)
    monkeypatch.setattr(side_by_side, "run", at_once)
    failed = None
    try:
        tasks.test.body(Context(), fast=True, keyword="it's", few=True, number=number)
    except Exit as failure:
        failed = failure.code

    selection = ["-m", tasks.FAST, "-k", "it's", "--hypothesis-profile", "few"]
    assert [command[command.index("pytest") + 1 :] for command in ran] == [[suite, *selection, *options] for suite in "abc"]
    assert failed == expected


def test_a_program_runs_whatever_the_path_of_its_python_is(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As pip writes it where the path of Python is no first line.
    script = f"#!/bin/sh\n'''exec' \"{root}/python\" \"$0\" \"$@\"\n' '''\nimport sys\nsys.exit(len(sys.argv))\n"
    (root / "program").write_text(script)
    monkeypatch.setattr(sys, "executable", str(root / "python"))

    with pytest.raises(Exit) as failure:
        tasks.run(f"{tasks.program('program')} two words")

    assert failure.value.code == 3
