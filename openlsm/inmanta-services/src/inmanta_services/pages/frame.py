"""What all pages have around them: the head with the way to the other pages, and the way back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from inmanta_services.pages.places import ASSETS, Places
from inmanta_services.pages.templates import render

type Trail = Sequence[tuple[str, str | None]]
"""The pages above a page and itself: title and address of each, None for the page itself."""


@contextmanager
def frame(
    title: str, *, places: Places | None, trail: Trail = (), environment: str = "", login: bool = False
) -> Iterator[None]:
    """
    Put the content of a page into its frame.

    :param title: of the page.
    :param places: the pages of the environment, None before one is chosen.
    :param trail: the way to the page.
    :param environment: the name of the environment.
    :param login: whether somebody logged in, and can log out.
    """
    ui.page_title(f"{title} · Services")
    ui.add_head_html(f'<link rel="stylesheet" href="{ASSETS}/pages.css"><script src="{ASSETS}/pages.js" defer></script>')
    ui.query(".nicegui-content").classes("page-content")
    ui.html(
        render("head.html", places=places, environment=environment, login=login, title=title), sanitize=False, tag="header"
    ).classes("head")
    # What NiceGUI puts around all of it is the main landmark.
    with ui.element("div").classes("page").props('id="content" tabindex="-1"'):
        if trail:
            ui.html(render("trail.html", trail=trail), sanitize=False)
        yield
