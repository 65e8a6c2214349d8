"""This repository is laid out as ``init`` lays a project out."""

import ast
import configparser
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from service_generator.scaffold.files import Licence, Link, project

import bootstrap

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {str(path): text for path, text in project("integration_example", Licence.APACHE).items()}
LINKS = {path: text for path, text in TEXTS.items() if isinstance(text, Link)}
# What is called after the service, which is another one here.
RENAMED = {
    "generator/services/note.py": "generator/services/basic.py",
    "tests/mocked/test_note.py": "tests/mocked/test_basic_service.py",
    "tests/full/test_note.py": "tests/full/test_basic_service.py",
}
SAME = ("LICENSE", "MANIFEST.in", "generator/__main__.py", "generator/services/__init__.py")


@pytest.mark.parametrize("path", TEXTS)
def test_what_a_project_has_is_at_the_same_place(path: str) -> None:
    ours = ROOT / RENAMED.get(path, path)

    assert ours.exists()
    assert ours.is_symlink() == (path in LINKS)


@pytest.mark.parametrize("path", SAME)
def test_what_says_nothing_of_a_service_is_the_same(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == TEXTS[path]


def test_links_lead_to_the_same() -> None:
    assert {path: str((ROOT / path).readlink()) for path in LINKS} == LINKS


def metadata(text: str) -> dict[str, dict[str, str]]:
    """What ``setup.cfg`` says besides the description."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {name: {key: value for key, value in section.items() if key != "description"} for name, section in parser.items()}


def test_the_metadata_of_the_module_is_the_same() -> None:
    assert metadata((ROOT / "setup.cfg").read_text(encoding="utf-8")) == metadata(TEXTS["setup.cfg"])


def distributions(requirements: list[str]) -> set[str]:
    """The names in a list of requirements."""
    return {re.split(r"[^\w-]", requirement)[0].lower() for requirement in requirements}


def test_the_tools_are_the_same_and_set_alike() -> None:
    ours: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    made: dict[str, Any] = tomllib.loads(TEXTS["pyproject.toml"])

    assert ours["build-system"] == made["build-system"]
    for key in ("testpaths", "timeout", "pythonpath"):
        assert ours["tool"]["pytest"]["ini_options"][key] == made["tool"]["pytest"]["ini_options"][key]
    # Which a new project does not have.
    without_schemathesis = ours["tool"]["pytest"]["ini_options"]["addopts"].removesuffix(" -p no:schemathesis")
    assert without_schemathesis == made["tool"]["pytest"]["ini_options"]["addopts"]
    assert set(made["tool"]["pytest"]["ini_options"]["markers"]) <= set(ours["tool"]["pytest"]["ini_options"]["markers"])
    for key in ("line-length", "target-version"):
        assert ours["tool"]["ruff"][key] == made["tool"]["ruff"][key]
    assert set(made["tool"]["ruff"]["lint"]["select"]) <= set(ours["tool"]["ruff"]["lint"]["select"])
    own = {PurePosixPath(package).name for package in bootstrap.PACKAGES} | {"inmanta-service-generator"}
    assert distributions(made["dependency-groups"]["dev"]) <= distributions(ours["dependency-groups"]["dev"]) | own


def tasks(text: str) -> dict[str, set[str]]:
    """The tasks that a file defines, with their options."""
    return {
        node.name: {argument.arg for argument in node.args.args[1:]}
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    }


def test_the_tasks_are_called_the_same() -> None:
    ours, made = tasks((ROOT / "tasks.py").read_text(encoding="utf-8")), tasks(TEXTS["tasks.py"])

    assert made
    for name, options in made.items():
        assert name in ours
        assert options <= ours[name], name


@pytest.mark.parametrize("path", [".gitignore", ".gitattributes"])
def test_git_is_told_the_same(path: str) -> None:
    missing = set(TEXTS[path].splitlines()) - set((ROOT / path).read_text(encoding="utf-8").splitlines())

    assert missing == set()
