"""
The pytest plugin: tests that ask for an orchestrator get an embedded one, unless the run names another one.

Installing the package is enough. An orchestrator is started when the first test needs one; runs without such tests start
none.
"""

import os
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    # The plugin has to load where the test tools of inmanta are not installed.
    from pytest_inmanta.test_parameter.parameter import TestParameter

NAME = "inmanta-embedded-fixtures"
_TOLD = pytest.StashKey[list[str]]()
_OUTPUT = "inmanta_embedded"


def _is_given(parameter: "TestParameter[Any]", config: pytest.Config) -> bool:
    """
    Whether the user of a test run set an option or its variable.

    :param parameter: the option, with its environment variable.
    :param config: of the test run.
    """
    return config.getoption(parameter.argument, default=None) is not None or parameter.environment_variable in os.environ


def names_another_orchestrator(config: pytest.Config) -> bool:
    """
    Whether the options of a test run, or the variables of its environment, name an orchestrator: by its address, the way to
    it, or as a container to start.

    :param config: of the test run.
    """
    from pytest_inmanta_lsm import parameters

    addresses = (
        parameters.inm_lsm_host,
        parameters.inm_lsm_srv_port,
        parameters.inm_lsm_remote_host,
        parameters.inm_lsm_remote_shell,
    )
    return bool(parameters.inm_lsm_ctr.resolve(config)) or any(_is_given(parameter, config) for parameter in addresses)


def _fixtures() -> ModuleType:
    """The fixtures, imported late: most test runs need none of them."""
    from inmanta_embedded import fixtures

    return fixtures


# Of two plugins with a fixture of the same name, pytest takes the one that was registered last, and the order in which it
# finds installed plugins is not defined.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put the fixtures in the place of the stock ones."""
    if config.pluginmanager.hasplugin("pytest-inmanta-lsm") and not names_another_orchestrator(config):
        config.pluginmanager.register(_fixtures(), NAME)


def tell_at_the_end(config: pytest.Config, text: str) -> None:
    """
    Show something below the results of the test run.

    :param config: of the test run, or of one of its workers.
    :param text: one line.
    """
    told = config.stash.setdefault(_TOLD, [])
    told.append(text)
    # Only a worker of pytest-xdist has one, and hands it over to the process that has the terminal.
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_OUTPUT] = told


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker has to say."""
    node.config.stash.setdefault(_TOLD, []).extend(getattr(node, "workeroutput", {}).get(_OUTPUT, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what there is to say."""
    for text in terminalreporter.config.stash.get(_TOLD, []):
        terminalreporter.write_line(text)
