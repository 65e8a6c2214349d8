"""What is said when something goes wrong."""

import asyncio

import pytest

from demo.errors import DemoError, bounded


def test_what_takes_too_long_is_named() -> None:
    async def wait() -> None:
        async with bounded("The export of the catalog", 0.01):
            await asyncio.Event().wait()

    with pytest.raises(DemoError, match=r"The export of the catalog took longer than 0\.01 s"):
        asyncio.run(wait())
