"""Authentication: a server that asks for tokens, seen from outside."""

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import jwt
import pytest
from inmanta.const import ClientType
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import patient
from inmanta_lsm.environment_settings import EXPERT_MODE

from ..helpers import handler_session
from ..helpers.example_arguments import PROPERTIES, example_arguments

pytestmark = pytest.mark.xdist_group("authentication")

UNAUTHORIZED, FORBIDDEN = 401, 403

REPORT = "lsm_services_report_deployment"
"""The only method that is not for users: inmanta-core 18 asks for the session of a handler before it asks for a token."""

every_method = pytest.mark.parametrize("method", sorted(PROPERTIES.keys() - {REPORT}))


@pytest.fixture(scope="module")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator that asks for tokens."""
    settings = Settings(auth=True, durable=False)
    with Orchestrator(tmp_path_factory.mktemp("authentication") / "orchestrator", settings) as orchestrator:
        yield orchestrator


@pytest.fixture(scope="module")
def environments(orchestrator: Orchestrator) -> tuple[uuid.UUID, uuid.UUID]:
    """Two environments. They are made in the database, as the server would start a scheduler for each."""

    async def insert() -> tuple[uuid.UUID, uuid.UUID]:
        connection = await asyncpg.connect(orchestrator.database.dsn)
        try:
            project, first, second = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
            await connection.execute("INSERT INTO public.project (id, name) VALUES ($1, 'test')", project)
            settings = json.dumps({"settings": {EXPERT_MODE: {"value": True, "protected": False, "protected_by": None}}})
            await connection.executemany(
                "INSERT INTO public.environment (id, name, project, settings) VALUES ($1, $2, $3, $4)",
                [(first, "first", project, settings), (second, "second", project, settings)],
            )
            return first, second
        finally:
            await connection.close()

    return asyncio.run(insert())


def code_of(orchestrator: Orchestrator, method: str, environment: uuid.UUID, token: str | None, **more_arguments: Any) -> int:
    """
    Call a method with well-formed arguments.

    :return: the code of the answer
    """
    arguments: dict[str, Any] = example_arguments(method) | more_arguments
    arguments |= {name: environment for name in ("tid", "environment") if name in arguments}
    call = PROPERTIES[method].build_call([], arguments)
    request = urllib.request.Request(
        orchestrator.url + call.url,
        method=call.method,
        headers={
            "Content-Type": "application/json",
            **call.headers,
            **({} if token is None else {"Authorization": f"Bearer {token}"}),
        },
        data=None if call.body is None else json.dumps(call.body, default=str).encode(),
    )
    try:
        with urllib.request.urlopen(request, timeout=patient()) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        return error.code


@every_method
def test_nothing_is_answered_without_a_token(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID], method: str
) -> None:
    assert code_of(orchestrator, method, environments[0], token=None) == UNAUTHORIZED


@every_method
def test_a_token_that_the_server_has_not_signed_opens_nothing(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID], method: str
) -> None:
    genuine = jwt.decode(orchestrator.token(), options={"verify_signature": False})
    forged = jwt.encode(genuine, b"somebody else's key, of 32 bytes", algorithm="HS256")

    assert code_of(orchestrator, method, environments[0], forged) == FORBIDDEN


@every_method
def test_a_token_of_one_environment_opens_no_other(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID], method: str
) -> None:
    own, other = environments
    token = orchestrator.token([client.value for client in PROPERTIES[method].client_types], str(own))

    assert code_of(orchestrator, method, other, token) == FORBIDDEN
    assert code_of(orchestrator, method, own, token) in (200, 400, 404)


@every_method
def test_a_token_opens_only_what_is_meant_for_its_bearer(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID], method: str
) -> None:
    strangers = [client for client in ClientType if client not in PROPERTIES[method].client_types]

    codes = {client: code_of(orchestrator, method, environments[0], orchestrator.token([client.value])) for client in strangers}

    assert codes == dict.fromkeys(strangers, FORBIDDEN)


def test_the_documentation_can_be_opened_with_a_token_in_the_link(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID]
) -> None:
    own, other = environments
    token = orchestrator.token(["api"], str(own))

    def status(environment: uuid.UUID) -> int:
        path = f"/lsm/v1/service_catalog_docs?environment={environment}&token={token}"
        try:
            with urllib.request.urlopen(orchestrator.url + path, timeout=patient()) as response:
                code: int = response.status
                return code
        except urllib.error.HTTPError as error:
            return error.code

    assert (status(own), status(other)) == (200, FORBIDDEN)


def test_a_deployment_is_reported_by_a_handler_only(
    orchestrator: Orchestrator, environments: tuple[uuid.UUID, uuid.UUID]
) -> None:
    handler, user = (orchestrator.token([client_type], str(environments[0])) for client_type in ("agent", "api"))

    nobody = {"service_id": uuid.uuid4()}
    # There is no such instance: a handler is told so, once it got past the door.
    told, not_told = (400, 400) if handler_session.NEEDED else (404, FORBIDDEN)
    assert code_of(orchestrator, REPORT, environments[0], handler, **nobody) == told
    assert code_of(orchestrator, REPORT, environments[0], handler, **nobody, sid=str(uuid.uuid4())) == told
    assert code_of(orchestrator, REPORT, environments[0], user, **nobody) == not_told
