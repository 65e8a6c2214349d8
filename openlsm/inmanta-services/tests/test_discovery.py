"""Which orchestrator is meant."""

import uuid
from pathlib import Path

import pytest
from inmanta.data.model import Environment
from inmanta_services import Address, ServicesError
from inmanta_services.discovery import Options, choose, discover

FILE = """
[config]
environment = 8d0ad2a8-9d2b-4a22-8a7c-6d1c4a3b2f10

[cmdline_rest_transport]
host = filed.example
port = 8889
token = filed-token
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a file of inmanta in it."""
    (tmp_path / ".inmanta").write_text(FILE)
    return tmp_path


def test_options_come_before_variables_and_these_before_the_file(folder: Path) -> None:
    variables = {"INMANTA_SERVICES_URL": "http://variable.example", "INMANTA_SERVICES_ENVIRONMENT": "variable"}

    by_option = discover(Options(url="https://option.example:1", environment="option"), variables, folder)
    by_variable = discover(Options(), variables, folder)
    by_file = discover(Options(), {}, folder)

    assert (by_option.address.url, by_option.environment) == ("https://option.example:1", "option")
    assert (by_variable.address.url, by_variable.environment) == ("http://variable.example:8888", "variable")
    assert (by_file.address.url, by_file.environment) == (
        "http://filed.example:8889",
        "8d0ad2a8-9d2b-4a22-8a7c-6d1c4a3b2f10",
    )


def test_the_variables_of_inmanta_itself_are_understood(tmp_path: Path) -> None:
    variables = {
        "INMANTA_CLIENT_REST_TRANSPORT_HOST": "core.example",
        "INMANTA_CLIENT_REST_TRANSPORT_PORT": "1234",
        "INMANTA_CLIENT_REST_TRANSPORT_SSL": "true",
        "INMANTA_CLIENT_REST_TRANSPORT_TOKEN": "secret",
        "INMANTA_CONFIG_ENVIRONMENT": "production",
    }

    target = discover(Options(), variables, tmp_path)

    assert (target.address, target.token) == (Address("core.example", 1234, ssl=True), "secret")
    assert target.environment == "production"


def test_a_token_is_not_shown_to_another_orchestrator_than_the_one_it_is_named_with(folder: Path) -> None:
    assert discover(Options(), {}, folder).token == "filed-token"
    assert discover(Options(url="http://other.example"), {}, folder).token is None
    assert discover(Options(url="http://other.example"), {"INMANTA_SERVICES_TOKEN": "variable"}, folder).token is None
    assert discover(Options(token="option"), {}, folder).token == "option"
    assert discover(Options(), {"INMANTA_SERVICES_TOKEN": "variable"}, folder).token == "variable"


def test_a_token_is_in_no_representation(folder: Path) -> None:
    target = discover(Options(token="very-secret"), {}, folder)

    assert "very-secret" not in repr(target)
    assert "very-secret" not in repr(Options(token="very-secret"))


def test_without_anything_it_says_how_to_name_an_orchestrator(tmp_path: Path) -> None:
    with pytest.raises(ServicesError, match=r"no orchestrator to speak to: name one by --url or INMANTA_SERVICES_URL"):
        discover(Options(), {}, tmp_path)


@pytest.mark.parametrize("url", ["", "ftp://host", "http://", "host:0", "host:70000", "http://host/path", "user@host", "a b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ServicesError, match=r"is no address of an orchestrator: write http://HOST:PORT"):
        Address.parse(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("192.0.2.7", "http://192.0.2.7:8888"),
        ("192.0.2.7:80/", "http://192.0.2.7:80"),
        ("https://orchestrator.example", "https://orchestrator.example:8888"),
        ("http://[::1]:8888", "http://[::1]:8888"),
    ],
)
def test_scheme_and_port_of_an_address_may_be_left_out(url: str, expected: str) -> None:
    assert Address.parse(url).url == expected


@pytest.mark.parametrize("content", ["no section", "[cmdline_rest_transport]\nport = many", "[client_rest_transport]\nssl=?"])
def test_a_file_that_makes_no_sense_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / ".inmanta").write_text(content)

    with pytest.raises(ServicesError, match=r"\.inmanta"):
        discover(Options(), {}, tmp_path)


def test_an_embedded_orchestrator_that_does_not_run_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ServicesError, match=r"No embedded orchestrator is running in .*mine: start it by"):
        discover(Options(embedded=Path("mine")), {}, tmp_path)
    with pytest.raises(ServicesError, match=r"No embedded orchestrator is running in .*theirs: start it by"):
        discover(Options(), {"INMANTA_EMBEDDED": "theirs"}, tmp_path)


def test_an_embedded_orchestrator_is_not_looked_for_when_the_address_is_known(tmp_path: Path) -> None:
    target = discover(Options(url="http://other.example"), {"INMANTA_EMBEDDED": "theirs"}, tmp_path)

    assert target.address.host == "other.example"


def environment(name: str) -> Environment:
    """
    An environment.

    :param name: its name.
    """
    return Environment(
        id=uuid.uuid4(), name=name, project_id=uuid.uuid4(), repo_branch="", repo_url="", settings={}, halted=False
    )


def test_the_only_environment_is_meant_when_none_is_named() -> None:
    only = environment("only")

    assert choose(None, [only]) == only.id


def test_an_environment_may_be_named() -> None:
    environments = [environment("first"), environment("second")]

    assert choose("second", environments) == environments[1].id


@pytest.mark.parametrize("name", [None, "third", "first"])
def test_it_says_which_environments_there_are_when_it_is_not_clear_which_one_is_meant(name: str | None) -> None:
    environments = [environment("first"), environment("first"), environment("second")]

    with pytest.raises(ServicesError, match=rf"first \({environments[0].id}\), .*second \({environments[2].id}\)"):
        choose(name, environments)
