"""The time, as the order of what happened needs it."""

import datetime

_STEP = datetime.timedelta(microseconds=1)


class Clock:
    """Gives the time of day, never the same time twice and never an earlier one: the order of events is told by their time."""

    def __init__(self) -> None:
        self._last = datetime.datetime.fromtimestamp(0, datetime.UTC)

    def tick(self) -> datetime.datetime:
        """Give the time now, in microseconds and in UTC."""
        self._last = max(datetime.datetime.now(datetime.UTC), self._last + _STEP)
        return self._last
