"""The tutorial of the README is followed word for word, from an empty folder to a deployed file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from inmanta_embedded import patience

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
TUTORIAL = README.partition("## Writing your own service")[2].partition("### Going on")[0]
BLOCK = re.compile(r"(?:This is `(?P<path>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)

pytestmark = [pytest.mark.full, pytest.mark.long]


def run(command: str, folder: Path) -> str:
    """What a command prints in a shell with the environment active."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_", "INMANTA_"))}
    path = os.pathsep.join((str(Path(sys.executable).parent), variables["PATH"]))
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=patience.patient(900),
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


def words(line: str) -> str:
    """A line without what differs each time: how long something took, where it is, how it is laid out."""
    return " ".join(re.sub(r"\d+\.\d+ s|/\S*(?=my_company/)", "", line).split())


def test_the_tutorial_leads_to_a_deployed_file(tmp_path: Path) -> None:
    folder = tmp_path
    last = ""
    try:
        for block in BLOCK.finditer(TUTORIAL):
            if block["kind"] == "python":
                assert block["path"], block[0]
                (folder / block["path"]).write_text(block["text"], encoding="utf-8")
                continue
            for step in block["text"].removeprefix("$ ").split("\n$ "):
                command, *shown = step.splitlines()
                if command.startswith("cd "):
                    folder /= command.removeprefix("cd ")
                    continue
                last = command
                printed = " ".join(words(line) for line in run(command, folder).splitlines())
                for line in shown:
                    assert words(line) in printed, command
    finally:
        if last and not last.endswith("reset --yes") and (folder / ".inmanta-embedded" / "demo").exists():
            run("inmanta-embedded --folder .inmanta-embedded/demo reset --yes", folder)
    assert last.endswith("reset --yes")
