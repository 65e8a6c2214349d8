"""Literal HTTP requests, for tests of what clients other than the python client send."""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from inmanta.config import Config
from inmanta.protocol.common import Result
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

type Get = Callable[[str], Awaitable[tuple[int, Any]]]
"""Sends a GET request for a path and query; gives the code and the body of the answer."""


async def answer(call: Awaitable[Result[Any]]) -> Any:
    """
    Await a call of the python client that succeeds.

    :param call: the call
    :return: the body of the answer
    """
    result = await call
    assert result.code == 200, result.result
    return result.result


async def request(
    path: str,
    *,
    method: str = "GET",
    environment: uuid.UUID | None = None,
    headers: Mapping[str, str] | None = None,
    body: object = None,
) -> tuple[int, Any]:
    """
    Send a request to the server of the tests.

    :param path: the path and query, as they go over the wire
    :param method: the method of HTTP
    :param environment: the environment named in the header, none if it is left out
    :param headers: other headers
    :param body: what is sent as JSON, nothing if it is left out
    :return: the code and the body of the answer, parsed if it is JSON
    """
    environment_header = {} if environment is None else {"X-Inmanta-tid": str(environment)}
    port = Config.get("client_rest_transport", "port")
    response = await AsyncHTTPClient().fetch(
        HTTPRequest(
            f"http://127.0.0.1:{port}{path}",
            method=method,
            headers={"Content-Type": "application/json"} | environment_header | dict(headers or {}),
            body=None if body is None else json.dumps(body),
            allow_nonstandard_methods=True,
        ),
        raise_error=False,
    )
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return response.code, json.loads(response.body) if is_json and response.body else response.body.decode()
