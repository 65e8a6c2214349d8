"""
What every request passes before anything else sees it: whose page it comes from, and who it comes from.

A page of somebody else must not reach these pages through the browser of a user, neither by its own name for this machine nor
from its own origin. And where the orchestrator asks for tokens, nothing is shown to a browser that did not log in.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote, urlsplit

from inmanta_services.pages.places import ASSETS, LOGIN
from inmanta_services.pages.sessions import Session

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SESSION = "inmanta_services_session"
"""Where a request has its session."""

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""A browser asks no other machine for anything, whatever a page says."""

_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class Gate:
    """
    Lets requests pass, or not.

    :ivar app: what is behind it.
    """

    def __init__(
        self,
        app: Application,
        *,
        names: Collection[str] | None,
        session_of: Callable[[str | None], Awaitable[Session | None]],
        cookie: str,
    ) -> None:
        """
        :param app: what is behind it.
        :param names: by which this machine may be called, None for any.
        :param session_of: gives the session for what the cookie of a browser holds; None when it has to log in.
        :param cookie: the name of that cookie.
        """
        self.app = app
        self._names = names
        self._session_of = session_of
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not is_allowed(host, self._names) or not is_own(headers.get("origin"), host):
            await _refuse(scope, send, 403, "This page is not to be reached from there.")
            return
        path = scope["path"]
        if path != LOGIN and not path.startswith(f"{ASSETS}/"):
            session = await self._session_of(cookie_in(headers.get("cookie", ""), self._cookie))
            if session is None:
                await _send_to_login(scope, send)
                return
            scope.setdefault("state", {})[SESSION] = session
        await self.app(scope, receive, _with_headers(send))


def is_allowed(host: str, names: Collection[str] | None) -> bool:
    """
    Whether a request calls this machine by one of its names.

    :param host: the host that the request names, with or without a port.
    :param names: of this machine, None for any.
    """
    if names is None:
        return True
    name = urlsplit(f"//{host}").hostname or ""
    if name in names or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_own(origin: str | None, host: str) -> bool:
    """
    Whether a request comes from one of these pages, as far as the browser says where it comes from.

    :param origin: of the page that makes the request, None when the browser does not say.
    :param host: the host that the request names.
    """
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def cookie_in(header: str, name: str) -> str | None:
    """
    The value of a cookie.

    :param header: what a browser sends.
    :param name: of the cookie.
    """
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


async def _send_to_login(scope: Scope, send: Send) -> None:
    """Ask somebody to log in."""
    if scope["type"] == "websocket" or scope["method"] != "GET" or scope["path"].startswith("/_nicegui"):
        await _refuse(scope, send, 401, "Log in first.")
        return
    query = scope["query_string"].decode("latin-1")
    wanted = quote(f"{scope['path']}?{query}" if query else scope["path"], safe="/")
    location = f"{LOGIN}?next={wanted}".encode()
    await send({"type": "http.response.start", "status": 303, "headers": [(b"location", location), *_HEADERS]})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, send: Send, status: int, reason: str) -> None:
    """Refuse a request."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


def _with_headers(send: Send) -> Send:
    """Add the headers that every answer has."""

    async def answer(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return answer
