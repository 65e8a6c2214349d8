"""What goes wrong in the demo, told to the person who started it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class DemoError(Exception):
    """The demo cannot go on; the message says why, in as many lines as it takes."""


@contextlib.asynccontextmanager
async def bounded(what: str, seconds: float) -> AsyncIterator[None]:
    """
    Give something a limited time.

    :param what: what has to happen, for the message
    :param seconds: the time that it gets
    :raises DemoError: when it takes longer
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise DemoError(f"{what} took longer than {seconds:g} s; --timeout gives it more.") from error
