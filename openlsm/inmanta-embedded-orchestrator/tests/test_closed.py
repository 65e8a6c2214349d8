"""An orchestrator is closed unless it is opened."""

from collections.abc import Iterator

import jwt
import pytest
import requests
from click.testing import CliRunner
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.cli import main
from inmanta_embedded.patience import patient, wait_until

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("closed")]

PATH = "/api/v2/environment"
FOREIGN = [
    ({"Host": "evil.example"}, 421),
    ({"Host": "evil.example:80"}, 421),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/xml"}, 415),
]


@pytest.fixture
def orchestrator(closed: Orchestrator) -> Orchestrator:
    """An orchestrator as it is when nothing is said about tokens."""
    return closed


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator that asks for no tokens, as somebody chose."""
    with Orchestrator(tmp_path_factory.mktemp("opened") / "state", Settings(durable=False, auth=False)) as orchestrator:
        yield orchestrator


def code_of(orchestrator: Orchestrator, headers: dict[str, str]) -> int:
    """The code of the answer to a call with a body."""
    sent = {"Content-Type": "application/json", **orchestrator.headers(), **headers}
    url = f"{orchestrator.url}/api/v2/project"
    return requests.put(url, data='{"name": "p"}', headers=sent, timeout=patient()).status_code


def test_nothing_is_told_without_a_token(orchestrator: Orchestrator) -> None:
    assert Settings().auth
    assert requests.get(f"{orchestrator.url}{PATH}", timeout=patient()).status_code == 401
    assert requests.get(f"{orchestrator.url}{PATH}", headers=orchestrator.headers(), timeout=patient()).status_code == 200


@pytest.mark.parametrize(("headers", "code"), FOREIGN)
def test_what_a_page_of_somebody_else_sends_is_refused(orchestrator: Orchestrator, headers: dict[str, str], code: int) -> None:
    assert code_of(orchestrator, headers) == code


@pytest.mark.parametrize(("headers", "code"), FOREIGN)
def test_it_is_refused_where_no_tokens_are_asked_for_too(opened: Orchestrator, headers: dict[str, str], code: int) -> None:
    assert opened.headers() == {}
    assert code_of(opened, headers) == code


def test_the_own_clients_are_served(orchestrator: Orchestrator, opened: Orchestrator) -> None:
    assert code_of(orchestrator, {"Origin": orchestrator.url}) in (200, 400)
    assert code_of(opened, {}) in (200, 400)


def test_a_token_ends(orchestrator: Orchestrator) -> None:
    token = orchestrator.token(lifetime=1)

    def is_refused() -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{orchestrator.url}{PATH}", headers=headers, timeout=patient()).status_code in (401, 403)

    wait_until(is_refused, "the token still opens the API", interval=0.1)


OTHERS = ["--hours", "2", "--client-type", "compiler"]


@pytest.mark.parametrize(("options", "types", "hours"), [([], "api", 24), (OTHERS, "compiler", 2)])
def test_the_command_line_gives_tokens_that_end(orchestrator: Orchestrator, options: list[str], types: str, hours: int) -> None:
    printed = CliRunner().invoke(main, ["--folder", str(orchestrator.layout.folder), "token", *options]).output.strip()

    claims = jwt.decode(printed, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == hours * 3600
    assert claims["urn:inmanta:ct"] == types
