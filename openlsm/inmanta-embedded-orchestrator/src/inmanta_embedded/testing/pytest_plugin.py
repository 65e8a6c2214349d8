"""
The pytest plugin: tests that ask for an orchestrator get an embedded one, unless the run names another one.

Installing the package is enough. An orchestrator is started when the first test needs one; runs without such tests start
none.
"""

import os
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from inmanta_embedded import patience
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.testing import run_summary

if TYPE_CHECKING:
    # The plugin has to load where the test tools of inmanta are not installed.
    from pytest_inmanta.test_parameter.parameter import TestParameter

NAME = "inmanta-embedded-fixtures"
_VARIABLES = "INMANTA_"
# How the stock plugin calls the options that say how to reach or to make an orchestrator, and not which one.
_ONLY_FOR_OTHERS = ("inm_lsm_ca_cert", "inm_lsm_container_env", "inm_lsm_ctr_", "inm_lsm_ss", "inm_lsm_token")


def _is_given(parameter: "TestParameter[Any]", config: pytest.Config) -> bool:
    """
    Whether the user of a test run set an option or its variable.

    :param parameter: the option, with its environment variable
    :param config: of the test run
    """
    option = config.getoption(parameter.argument, default=None)
    return option is not None or bool(os.environ.get(parameter.environment_variable))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """
    Forget the variables of inmanta that are empty: that is how a shell or a pipeline says that there is none.

    The stock options, and those of inmanta-core, take an empty text for a value. What the run starts inherits the rest.
    """
    for name in [name for name, value in os.environ.items() if name.startswith(_VARIABLES) and not value.strip()]:
        del os.environ[name]


def names_another_orchestrator(config: pytest.Config) -> bool:
    """
    Whether the options of a test run, or the variables of its environment, name an orchestrator: by its address, the way to
    it, or as a container to start.

    :param config: of the test run
    """
    from pytest_inmanta_lsm import parameters

    addresses = (
        parameters.inm_lsm_host,
        parameters.inm_lsm_srv_port,
        parameters.inm_lsm_remote_host,
        parameters.inm_lsm_remote_shell,
    )
    return bool(parameters.inm_lsm_ctr.resolve(config)) or any(_is_given(parameter, config) for parameter in addresses)


def _refuse_idle_options(config: pytest.Config) -> None:
    """
    Refuse options about the way to another orchestrator where none is named. Variables may be there for other test runs.

    :raises UsageError: naming the options that would do nothing
    """
    from pytest_inmanta_lsm import parameters

    known = [getattr(parameters, name) for name in dir(parameters) if name.startswith(_ONLY_FOR_OTHERS)]
    given = sorted(one.argument for one in known if config.getoption(one.argument, default=None) is not None)
    if given:
        raise pytest.UsageError(
            f"{', '.join(given)}: this is for another orchestrator, and the tests start their own. Name the other one"
            " (--lsm-host, or --lsm-ctr for a container), or leave it out."
        )


def _fixtures() -> ModuleType:
    """The fixtures, imported late: most test runs need none of them."""
    from inmanta_embedded.testing import fixtures

    return fixtures


# Of two plugins with a fixture of the same name, pytest takes the one that was registered last, and the order in which it
# finds installed plugins is not defined.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put the fixtures in the place of the stock ones, and make the stock clients as patient as the run has to be."""
    try:
        factor = patience.factor()
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from error
    if not config.pluginmanager.hasplugin("pytest-inmanta-lsm"):
        return
    if factor != 1:
        _scale_clients(factor)
    if not names_another_orchestrator(config):
        _refuse_idle_options(config)
        config.pluginmanager.register(_fixtures(), NAME)


def _scale_clients(factor: float) -> None:
    from pytest_inmanta_lsm import remote_order_async, remote_service_instance_async

    for client in (remote_service_instance_async.RemoteServiceInstance, remote_order_async.RemoteOrder):
        client.DEFAULT_TIMEOUT *= factor


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test the time that pytest-timeout allows, times the factor, unless it says itself how long it may take."""
    if patience.factor() == 1 or not config.pluginmanager.hasplugin("timeout"):
        return
    allowed = float(config.getoption("timeout") or config.getini("timeout") or 0)
    for item in items:
        if allowed and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(patience.patient(allowed)))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker has to say."""
    run_summary.take_over(node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what there is to say."""
    for text in run_summary.lines(terminalreporter.config):
        terminalreporter.write_line(text)
