"""Requests while the database is away: the caller is told to come back, instead of an internal error."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from inmanta.protocol import common
from inmanta.protocol.exceptions import BaseHttpException
from inmanta.protocol.rest import server as rest_server
from inmanta.server.protocol import Server

from inmanta_lsm.const import DATABASE_UNAVAILABLE
from inmanta_lsm.outage import is_outage

LOGGER = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds after which it makes sense to try again."""

type Execute = Callable[..., Awaitable[common.Response]]


def guard(server: Server) -> None:
    """Answer every request of a server that fails for the lack of its database with 503, from now on."""
    transport: Any = server._transport
    module: Any = rest_server
    if hasattr(transport, "_execute_call"):
        transport._execute_call = unavailable_without_database(transport._execute_call)
    elif not hasattr(module.execute_call, "__wrapped__"):
        # In newer releases of inmanta-core it is a function, which all servers of a process share.
        module.execute_call = unavailable_without_database(module.execute_call)


def unavailable_without_database(execute: Execute) -> Execute:
    """
    Tell an outage of the database from an error of the server.

    :param execute: executes the call of a request
    """

    @functools.wraps(execute)
    async def execute_or_tell(*arguments: Any, **named: Any) -> common.Response:
        try:
            return await execute(*arguments, **named)
        except Exception as exception:
            if (isinstance(exception, BaseHttpException) and exception.status_code < 500) or not is_outage(exception):
                raise
            LOGGER.warning("A request cannot be answered without the database: %s", exception)
            return common.Response(
                status_code=503,
                headers={"Retry-After": str(RETRY_AFTER)},
                body={"message": f"{DATABASE_UNAVAILABLE}: nothing was changed by this request, try again later"},
            )

    return execute_or_tell
