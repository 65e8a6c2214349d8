"""Services that are written by hand are imported: what is generated from the result gives the catalog that they gave."""

import importlib
import json
import os
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
NAMESPACES = sorted(path.stem for path in (FOLDER / "model").glob("[a-z]*.cf") if path.stem != "names")
PACKAGE = "described.services"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the hand-written module, as the folder that one is in."""
    folder = tmp_path / "handwritten"
    shutil.copytree(FOLDER, folder)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    """Let nothing be known about the copy that another test had."""
    loaded = ("described", "inmanta_plugins.handwritten")
    for name in [name for name in sys.modules if any(name == other or name.startswith(f"{other}.") for other in loaded)]:
        del sys.modules[name]
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


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
        # A compile makes the folder of the project the current one.
        os.chdir(module)
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
    assert by_hand
    assert found == by_hand


def test_an_import_says_what_it_wrote_and_what_it_left_to_people(module: Path) -> None:
    result = import_("embedded")

    assert result.exit_code == 0
    assert result.stdout == (
        "wrote described/services/embedded.py\n"
        "wrote described/services/__init__.py\n"
        "wrote inmanta_plugins/handwritten/config.py\n"
    )
    assert result.stderr.startswith(
        "The implementation handwritten::embedded::switch_resources of Switch is not described: write it as @resource methods"
    )
    assert len(result.stderr.splitlines()) == 1


def test_a_second_import_finds_what_the_first_one_wrote_and_leaves_it(module: Path) -> None:
    first = import_("plain")
    configuration = (module / "inmanta_plugins" / "handwritten" / "config.py").read_text()
    second = import_("owned")

    assert first.exit_code == second.exit_code == 0
    assert second.stdout == "wrote described/services/owned.py\n"
    assert (module / "inmanta_plugins" / "handwritten" / "config.py").read_text() == configuration


def test_what_has_no_documentation_is_called_by_its_name(module: Path) -> None:
    path = module / "model" / "plain.cf"
    path.write_text(path.read_text().replace("        :attr lan_name: The name of the network.\n", ""))

    result = import_("plain")

    assert result.stderr == "1 of its entities, attributes, relations has no documentation: the description says its name.\n"
    assert 'lan_name: str = rw("Lan name.")' in (module / "described" / "services" / "plain.py").read_text()


def test_a_read_only_attribute_that_only_the_model_fills_is_named(module: Path) -> None:
    path = module / "model" / "allocated.cf"
    path.write_text(path.read_text().replace('    allocation_spec="handwritten_circuit",\n', ""))

    result = import_("allocated")

    assert (
        "Circuit.number is read-only, and only the model says where its value comes from: give it allocator= or value=."
        in result.stderr
    )


def test_a_type_that_cannot_be_described_is_used_from_the_model(module: Path) -> None:
    path = module / "model" / "plain.cf"
    typedef = "typedef odd as int matching self % 2 == 1\n"
    path.write_text(path.read_text().replace("entity Lan", f"{typedef}\nentity Lan").replace("    int size", "    odd size"))

    result = import_("plain")

    assert result.stderr == (
        "The type handwritten::plain::odd cannot be described and is used from the model: keep it in a file without bindings.\n"
    )
    assert 'InstalledType("handwritten::plain::odd")' in (module / "described" / "services" / "plain.py").read_text()


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        ("plane", "the module handwritten has no namespace handwritten::plane. Did you mean handwritten::plain?"),
        (
            "names",
            (
                "handwritten::names: no binding offers a service whose entity is in this namespace. "
                "Name the namespace of the entities."
            ),
        ),
    ],
)
def test_a_namespace_that_cannot_be_imported_is_refused_in_a_sentence(module: Path, namespace: str, message: str) -> None:
    result = import_(namespace)

    assert result.exit_code == 2
    assert result.stderr == f"Bad description: {message}\n"
    assert not (module / "described").exists()


def test_a_module_that_is_not_installed_is_refused(module: Path) -> None:
    result = run("import", "nowhere::services")

    assert result.exit_code == 2
    assert result.stderr == "Bad description: no inmanta module nowhere is installed. Install inmanta-module-nowhere.\n"


def test_a_module_that_does_not_compile_is_refused_with_what_the_compiler_says(module: Path) -> None:
    (module / "model" / "plain.cf").write_text("import lsm\n\nfound = lsm::nothing\n")

    result = import_("plain")

    assert result.exit_code == 2
    assert result.stderr.startswith("Bad description: handwritten::plain: the compiler refuses it: ")
    assert result.stderr.count("\n") == 1
    assert not (module / "described").exists()


def test_a_description_that_is_there_is_never_overwritten(module: Path) -> None:
    path = module / "described" / "services" / "plain.py"
    path.parent.mkdir(parents=True)
    path.write_text("mine = True\n")

    result = import_("plain")

    assert result.exit_code == 3
    assert result.stderr == (
        "Not written: described/services/plain.py exists. Move it, or name another folder with --output.\n"
    )
    assert path.read_text() == "mine = True\n"
    assert list(path.parent.iterdir()) == [path]
