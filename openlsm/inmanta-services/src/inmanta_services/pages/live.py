"""Parts of a page that follow the orchestrator, without the page being loaded again."""

import logging
from collections.abc import Awaitable, Callable

from markupsafe import Markup
from nicegui import ui

from inmanta_services.errors import RefusedError, ServicesError
from inmanta_services.pages.places import LOGIN
from inmanta_services.pages.sessions import Session

LOGGER = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks at the orchestrator, for each page that is shown somewhere."""

_UNAUTHENTICATED = 401


class Live:
    """A part of a page that is read again and again, and drawn when something about it changed."""

    def __init__(self, session: Session, read: Callable[[], Awaitable[Markup]], *, tag: str = "div", classes: str = "") -> None:
        """
        :param session: who looks at it.
        :param read: gives what to show, as HTML.
        :param classes: of the element.
        """
        self._session = session
        self._read = read
        self._problem = ui.html("", sanitize=False).classes("problem").props('role="status"')
        self._problem.set_visibility(False)
        # What is shown was escaped where it was put together.
        self._element = ui.html("", sanitize=False, tag=tag).classes(f"live {classes}")
        self._shown: Markup | None = None

    @classmethod
    async def show(
        cls, session: Session, read: Callable[[], Awaitable[Markup]], *, tag: str = "div", classes: str = ""
    ) -> "Live":
        """
        Put such a part on a page.

        :param session: who looks at it.
        :param read: gives what to show, as HTML.
        :param classes: of the element.
        """
        live = cls(session, read, tag=tag, classes=classes)
        await live.look()
        ui.timer(INTERVAL, live.look, immediate=False)
        return live

    async def look(self) -> None:
        """Read and show it now."""
        if self._session.closed:
            ui.navigate.to(LOGIN)
            return
        try:
            content = await self._read()
        except RefusedError as error:
            if error.code == _UNAUTHENTICATED:
                ui.navigate.to(LOGIN)
                return
            self._tell(str(error))
        except ServicesError as error:
            self._tell(str(error))
        else:
            self._tell("")
            if content != self._shown:
                self._shown = content
                self._element.set_content(content)

    def _tell(self, problem: str) -> None:
        """
        Say what stands in the way of reading it.

        :param problem: empty for nothing.
        """
        self._problem.set_content(Markup.escape(problem))
        self._problem.set_visibility(bool(problem))
