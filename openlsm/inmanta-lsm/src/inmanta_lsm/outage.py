"""
What passes by itself: the database is away, its disk is full, two transactions were in each other's way.

Whatever ends with such an error was not wrong, and is done again later.
"""

import traceback

import asyncpg

_PASSING = ("08", "25006", "40", "53", "55P03", "57", "58")
"""How the error codes of PostgreSQL begin that tell of connections, resources, locks and intervention, not of a mistake."""


def is_outage(exception: BaseException) -> bool:
    """
    Whether something failed because of what passes by itself.

    :param exception: what was raised; what it was raised for is looked at, too
    """
    current: BaseException | None = exception
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if _is_of_database(current):
            return True
        current = current.__cause__ or current.__context__
    return False


def _is_of_database(exception: BaseException) -> bool:
    if isinstance(exception, asyncpg.PostgresError):
        return (exception.sqlstate or "").startswith(_PASSING)
    if isinstance(exception, asyncpg.InternalClientError):
        # The driver lost its way: a connection ended between two steps of a statement.
        return True
    if isinstance(exception, asyncpg.InterfaceError):
        # The same class tells of wrong arguments.
        return not isinstance(exception, ValueError) and "clos" in str(exception)
    return isinstance(exception, OSError) and _is_raised_by_driver(exception)


def _is_raised_by_driver(exception: BaseException) -> bool:
    """Whether an error of the network or a limit of time is one of a connection to the database."""
    frames = traceback.walk_tb(exception.__traceback__)
    return any(frame.f_globals.get("__name__", "").partition(".")[0] == asyncpg.__name__ for frame, _ in frames)
