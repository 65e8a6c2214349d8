"""How somebody logs in and out: pages of plain HTML, before anything of an orchestrator is shown."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from inmanta_services.errors import RefusedError, ServicesError
from inmanta_services.pages.access import Access
from inmanta_services.pages.gate import cookie_in
from inmanta_services.pages.places import ASSETS, LOGIN, LOGOUT
from inmanta_services.pages.sessions import LIFETIME, Session
from inmanta_services.pages.templates import render

_LARGEST = 64 * 1024
_WRONG = "The orchestrator does not know this user with this password, or this token."


def routes(access: Access, cookie: str) -> list[Route]:
    """
    The pages.

    :param access: the way to the orchestrator.
    :param cookie: the name of the cookie that holds a session.
    """
    pages = _Pages(access, cookie)
    return [
        Route(LOGIN, pages.ask, methods=["GET"]),
        Route(LOGIN, pages.answer, methods=["POST"]),
        Route(LOGOUT, pages.leave, methods=["POST"]),
    ]


def local(address: str) -> str:
    """
    Where somebody wanted to go before he was asked to log in.

    :param address: as his browser says it; anything but a page of these is not gone to.
    """
    parts = urlsplit(address)
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if is_local and not address.startswith((LOGIN, LOGOUT)) else "/"


class _Pages:
    """The pages."""

    def __init__(self, access: Access, cookie: str) -> None:
        self._access = access
        self._cookie = cookie

    async def ask(self, request: Request) -> Response:
        """Ask who somebody is, unless a code that he brings says so."""
        wanted = local(request.query_params.get("next", "/"))
        code = request.query_params.get("code")
        if code is None:
            asks = await self._access.asks_for_tokens()
            if asks is None:
                return self._page(wanted, f"The orchestrator at {self._access.url} gives no answer. Is it running?", 502)
            return self._page(wanted) if asks else RedirectResponse(wanted, 303)
        try:
            session = self._access.log_in_by_code(code)
        except ServicesError as error:
            return self._page(wanted, str(error), 502)
        if session is None:
            # He may be logged in by that code already, and have used the link again.
            if self._access.sessions.find(cookie_in(request.headers.get("cookie", ""), self._cookie)) is not None:
                return RedirectResponse(wanted, 303)
            return self._page(wanted, "This link was used already, or is of an earlier start: log in another way.", 403)
        return self._enter(session, wanted)

    async def answer(self, request: Request) -> Response:
        """Let somebody in who says who he is."""
        body = await _body(request)
        wanted = local(body.get("next", "/"))
        try:
            if body.get("token"):
                session = await self._access.log_in_by(body["token"].strip())
            else:
                session = await self._access.log_in(body.get("user", ""), body.get("password", ""))
        except RefusedError:
            return self._page(wanted, _WRONG, 403)
        except ServicesError as error:
            return self._page(wanted, str(error), 502)
        return self._enter(session, wanted)

    async def leave(self, request: Request) -> Response:
        """Let somebody out."""
        session = self._access.sessions.find(cookie_in(request.headers.get("cookie", ""), self._cookie))
        if session is not None:
            self._access.sessions.close(session)
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(self._cookie)
        return response

    def _enter(self, session: Session, wanted: str) -> Response:
        response = RedirectResponse(wanted, 303)
        response.set_cookie(self._cookie, session.key, max_age=int(LIFETIME), httponly=True, samesite="lax")
        return response

    def _page(self, wanted: str, problem: str = "", status: int = 200) -> Response:
        content = render("login.html", url=self._access.url, problem=problem, next=wanted, assets=ASSETS)
        return HTMLResponse(content, status, {"cache-control": "no-store"})


async def _body(request: Request) -> Mapping[str, str]:
    """
    What a form sends.

    :param request: the request; what is too large to be of the form is taken for nothing.
    """
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _LARGEST:
            return {}
    return {name: values[-1] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}
