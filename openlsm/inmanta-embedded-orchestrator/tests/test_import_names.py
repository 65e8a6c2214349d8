"""The names under which programs and test runs get at the embedded orchestrator: they stay, wherever the code goes."""

import importlib
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

NAMES = {
    "inmanta_embedded": {"EmbeddedError", "Orchestrator", "Phase", "Settings", "Status"},
    "inmanta_embedded.patience": {"eventually", "patient", "wait_until"},
    "inmanta_embedded.postgres": {"Cluster"},
}


@pytest.mark.parametrize("module", NAMES)
def test_a_documented_module_has_its_names(module: str) -> None:
    imported = importlib.import_module(module)

    assert {name for name in NAMES[module] if not hasattr(imported, name)} == set()


def test_a_name_that_there_is_not_is_no_attribute() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Nonesuch' from 'inmanta_embedded'"):
        exec("from inmanta_embedded import Nonesuch")


def test_what_guards_an_orchestrator_loads_none_of_what_runs_it() -> None:
    code = "import sys, inmanta_embedded.guard; print([name for name in ('inmanta', 'jwt', 'asyncio') if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded == "[]\n"


@pytest.mark.parametrize(("group", "name"), [("console_scripts", "inmanta-embedded"), ("pytest11", "inmanta-embedded")])
def test_the_command_and_the_plugin_are_found_by_name(group: str, name: str) -> None:
    (entry,) = entry_points(group=group, name=name)
    assert entry.load()


def test_the_plugin_brings_the_documented_fixtures(pytestconfig: pytest.Config) -> None:
    fixtures = importlib.import_module("inmanta_embedded.testing.fixtures")
    assert {"embedded_orchestrator", "embedded_orchestrator_settings", "remote_orchestrator_access"} <= vars(fixtures).keys()
    assert pytestconfig.pluginmanager.hasplugin("inmanta-embedded")
