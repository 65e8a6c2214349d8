"""Bodies of requests that no JSON library of a client would write."""

import json
import uuid
from typing import Any

import pytest
from inmanta.config import Config
from inmanta.protocol import Client
from inmanta_lsm.data import documents
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from ..helpers.stored_inventory import StoredInventory, service

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (rb'"\u0000"', "NUL character"),
        (rb'"\ud800"', "half a surrogate pair"),
        (b"1e400", "inf"),
        (b"-Infinity", "inf"),
        (b"NaN", "nan"),
        (b"[" * 300 + b"]" * 300, "nested deeper than"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested deeper than"),
        (b"[" + b"9" * 4000 + b"]", "name"),
        (b'"' + b"x" * 10_000 + b'"', "name"),
        (b'"\xff"', "decode"),
        (b"9" * 5000, "decode"),
        (b"", "decode"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_a_value_that_cannot_be_stored_is_refused_with_a_reason(
    client: Client, environment: uuid.UUID, name: bytes, reason: str
) -> None:
    await StoredInventory(environment, client).add_service(service("service"))
    request = HTTPRequest(
        f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}/lsm/v1/service_inventory/service",
        method="POST",
        headers={"Content-Type": "application/json", "X-Inmanta-tid": str(environment)},
        body=b'{"attributes": {"name": ' + name + b"}}",
    )

    response = await AsyncHTTPClient().fetch(request, raise_error=False)

    message: Any = json.loads(response.body)["message"]
    assert (response.code, reason in message) == (400, True), message
    assert await documents.ServiceInstance.get_list(environment=environment) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "is a list"),
        (b'["attributes"]', "is a list"),
        (b'"attributes"', "is a string"),
        (b"true", "is a boolean"),
        (b"1", "is a number"),
        (b'{"attributes": ' + b"[" * 1_000 + b"]" * 1_000 + b"}", "nested deeper than 200 levels"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper than 200 levels"),
        (b"{", "decode"),
        (b"", "attributes"),
        (b"null", "attributes"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_a_body_that_is_no_reasonable_object_is_refused_with_a_reason(
    client: Client, environment: uuid.UUID, body: bytes, reason: str
) -> None:
    request = HTTPRequest(
        f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}/lsm/v1/service_inventory/service",
        method="POST",
        headers={"Content-Type": "application/json", "X-Inmanta-tid": str(environment)},
        body=body,
    )

    response = await AsyncHTTPClient().fetch(request, raise_error=False)

    message: Any = json.loads(response.body)["message"]
    assert (response.code, reason in message) == (400, True), message
