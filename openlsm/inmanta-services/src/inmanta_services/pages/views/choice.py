"""Which environment is meant, where there are several."""

from markupsafe import Markup
from nicegui import ui

from inmanta_services.pages.access import Access
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.places import Places
from inmanta_services.pages.sessions import Session
from inmanta_services.pages.templates import render


async def show(access: Access, session: Session, ask: bool) -> None:
    """
    The page; it goes on by itself where there is one environment.

    :param access: the way to the orchestrator.
    :param session: who looks.
    :param ask: whether to show it also then.
    """
    known = await access.environments(session)
    if len(known) == 1 and not ask:
        ui.navigate.to(Places(known[0].id).overview)
        return

    async def read() -> Markup:
        rows = [(one, Places(one.id).overview) for one in await access.environments(session)]
        return render("choice.html", rows=rows)

    with frame("Environments", places=None, login=bool(session.key)):
        await Live.show(session, read)
