"""Where a server knows its names, requests that were not meant for it or that a foreign page sent are refused."""

import uuid
from collections.abc import Mapping

import pytest
from inmanta.config import Config
from inmanta_lsm.protocol.request_guard import ALLOWED_HOSTS, refusal
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from ..helpers.http_request import request

HOSTS = ["127.0.0.1", "localhost"]
JSON = {"Content-Type": "application/json"}
# What the clients of inmanta itself send.
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "2"}
OWN = {"Host": "127.0.0.1:8888"}

ACCEPTED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/v2/health", OWN),
    ("GET", "/", {"Host": "localhost:8888"}),
    ("GET", "/", {"Host": "LOCALHOST"}),
    ("GET", "/", OWN | {"Origin": "http://127.0.0.1:8888"}),
    ("GET", "/", OWN | {"Origin": "https://console.example"}),
    ("POST", "/a", OWN | JSON | {"Content-Length": "2", "Origin": "http://127.0.0.1:8888"}),
    ("POST", "/a", OWN | {"Content-Type": "Application/JSON; charset=utf-8", "Content-Length": "2"}),
    ("POST", "/a", OWN | {"Content-Length": "0"}),
    ("POST", "/a", OWN),
    ("DELETE", "/a", OWN),
    ("POST", "/a", OWN | FORM),
    ("PATCH", "/a", OWN | {"Content-Length": "2"}),
    ("GET", "/a", OWN | {"Content-Type": "text/plain"}),
    ("GET", "/console/lsm", OWN | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    ("GET", "/a", OWN | {"Sec-Fetch-Site": "same-origin"}),
    ("GET", "/a", OWN | {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}),
]

REFUSED: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "/", {}, 421),
    ("GET", "/", {"Host": ""}, 421),
    ("GET", "/", {"Host": "evil.example"}, 421),
    ("GET", "/", {"Host": "evil.example:8888"}, 421),
    ("GET", "/", {"Host": "127.0.0.1.evil.example"}, 421),
    ("GET", "/", {"Host": "[::1"}, 421),
    ("GET", "/", {"Host": "192.0.2.1"}, 421),
    ("GET", "/", OWN | {"Origin": "https://evil.example"}, 403),
    ("GET", "/", OWN | {"Origin": "null"}, 403),
    ("GET", "/", OWN | {"Origin": "http://localhost:3000"}, 403),
    ("POST", "/a", OWN | JSON | {"Origin": "http://127.0.0.1:9999"}, 403),
    ("OPTIONS", "/a", OWN | {"Origin": "https://evil.example"}, 403),
    ("GET", "/api/v1/notify/x", OWN | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ("GET", "/api/v1/notify/x", OWN | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ("GET", "/api/v1/notify/x", OWN | {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ("POST", "/console", OWN | JSON | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ("POST", "/a", OWN | {"Content-Type": "text/plain", "Content-Length": "2"}, 415),
    ("POST", "/a", OWN | FORM | {"Sec-Fetch-Site": "same-origin"}, 415),
    ("POST", "/a", OWN | FORM | {"Origin": "http://127.0.0.1:8888"}, 415),
    ("POST", "/a", OWN | FORM | {"Referer": "http://127.0.0.1:8888/"}, 415),
    ("PUT", "/a", OWN | {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "2"}, 415),
    ("DELETE", "/a", OWN | {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"}, 415),
    ("POST", "/a", OWN | {"Content-Type": "text/plain; application/json", "Content-Length": "2"}, 415),
]


def incoming(method: str, path: str, headers: Mapping[str, str]) -> HTTPServerRequest:
    """A request as a server sees it before the body has arrived."""
    return HTTPServerRequest(headers=HTTPHeaders(headers), start_line=RequestStartLine(method, path, "HTTP/1.0"))


@pytest.mark.parametrize(("method", "path", "headers"), ACCEPTED)
def test_what_was_meant_for_the_server_is_accepted(method: str, path: str, headers: dict[str, str]) -> None:
    assert refusal(incoming(method, path, headers), HOSTS, ["https://console.example"]) is None


@pytest.mark.parametrize(("method", "path", "headers", "status"), REFUSED)
def test_anything_else_is_refused(method: str, path: str, headers: dict[str, str], status: int) -> None:
    found = refusal(incoming(method, path, headers), HOSTS, ["https://console.example"])

    assert found is not None
    assert found.status == status
    assert found.message.endswith(".")


async def answer(path: str, *, body: str | None = None, **headers: str) -> tuple[int, bytes]:
    """Send a request with certain headers to the server of the tests."""
    port = Config.get("client_rest_transport", "port")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await AsyncHTTPClient().fetch(
        HTTPRequest(f"http://127.0.0.1:{port}{path}", method="GET" if body is None else "POST", headers=sent, body=body),
        raise_error=False,
    )
    return response.code, response.body


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("path", ["/api/v2/health", "/lsm/v1/service_catalog", "/lsm/swagger-ui/swagger-ui.css", "/none"])
async def test_a_server_that_knows_its_names_refuses_before_anything_else(
    environment: uuid.UUID, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(ALLOWED_HOSTS, "get", lambda: HOSTS)

    assert (await answer(path, Host="evil.example"))[0] == 421
    assert (await answer(path, Origin="https://evil.example"))[0] == 403
    code, body = await answer(path, body="{}", Content_Type="text/plain", X_Inmanta_tid=str(environment))
    assert code == 415
    assert b"send the header Content-Type: application/json" in body
    assert (await request(path, environment=environment))[0] in (200, 404)


@pytest.mark.asyncio(loop_scope="session")
async def test_another_server_refuses_nothing_for_these_reasons(environment: uuid.UUID) -> None:
    assert ALLOWED_HOSTS.get() == []
    for headers in ({"Host": "any.example"}, {"Origin": "https://any.example"}):
        code, _ = await answer("/lsm/v1/service_catalog", X_Inmanta_tid=str(environment), **headers)
        assert code == 200
