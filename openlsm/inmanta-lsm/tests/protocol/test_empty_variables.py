"""Options of the server that come from empty environment variables are as if they were not given."""

import os
from unittest.mock import Mock

import pytest
from inmanta.config import Config, LenientConfigParser
from inmanta_ext.lsm.extension import setup
from inmanta_lsm.callback.options import ALLOWED_HOSTS, MAX_RETRIES
from inmanta_lsm.engine.reconciler import INTERVAL
from inmanta_lsm.protocol import log_lines, request_guard


@pytest.fixture(autouse=True)
def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of the logs is for the whole process, which goes on."""
    monkeypatch.setattr(log_lines, "guard", lambda: None)


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration is for the whole process, too."""
    monkeypatch.setattr(Config, "_Config__instance", LenientConfigParser(interpolation=None))


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_leaves_what_the_configuration_file_says(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for option in (ALLOWED_HOSTS, MAX_RETRIES, INTERVAL, request_guard.ALLOWED_HOSTS):
        monkeypatch.setenv(option.get_environment_variable(), value)
    Config.set("lsm.server", "allowed-hosts", "one.example")
    Config.set("lsm.callback", "max-retries", "7")

    setup(Mock())

    assert request_guard.ALLOWED_HOSTS.get() == ["one.example"]
    assert MAX_RETRIES.get() == 7
    assert INTERVAL.get() == 5
    assert ALLOWED_HOSTS.get() == []


def test_a_variable_with_a_value_counts_and_those_of_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_RETRIES.get_environment_variable(), "9")
    monkeypatch.setenv("INMANTA_DATABASE_PASSWORD", "")
    Config.set("lsm.callback", "max-retries", "7")

    setup(Mock())

    assert MAX_RETRIES.get() == 9
    assert os.environ["INMANTA_DATABASE_PASSWORD"] == ""
