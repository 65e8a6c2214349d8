"""
Which requests a server looks at: those that were meant for it, and that no page of somebody else sent.

A browser sends the requests of any page to any address, this machine included. They can be told by their headers: the host that
the page believes to speak to, its origin, and a type of content that a form can have. A server for one machine refuses them; on
another one the option says which names it has, and nothing is refused without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, override
from urllib.parse import urlsplit

from inmanta.config import Option, is_list
from inmanta.server.config import server_access_control_allow_origin
from tornado import routing, web
from tornado.httputil import HTTPServerRequest

ALLOWED_HOSTS = Option(
    "lsm.server",
    "allowed-hosts",
    [],
    "The names that this server has, separated by commas. Requests for another host, those of web pages from elsewhere, and"
    " those with a body that is not declared to be JSON are refused. Without it, nothing is refused for these reasons.",
    is_list,
)

JSON = "application/json"
UNDECLARED = "application/x-www-form-urlencoded"
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
# What people open from links: a console and the documentation.
PAGES = ("/console", "/lsm/v1/service_catalog_docs", "/api/v2/docs")


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why a request is refused.

    :param status: the code of the answer
    :param message: what is wrong, and what to do
    """

    status: HTTPStatus
    message: str


def refusal(request: HTTPServerRequest, hosts: Sequence[str], origins: Sequence[str]) -> Refusal | None:
    """
    Decide whether a request is refused.

    :param request: the request
    :param hosts: the names of the server
    :param origins: the origins, besides its own, whose pages may use it
    :return: why it is refused, None if it is not
    """
    host = request.headers.get("Host", "")
    if host_name(host) not in hosts:
        return Refusal(
            HTTPStatus.MISDIRECTED_REQUEST,
            f"This server has no host name {host[:80]!r}: use one of {', '.join(hosts)}, or add it to the option allowed-hosts"
            " of the section lsm.server.",
        )
    origin = request.headers.get("Origin")
    if origin is not None and origin not in origins and urlsplit(origin).netloc.lower() != host.lower():
        return Refusal(HTTPStatus.FORBIDDEN, f"Pages of {origin[:80]!r} may not use this server.")
    if origin is None and _is_of_another_page(request):
        return Refusal(HTTPStatus.FORBIDDEN, "Pages of another site may not use this server.")
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if request.method not in WITHOUT_BODY and _has_body(request) and not _may_be_json(request, declared):
        return Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body has to be JSON and be declared so, not as {declared[:80]!r}: send the header Content-Type: {JSON}.",
        )
    return None


def host_name(host: str) -> str:
    """
    The name in a Host header, without the port.

    :param host: the header
    :return: the name in lower case; nothing for a header that is none
    """
    try:
        parts = urlsplit(f"//{host}")
        return "" if parts.username is not None or parts.path else (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _may_be_json(request: HTTPServerRequest, declared: str) -> bool:
    # The clients of inmanta itself declare what their library does by default. A page that does tells its origin.
    by_browser = any(name in request.headers for name in ("Origin", "Referer", "Sec-Fetch-Site"))
    return declared in ("", JSON) or (declared == UNDECLARED and not by_browser)


def _has_body(request: HTTPServerRequest) -> bool:
    # It has not arrived yet when this is asked.
    return "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", "0") != "0"


def _is_of_another_page(request: HTTPServerRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site", "none") not in ("cross-site", "same-site"):
        return False
    followed_link = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
    return not (followed_link and request.path.startswith(PAGES))


class _Refused(routing.Matcher):
    """Matches the requests that are refused."""

    @override
    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        hosts = ALLOWED_HOSTS.get()
        if not hosts:
            return None
        origin = server_access_control_allow_origin.get()
        found = refusal(request, [host.lower() for host in hosts], [] if origin is None else [origin])
        return None if found is None else {"target_kwargs": {"reason": found}}


class _RefusalHandler(web.RequestHandler):
    """Refuses a request."""

    @override
    def initialize(self, reason: Refusal) -> None:
        self._refusal = reason

    @override
    def prepare(self) -> None:
        self.set_status(self._refusal.status)
        self.finish({"message": self._refusal.message})


def rule() -> routing.Rule:
    """Make the rule by which a server refuses requests, which has to be its first one."""
    return routing.Rule(_Refused(), _RefusalHandler)
