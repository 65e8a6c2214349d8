"""A real browser, for tests of pages."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from inmanta_embedded import ports
from inmanta_embedded.patience import patient
from playwright.async_api import Browser, Page, Request, async_playwright

# Nothing that the browser does by itself may be mistaken for something that a page does.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """
    What a browser did to show a page.

    :param page: the page
    :param requests: all urls that it asked for
    :param errors: what went wrong in its scripts
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> list[str]:
        """The requests that would leave the machine."""
        return [url for url in self.requests if urlsplit(url).hostname not in (None, ports.LOOPBACK)]

    def listen(self) -> None:
        """Take note of requests and errors from now on."""

        def requested(request: Request) -> None:
            self.requests.append(request.url)

        self.page.on("request", requested)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser; without one on the machine, the test is skipped."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("There is no Chromium on this machine: install the package chromium to have the pages tried in a browser.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, headless=True, args=QUIET, timeout=patient() * 1000
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visit(browser: Browser, url: str) -> AsyncIterator[Visit]:
    """
    Show a page, and wait until it is loaded.

    :param browser: the browser
    :param url: of the page
    """
    context = await browser.new_context()
    context.set_default_timeout(patient() * 1000)
    try:
        visit = Visit(await context.new_page())
        visit.listen()
        await visit.page.goto(url)
        yield visit
    finally:
        await context.close()
