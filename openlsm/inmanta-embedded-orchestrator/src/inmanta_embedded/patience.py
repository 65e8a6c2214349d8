"""
How long a test waits for what has to happen: limits that are far above what it takes, and one factor for all of them.

A limit only says when to give up. On a machine that is slower than the limits allow for, set ``INMANTA_TEST_PATIENCE`` to a
factor like 3: it applies to every wait of the tests, to the stock clients of pytest-inmanta-lsm, and to the time that
pytest-timeout gives a test.
"""

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable

from inmanta_embedded.errors import EmbeddedError

VARIABLE = "INMANTA_TEST_PATIENCE"
LIMIT = 180.0
"""Seconds for what normally takes some seconds at most, also on a machine that has five times the work it can do."""


def factor() -> float:
    """
    The factor that the environment asks for, 1 when it asks for none.

    :raises EmbeddedError: it is not a number above 0
    """
    text = os.environ.get(VARIABLE, "").strip() or "1"
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found > 0):
        raise EmbeddedError(f"{VARIABLE} is {text!r}: set it to a number above 0, like 3, or unset it.")
    return found


def patient(seconds: float = LIMIT) -> float:
    """
    A limit, multiplied by the factor.

    :param seconds: the limit on a machine that has its usual work
    """
    return seconds * factor()


def wait_until(
    condition: Callable[[], object], problem: str | Callable[[], str], *, limit: float = LIMIT, interval: float = 0.02
) -> None:
    """
    Wait until a condition holds.

    :param condition: tells whether it does
    :param problem: what is waited for or what is wrong, or a function that tells it when the time is over
    :param limit: seconds, before the factor
    :param interval: seconds between two looks
    :raises AssertionError: it did not hold in time
    """
    allowed = patient(limit)
    deadline = time.monotonic() + allowed
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(_complaint(problem, allowed))
        time.sleep(interval)


async def eventually(
    condition: Callable[[], Awaitable[object]],
    problem: str | Callable[[], str],
    *,
    limit: float = LIMIT,
    interval: float = 0.02,
) -> None:
    """
    As :func:`wait_until`, for a condition that has to be awaited.

    :param condition: tells whether it holds
    :param problem: what is waited for or what is wrong, or a function that tells it when the time is over
    :param limit: seconds, before the factor
    :param interval: seconds between two looks
    :raises AssertionError: it did not hold in time
    """
    allowed = patient(limit)
    bounds = asyncio.timeout(allowed)
    try:
        # A look that does not come back is also one that takes too long.
        async with bounds:
            while not await condition():
                await asyncio.sleep(interval)
    except TimeoutError:
        if not bounds.expired():
            raise
        raise AssertionError(_complaint(problem, allowed)) from None


def _complaint(problem: str | Callable[[], str], seconds: float) -> str:
    return f"Waited {seconds:g} s in vain: {problem if isinstance(problem, str) else problem()}"
