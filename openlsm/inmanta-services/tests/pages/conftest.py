"""The browser that the tests of the pages share; each has a context of its own in it, with cookies and storage."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from ..helpers.browser import chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser; without one on the machine, the tests are skipped."""
    async with chromium() as browser:
        yield browser
