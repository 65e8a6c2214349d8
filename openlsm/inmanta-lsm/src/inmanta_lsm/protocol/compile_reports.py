"""
The reports of compiles that an outage of the database ended.

Core writes the report of a compile while its process runs, and ends the compile when it cannot. When the database is back in
time, that leaves a stage that failed with the words of a driver, as if the compiler had said them. Here the outage is named.
"""

import functools
import sys

from inmanta.server.services.compilerservice import CompileRun

from inmanta_lsm.const import DATABASE_UNAVAILABLE
from inmanta_lsm.outage import is_outage


def tell_outages() -> None:
    """Have the reports of all compiles from now on say when an outage ended them. To do so again changes nothing."""
    if hasattr(CompileRun._error, "__wrapped__"):
        return
    report = CompileRun._error

    @functools.wraps(report)
    async def error(self: CompileRun, message: str) -> None:
        # What core is handling while it calls this: only its text would be left.
        cause = sys.exception()
        if cause is not None and is_outage(cause):
            message = f"{message.rstrip()}\n{DATABASE_UNAVAILABLE}"
        await report(self, message)

    setattr(CompileRun, "_error", error)  # noqa: B010 it is a method
