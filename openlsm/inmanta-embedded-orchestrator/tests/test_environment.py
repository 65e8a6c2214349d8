"""The environment variables that the server, its compiles and its agents get."""

import getpass

import pytest
from inmanta_embedded.server import clean_environment, without_empty


@pytest.mark.parametrize("name", ["INMANTA_SERVER_BIND_PORT", "PGHOST", "PYTEST_CURRENT_TEST", "PYTHONDONTWRITEBYTECODE"])
def test_what_would_lead_the_server_astray_does_not_reach_it(name: str) -> None:
    assert name not in clean_environment({name: "1"})


def test_an_option_of_the_server_whose_variable_is_empty_is_not_given() -> None:
    given = {"INMANTA_SERVER_BIND_PORT": "", "INMANTA_LSM_CALLBACK_MAX_RETRIES": " ", "INMANTA_X": "1", "EMPTY": ""}

    assert without_empty(given) == {"INMANTA_X": "1", "EMPTY": ""}


def test_all_else_reaches_it() -> None:
    environment = {"LANG": "C.UTF-8", "USER": "alice"}

    assert clean_environment(environment).items() >= environment.items()
    assert "LOGNAME" not in clean_environment(environment)


def test_a_user_that_the_machine_has_no_name_for_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in clean_environment({"USER": ""}).items():
        monkeypatch.setenv(name, value)

    assert getpass.getuser()
