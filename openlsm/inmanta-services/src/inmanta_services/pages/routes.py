"""Which address leads to which page."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qs

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from inmanta_services.errors import NotFoundError, RefusedError, ServicesError
from inmanta_services.pages.access import Access
from inmanta_services.pages.frame import frame
from inmanta_services.pages.gate import SESSION
from inmanta_services.pages.places import LOGIN, Places
from inmanta_services.pages.sessions import Session
from inmanta_services.pages.templates import render
from inmanta_services.pages.views import (
    choice,
    compiles,
    create,
    instance,
    inventory,
    order,
    orders,
    overview,
    service,
    update,
)
from inmanta_services.pages.visit import Visit

_PATIENCE = 60.0
"""Seconds that an orchestrator gets for its first answer."""

_UNAUTHENTICATED = 401


def register(access: Access) -> None:
    """
    Make the pages known to NiceGUI.

    :param access: the way to the orchestrator.
    """
    site = _Site(access)

    def page(path: str) -> ui.page:
        return ui.page(path, response_timeout=_PATIENCE)

    @page("/")
    async def _(request: Request) -> Response | None:
        return await site.outside(request)

    within = "/environment/{environment}"

    @page(within)
    async def _(request: Request, environment: uuid.UUID) -> Response | None:
        return await site.within(request, environment, overview.show)

    @page(f"{within}/orders")
    async def _(request: Request, environment: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: orders.show(visit, _query(request)))

    @page(f"{within}/orders/{{order_id}}")
    async def _(request: Request, environment: uuid.UUID, order_id: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: order.show(visit, order_id))

    @page(f"{within}/compiles")
    async def _(request: Request, environment: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: compiles.show(visit, _query(request)))

    @page(f"{within}/compiles/{{compile_id}}")
    async def _(request: Request, environment: uuid.UUID, compile_id: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: compiles.show_one(visit, compile_id))

    @page(f"{within}/services/{{name}}")
    async def _(request: Request, environment: uuid.UUID, name: str) -> Response | None:
        return await site.within(request, environment, lambda visit: service.show(visit, name))

    @page(f"{within}/services/{{name}}/create")
    async def _(request: Request, environment: uuid.UUID, name: str) -> Response | None:
        return await site.within(request, environment, lambda visit: create.show(visit, name))

    @page(f"{within}/services/{{name}}/instances")
    async def _(request: Request, environment: uuid.UUID, name: str) -> Response | None:
        return await site.within(request, environment, lambda visit: inventory.show(visit, name, _query(request)))

    @page(f"{within}/services/{{name}}/instances/{{instance_id}}")
    async def _(request: Request, environment: uuid.UUID, name: str, instance_id: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: instance.show(visit, name, instance_id))

    @page(f"{within}/services/{{name}}/instances/{{instance_id}}/update")
    async def _(request: Request, environment: uuid.UUID, name: str, instance_id: uuid.UUID) -> Response | None:
        return await site.within(request, environment, lambda visit: update.show(visit, name, instance_id))


def _query(request: Request) -> Mapping[str, Sequence[str]]:
    return parse_qs(request.url.query)


class _Site:
    """Shows pages to those who may see them."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def outside(self, request: Request) -> Response | None:
        """
        Go to the only environment, or show which ones there are.

        :param request: for the page.
        """
        session: Session = request.scope["state"][SESSION]

        return await self._guarded(session, None, lambda: choice.show(self._access, session, "choose" in request.query_params))

    async def within(
        self, request: Request, environment: uuid.UUID, show: Callable[[Visit], Awaitable[None]]
    ) -> Response | None:
        """
        Show a page of an environment.

        :param request: for the page.
        :param environment: its id.
        :param show: shows the page.
        """
        session: Session = request.scope["state"][SESSION]
        places = Places(environment)

        async def show_it() -> None:
            known = await self._access.environments(session)
            name = next((one.name for one in known if one.id == environment), None)
            if name is None:
                raise ServicesError("There is no such environment.")
            await show(Visit(session, self._access.client(session, environment), name, places))

        return await self._guarded(session, places, show_it)

    async def _guarded(
        self, session: Session, places: Places | None, show: Callable[[], Awaitable[Response | None]]
    ) -> Response | None:
        """
        Show a page, or what stands in the way.

        :param session: who wants to see it.
        :param places: the pages of the environment.
        :param show: shows the page, or gives the way to another one.
        :return: the way to another page; by a browser that got this one first, it would lead away from where it went meanwhile.
        """
        try:
            return await show()
        except RefusedError as error:
            if error.code == _UNAUTHENTICATED:
                self._access.ask_again()
                return RedirectResponse(LOGIN, status_code=HTTPStatus.SEE_OTHER)
            _explain(error, session, places)
        except ServicesError as error:
            _explain(error, session, places)
        return None


def _explain(error: ServicesError, session: Session, places: Places | None) -> None:
    """
    Say what stands in the way of a page.

    :param error: what does.
    """
    title = "Not found" if isinstance(error, NotFoundError) else "This page cannot be shown"
    with frame(title, places=places, login=bool(session.key)):
        ui.html(render("problem.html", title=title, reason=str(error)), sanitize=False)
