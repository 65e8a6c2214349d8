"""Services that are written by hand are imported: what is generated from the result gives the catalog that they gave."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_inmanta.plugin
from click.testing import CliRunner, Result
from pytest_inmanta_lsm.lsm_project import LsmProject
from service_generator.cli import main

FOLDER = Path(__file__).parent / "handwritten"
NAMESPACES = sorted(path.stem for path in (FOLDER / "model").glob("[a-z]*.cf"))
PACKAGE = "described.services"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the hand-written module, as the folder that one is in."""
    folder = tmp_path / "handwritten"
    shutil.copytree(FOLDER, folder)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "described"]:
        del sys.modules[name]


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, list(arguments))


def import_(namespace: str) -> Result:
    """Import a namespace of the module, into a package of descriptions of its own."""
    return run("import", f"handwritten::{namespace}", "--output", PACKAGE.replace(".", "/"))


def catalog(project: pytest_inmanta.plugin.Project, lsm: LsmProject, module: Path, namespace: str) -> dict[str, Any]:
    """The catalog that a namespace of a module gives, as plain data, whatever the lines of its docstrings are."""
    copy = Path(project._test_project_dir, "libs", "handwritten")
    shutil.copytree(module / "model", copy / "model")
    plugins = module / "inmanta_plugins" / "handwritten"
    shutil.copytree(plugins, copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "module.yml").write_text("name: handwritten\nversion: 0.0.1\nlicense: Apache-2.0\n", encoding="utf-8")
    try:
        lsm.export_service_entities(f"import {namespace}")
    finally:
        shutil.rmtree(copy)
    assert lsm.service_entity_versions is not None
    return {
        f"{name} {number}": _on_one_line(json.loads(version.model_dump_json(exclude={"environment"})))
        for (name, number), version in sorted(lsm.service_entity_versions.items())
    }


def _on_one_line(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: " ".join(item.split()) if key == "description" and item is not None else _on_one_line(item)
            for key, item in value.items()
        }
    return [_on_one_line(item) for item in value] if isinstance(value, list) else value


def without_order(value: Any) -> Any:
    """The same, where attributes and relations stand in the order of their names."""
    if isinstance(value, dict):
        return {key: without_order(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [without_order(item) for item in value]
    return sorted(items, key=lambda item: str(item["name"])) if items and all("name" in item for item in items) else items


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_what_is_generated_from_an_import_gives_the_same_catalog(
    project: pytest_inmanta.plugin.Project, lsm_project: LsmProject, module: Path, namespace: str
) -> None:
    by_hand = catalog(project, lsm_project, module, f"handwritten::{namespace}")
    lsm_project.service_entity_versions = None
    imported = import_(namespace)
    assert imported.exit_code == 0, imported.output
    # What a model says at its root is not in the catalog, and is generated.
    (module / "model" / "_init.cf").unlink()

    generated = run("generate", "--descriptions", PACKAGE)

    assert generated.exit_code == 0, generated.output
    found = catalog(project, lsm_project, module, f"handwritten::services::{namespace}::lsm")
    assert without_order(found) == without_order(by_hand)
