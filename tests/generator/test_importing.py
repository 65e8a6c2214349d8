"""Services that are written by hand are imported: what is generated from the result gives the catalog that they gave."""

import contextlib
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
from inmanta.plugins import PluginMeta
from pytest_inmanta_lsm.lsm_project import LsmProject
from service_generator.cli import main

from tests.generator import libraries

FOLDER = Path(__file__).parent / "handwritten"
NAMESPACES = sorted(path.stem for path in (FOLDER / "model").glob("[a-z]*") if path.stem != "names")
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
    # The next compile would take a plugin of that copy along, and look for the file that it was in.
    PluginMeta.clear("handwritten")
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, list(arguments))


def import_(namespace: str) -> Result:
    """Import a namespace of the module, into a package of descriptions of its own."""
    return run("import", f"handwritten::{namespace}", "--output", PACKAGE.replace(".", "/"))


@contextlib.contextmanager
def installed(project: pytest_inmanta.plugin.Project, module: Path) -> Iterator[None]:
    """Have the module among the libraries of the project meanwhile."""
    try:
        with libraries.library(project._test_project_dir, module):
            yield
    finally:
        # A compile makes the folder of the project the current one.
        os.chdir(module)


def catalog(project: pytest_inmanta.plugin.Project, lsm: LsmProject, module: Path, namespace: str) -> dict[str, Any]:
    """The catalog that a namespace of a module gives, as plain data, whatever the lines of its docstrings are."""
    with installed(project, module):
        lsm.export_service_entities(f"import {namespace}")
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
        "wrote model/services/embedded/by_hand/_init.cf\n"
        "wrote described/services/__init__.py\n"
        "wrote inmanta_plugins/handwritten/config.py\n"
    )
    assert result.stderr == "What implementations do is kept as it is written, in model/services/embedded/by_hand/_init.cf.\n"


APPLIANCE: dict[str, Any] = {"name": "a1", "fans": [{"slot": "1"}, {"slot": "2"}]}


def life(lsm: LsmProject) -> list[dict[str, bool]]:
    """The resources of an appliance that is created, watched, and deleted, and whether each is purged."""
    instance = lsm.create_service("appliance", APPLIANCE, auto_transfer=True)
    found = []
    for state, watched in (("up", False), ("up", True), ("deleting", True)):
        service = lsm.get_service(instance.id)
        assert service.active_attributes is not None
        service.active_attributes["watched"] = watched
        service.state = state
        lsm.compile()
        resources: list[Any] = list(lsm.project.resources.values())
        found.append({one.name: one.purged for one in resources if one.id.entity_type == "std::testing::NullResource"})
    return found


def test_what_an_import_keeps_does_what_it_did(
    project: pytest_inmanta.plugin.Project, lsm_project: LsmProject, module: Path
) -> None:
    with installed(project, module):
        lsm_project.export_service_entities("import handwritten::kept")
        by_hand = life(lsm_project)
    lsm_project.services.clear()
    lsm_project.service_entity_versions = None
    assert import_("kept").exit_code == 0
    (module / "model" / "_init.cf").unlink()
    # Nothing of what was there is needed any more.
    shutil.rmtree(module / "model" / "kept")

    generated = run("generate", "--descriptions", PACKAGE)

    assert generated.exit_code == 0, generated.output
    with installed(project, module):
        lsm_project.export_service_entities("import handwritten::services::kept::lsm")
        assert life(lsm_project) == by_hand
    watched = {"box-panel-a1-7", "fan-a1-1-100", "fan-a1-2-101", "eye-a1"}
    assert [set(found) for found in by_hand] == [watched - {"eye-a1"}, watched, watched]
    assert by_hand[2] == dict.fromkeys(watched, True)


def test_what_is_kept_and_nothing_imports_comes_with_the_service(module: Path) -> None:
    path = module / "model" / "embedded.cf"
    path.write_text(path.read_text().replace("using parents, switch_resources", "using parents") + WATCHED)

    result = import_("embedded")

    assert result.exit_code == 0, result.output
    name = "handwritten::services::embedded::by_hand::switch_by_hand"
    assert f'implementations = ("{name}",)' in (module / "described" / "services" / "embedded.py").read_text()
    kept = (module / "model" / "services" / "embedded" / "by_hand" / "_init.cf").read_text()
    assert "implement Switch using switch_resources when self.name" in kept
    assert "implementation switch_by_hand for Switch:" in kept


WATCHED = """
implement Switch using switch_resources when self.name == "watched"
"""


def test_nothing_that_is_kept_is_written_over(module: Path) -> None:
    mine = module / "model" / "services" / "embedded" / "by_hand" / "_init.cf"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine = true\n")

    result = import_("embedded")

    assert result.exit_code == 3
    assert result.stderr == (
        "Not written: model/services/embedded/by_hand/_init.cf exists. Move it: what the description does not say is kept "
        "there.\n"
    )
    assert mine.read_text() == "mine = true\n"
    assert not (module / "described").exists()


def test_what_the_python_side_has_to_take_over_is_named(module: Path) -> None:
    (module / "inmanta_plugins" / "handwritten" / "plain.py").write_text(PLUGINS)
    path = module / "model" / "plain.cf"
    fields = '    string _secret = "none"\n    int? found = null\n    lsm::attribute_modifier found__modifier = "r"\n'
    path.write_text(path.read_text().replace("    string lan_name", fields + "    string lan_name", 1) + FILLED)

    result = import_("plain")

    assert result.exit_code == 0, result.output
    for sentence in (
        (
            "Lan.found is read-only, and the plugin handwritten::plain::find finds its value: move it to "
            'inmanta_plugins/handwritten/services/plain/lsm.py, and write allocator=allocate("find").'
        ),
        (
            "The plugin handwritten::plain::find is called by what is kept, which looks for it in the namespace of its own "
            "now: move it to inmanta_plugins/handwritten/services/plain/by_hand/__init__.py."
        ),
        "The attribute Lan._secret is not described, as only the model sees it: what is kept has to do without it.",
    ):
        assert sentence in result.stderr.splitlines()


PLUGINS = '''
"""Plugins of a test."""

from inmanta.plugins import plugin


@plugin
def find(name: "string") -> "int":
    """Find a number."""
    return len(name)
'''
FILLED = """
implementation counted for Lan:
    size_of_name = find(self.lan_name)
end

implement Lan using counted

for instance in lsm::all(binding):
    lan = Lan(instance_id=instance["id"], found=find(instance["attributes"]["lan_name"]), **instance["attributes"])
end
"""


def test_a_second_import_finds_what_the_first_one_wrote_and_leaves_it(module: Path) -> None:
    first = import_("plain")
    configuration = (module / "inmanta_plugins" / "handwritten" / "config.py").read_text()
    # Also when there is something that only what is generated from the first one makes complete.
    kept = import_("embedded")
    second = import_("owned")

    assert first.exit_code == kept.exit_code == second.exit_code == 0
    assert second.stdout == "wrote described/services/owned.py\n"
    assert (module / "inmanta_plugins" / "handwritten" / "config.py").read_text() == configuration


def test_what_has_no_documentation_is_described_without(module: Path) -> None:
    result = import_("undocumented")

    assert result.stderr.startswith(
        "7 of its entities, attributes, relations have no documentation, and so the catalog says nothing: write a sentence for "
        "None, and a docstring for documented=False.\n"
    )
    description = (module / "described" / "services" / "undocumented.py").read_text()
    for line in (
        "class Fleet(Service, documented=False):\n    catalog_name",
        'class Boat(Embedded, documented=False):\n    fleet: "Fleet" = parent()\n',
        "    name: str = rw(None, key=True)",
        '    mast: int = rw_plus("How many masts it has.", default=1)',
        'class Port(Embedded):\n    """Where it is at home."""\n\n    city: str = rw(None)',
        "    boats: list[Boat] = rw_plus(None)",
    ):
        assert line in description


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

    assert result.stderr == ("What implementations do is kept as it is written, in model/services/plain/by_hand/_init.cf.\n")
    assert (
        'InstalledType("handwritten::services::plain::by_hand::odd")'
        in (module / "described" / "services" / "plain.py").read_text()
    )


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


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("lifecycle=lsm::fsm::service,", "lifecycle=lsm::fsm::simple,"),
        ('service_identity="name",', 'service_identity="schedule",'),
        ("version=2,", "version=2,\n            strict_modifier_enforcement=false,"),
    ],
)
def test_versions_of_an_entity_that_differ_are_refused(module: Path, given: str, other: str) -> None:
    path = module / "model" / "versions.cf"
    start, _, last = path.read_text().rpartition("lsm::ServiceBindingVersion(")
    path.write_text(f"{start}lsm::ServiceBindingVersion({last.replace(given, other, 1)}")

    result = import_("versions")

    assert result.exit_code == 2
    assert "handwritten::versions::NewBackup: its versions 1 and 2 have a " in result.stderr
    assert result.stderr.endswith(" each, and a class has one. Give them an entity each in the model.\n")


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
