"""Does later what failed once: asks those who have duties, at regular intervals, to make good what they still owe."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from inmanta.config import Option, is_float

from inmanta_lsm.outage import is_outage

LOGGER = logging.getLogger(__name__)

INTERVAL = Option(
    "lsm", "reconcile-interval", 5.0, "How many seconds pass until what failed, and was not wrong, is tried again.", is_float
)

type Duty = Callable[[], Awaitable[None]]
"""Does what is still owed: what it cannot do now, it does when it is called again. Owing nothing costs next to nothing."""


class Reconciler:
    """
    Calls duties. Each remembers, or finds out, what it owes.

    :param failing: the names of the duties that could not be done the last time
    """

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self._duties: dict[str, Duty] = {}

    def add(self, name: str, duty: Duty) -> None:
        """
        Have a duty done from now on.

        :param name: what it is about, for people
        """
        self._duties[name] = duty

    async def run(self) -> None:
        """Have the duties done until the server stops."""
        while True:
            await self.reconcile()
            await asyncio.sleep(INTERVAL.get())

    async def reconcile(self) -> None:
        """Have each duty done once."""
        for name, duty in self._duties.items():
            try:
                await duty()
            except Exception as exception:
                self.failing.add(name)
                log_failure(LOGGER, f"Not done yet, and tried again: {name}", exception)
            else:
                self.failing.discard(name)


def log_failure(logger: logging.Logger, what: str, exception: Exception) -> None:
    """Log what failed: an outage is told in one line, as it makes many things fail, everything else with its trace."""
    if is_outage(exception):
        logger.warning("%s: %s: %s", what, type(exception).__name__, exception)
    else:
        logger.error(what, exc_info=exception)
