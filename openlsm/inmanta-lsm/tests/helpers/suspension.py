"""Processes that are suspended for a while, until what is to go on without them has gone on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from inmanta_embedded.patience import patient

from .crashing_server import CrashingServer

UNANSWERED = 0.5
"""Seconds for which a request is watched that must not be answered."""

_LOOKED_SINCE = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query_start > $1
)
"""


async def while_the_server_looks(server: CrashingServer, *processes: psutil.Process) -> None:
    """
    Suspend processes until the server has looked into its database without them.

    :param processes: none of which is the server's or the database's
    """
    with _suspended(*processes):
        moment = await server.database.fetchval("SELECT clock_timestamp()")
        await server.until(lambda: server.database.fetchval(_LOOKED_SINCE, moment))


async def while_nothing_is_answered(server: CrashingServer, *processes: psutil.Process) -> None:
    """
    Suspend processes that the server cannot answer without, while a request waits for them; it is answered afterwards.

    :param processes: those of the server, or of its database
    """
    with _suspended(*processes):
        request = asyncio.create_task(server.call("GET", "/lsm/v1/service_catalog"))
        answered, _ = await asyncio.wait({request}, timeout=UNANSWERED)
    assert not answered, f"it was answered without them: {request}"
    await asyncio.wait_for(request, patient())


@contextmanager
def _suspended(*processes: psutil.Process) -> Iterator[None]:
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()
