"""Which environment is meant, where there are several."""

from http import HTTPStatus

from markupsafe import Markup
from starlette.responses import RedirectResponse

from inmanta_services.pages.access import Access
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.places import Places
from inmanta_services.pages.sessions import Session
from inmanta_services.pages.templates import render


async def show(access: Access, session: Session, ask: bool) -> RedirectResponse | None:
    """
    The page; it goes on by itself where there is one environment.

    :param access: the way to the orchestrator.
    :param session: who looks.
    :param ask: whether to show it also then.
    :return: the way on, None where the page is shown.
    """
    known = await access.environments(session)
    if len(known) == 1 and not ask:
        return RedirectResponse(Places(known[0].id).overview, status_code=HTTPStatus.SEE_OTHER)

    async def read() -> Markup:
        rows = [(one, Places(one.id).overview) for one in await access.environments(session)]
        return render("choice.html", rows=rows)

    with frame("Environments", places=None, login=bool(session.key)):
        await Live.show(session, read)
    return None
