"""A real browser, for the tests of the pages."""

import importlib.resources
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from inmanta_embedded.patience import patient
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

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
AXE = importlib.resources.files("axe_playwright_python") / "axe.min.js"
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """
    Somebody who looks at pages.

    :ivar page: what he sees.
    :ivar requests: all urls that his browser asked for.
    :ivar errors: what went wrong in scripts, and what could not be loaded.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take note of requests and errors from now on."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        """Take note of an error that the browser tells developers, such as a file that is not there."""
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def elsewhere(self) -> list[str]:
        """The requests that would leave the machine."""
        return [url for url in self.requests if urlsplit(url).hostname not in (None, "127.0.0.1")]

    async def serious_findings(self, part: str | None = None) -> list[dict[str, Any]]:
        """
        What stands in the way of people who cannot see, or use no mouse, on the page that is shown.

        :param part: selects the part of the page to look at, all of it when None.
        """
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        violations: list[dict[str, Any]] = await self.page.evaluate(
            "async (part) => (await axe.run(part ?? document, {resultTypes: ['violations']})).violations", part
        )
        return [
            {"id": one["id"], "nodes": [node["html"][:200] for node in one["nodes"]], "help": one["help"]}
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]

    async def serious_findings_in_both_schemes(self, part: str | None = None) -> list[dict[str, Any]]:
        """
        What stands in his way, be it in the light scheme or in the dark one; he has the light one in the end.

        :param part: selects the part of the page to look at, all of it when None.
        """
        findings = []
        for dark in (True, False):
            await self.page.emulate_media(color_scheme="dark" if dark else "light")
            await expect(self.page.locator("body.body--dark")).to_have_count(int(dark))
            findings += await self.serious_findings(part)
        return findings

    async def is_as_wide_as_the_screen(self) -> bool:
        """Whether nothing of the page has to be scrolled to sidewards."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    async def fill(self, label: str, value: str, *, group: str | None = None) -> None:
        """
        Write into an input, as soon as it is there.

        :param label: of the input; it may go on with what is in brackets.
        :param value: to write.
        :param group: the group of inputs that it is in, such as ``Rules 2``; the whole page when None.
        """
        place = self.page if group is None else self.page.get_by_role("group", name=group, exact=True)
        await place.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$")).first.fill(value)

    async def sees(self, text: str) -> None:
        """
        Wait until a text is on the page.

        :param text: the text.
        """
        await expect(self.page.get_by_text(text, exact=True).first).to_be_visible()

    async def clicks(self, role: Any, name: str) -> None:
        """
        Click something, as soon as it is there.

        :param role: what it is.
        :param name: what it is called.
        """
        await self.page.get_by_role(role, name=name, exact=True).first.click()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser; without one on the machine, the test is skipped."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("There is no Chromium on this machine: install the package chromium to have the pages tried in a browser.")
    expect.set_options(timeout=patient() * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, headless=True, args=QUIET, timeout=patient() * 1000
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visitor(browser: Browser, url: str, *, size: ViewportSize = WIDE, dark: bool = False) -> AsyncIterator[Visitor]:
    """
    Have somebody look at a page.

    :param browser: his browser.
    :param url: of the page.
    :param size: of what he looks at.
    :param dark: whether he prefers dark schemes.
    """
    # What fades in has no contrast at first.
    context = await browser.new_context(viewport=size, color_scheme="dark" if dark else "light", reduced_motion="reduce")
    context.set_default_timeout(patient() * 1000)
    try:
        somebody = Visitor(await context.new_page())
        somebody.listen()
        await somebody.page.goto(url)
        yield somebody
    finally:
        await context.close()
