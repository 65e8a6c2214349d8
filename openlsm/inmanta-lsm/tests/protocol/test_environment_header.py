"""The environment that a request names, and the verbs that a URL takes."""

import uuid

import pytest
from inmanta.protocol import Client

from ..helpers.example_arguments import PROPERTIES, example_arguments
from ..helpers.http_request import request

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The documentation takes the environment from the query, and a report is refused before, as it has no session.
IN_HEADER = sorted(PROPERTIES.keys() - {"lsm_services_openapi_docs", "lsm_services_report_deployment"})


async def code_of(method: str, environment: uuid.UUID | None) -> int:
    """Call a method with well-formed arguments; give the code of the answer."""
    arguments = {name: value for name, value in example_arguments(method).items() if name != "tid"}
    call = PROPERTIES[method].build_call([], arguments)
    code, _ = await request(call.url, method=call.method, environment=environment, body=call.body)
    return code


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("method", IN_HEADER)
async def test_a_request_without_environment_is_malformed_and_an_unknown_one_is_not_found(method: str) -> None:
    assert (await code_of(method, None), await code_of(method, uuid.uuid4())) == (400, 404)


@pytest.mark.parametrize("path", ["/lsm/v1/service_inventory/service/{id}/metadata/coordinates", "/lsm/v1/callbacks/{id}"])
async def test_what_can_only_be_written_cannot_be_read(client: Client, environment: uuid.UUID, path: str) -> None:
    code, _ = await request(path.format(id=uuid.uuid4()), environment=environment)

    assert code == 405
