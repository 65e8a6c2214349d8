"""Forgets what happened to service instances that were deleted long ago, in the environments whose setting says so."""

import datetime
import logging
import time

from inmanta.data import Environment

from inmanta_lsm.data.retention import remove_histories
from inmanta_lsm.environment_settings import DELETED_INSTANCE_RETENTION

LOGGER = logging.getLogger(__name__)

_INTERVAL = 3600.0
"""Seconds between two clean-ups: the setting counts in days."""

_BATCH = 100
"""How many instances are cleaned up in one transaction, so that nobody waits for it."""


class Retention:
    """The duty to clean up, now and then."""

    def __init__(self) -> None:
        self._due = time.monotonic()

    async def reconcile(self) -> None:
        """Clean up when an interval has passed; what fails is tried again the next time."""
        if time.monotonic() < self._due:
            return
        await clean_up(datetime.datetime.now(datetime.UTC))
        self._due = time.monotonic() + _INTERVAL


async def clean_up(now: datetime.datetime) -> None:
    """
    Clean up in all environments.

    :param now: the moment from which the days are counted
    """
    for environment in await Environment.get_list():
        days = await environment.get(DELETED_INSTANCE_RETENTION)
        if not isinstance(days, int) or days == 0:
            continue
        cleaned, last = 0, _BATCH
        while last == _BATCH:
            async with Environment.get_connection() as connection, connection.transaction():
                last = await remove_histories(connection, environment.id, now - datetime.timedelta(days=days), _BATCH)
            cleaned += last
        if cleaned:
            LOGGER.info(
                "Removed the events and the log of %d service instances of environment %s, deleted more than %d days ago",
                cleaned,
                environment.id,
                days,
            )
