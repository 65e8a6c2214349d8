"""Tests of what a clone of the repository holds, whatever git is told about ends of lines."""

import pathlib
import subprocess

import pytest

import bootstrap


def git(*arguments: str) -> str:
    """
    Run git.

    :param arguments: its arguments
    :return: what it printed
    """
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not (bootstrap.ROOT / ".git").exists(), reason="This is no clone.")
@pytest.mark.parametrize("options", [["core.autocrlf=true"], ["core.autocrlf=false", "core.eol=crlf"]], ids=" ".join)
def test_lines_end_the_same_in_every_clone(tmp_path: pathlib.Path, options: list[str]) -> None:
    settings = [word for option in options for word in ("--config", option)]
    git("clone", "--quiet", *settings, str(bootstrap.ROOT), str(tmp_path / "clone"))

    # The ends of lines of each file in the repository and in the folder, its attributes, a tab, its name.
    lines = git("-C", str(tmp_path / "clone"), "ls-files", "--eol").splitlines()

    assert [line for line in lines if "crlf" in line.split("\t")[0] or "mixed" in line] == []
    for name in ("model/services/basic/lsm/_init.cf", ".ci/run", "requirements.txt"):
        assert b"\r" not in (tmp_path / "clone" / name).read_bytes()
