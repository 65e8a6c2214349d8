"""The faults of a soak: what happens to an orchestrator while it works."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Iterable

import asyncpg
import psutil
from inmanta_embedded import EmbeddedError, Orchestrator
from inmanta_embedded.processes import descendants
from inmanta_embedded.status import Phase

type Fault = Callable[[Orchestrator, random.Random], Awaitable[None]]

_COMPILES = ("export", "inmanta_warm_compiler")
"""What is in the command of a process that compiles: one for a single compile, or a warm one and its forks."""

_SCHEDULES = ("scheduler",)
"""What is in the command of a process that decides what is deployed."""

_DEPLOYS = ("inmanta: executor process", "inmanta: multiprocessing fork server")
"""What is in the command of a process that deploys, or starts those that do."""

LONGEST_STOP = 2.0
"""Seconds for which a process is suspended at most."""


def _processes(orchestrator: Orchestrator, marks: Iterable[str]) -> list[psutil.Process]:
    """Find what the server has started, by what is in its command."""
    found = []
    for process in descendants(orchestrator.status().server_pid or 0):
        try:
            if any(mark in argument for mark in marks for argument in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def kill_a_compile(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End the processes of the compile that runs, if one does."""
    for process in _processes(orchestrator, _COMPILES):
        process.kill()


async def kill_the_scheduler(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End the process that decides what is deployed, and with it those that deploy."""
    for process in _processes(orchestrator, _SCHEDULES):
        process.kill()


async def kill_what_deploys(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End a process that deploys, or the one that starts them."""
    if found := _processes(orchestrator, _DEPLOYS):
        chance.choice(found).kill()


async def kill_a_backend(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End a process of PostgreSQL as the kernel does when memory is short: it then ends all others and recovers."""
    if found := descendants(orchestrator.status().postgres_pid or 0):
        chance.choice(found).kill()


async def kill_postgresql(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End PostgreSQL, without which the orchestrator ends, too, and start both again."""
    if pid := orchestrator.status().postgres_pid:
        psutil.Process(pid).kill()
        await asyncio.to_thread(orchestrator.stop)
        await asyncio.to_thread(orchestrator.start)


async def suspend_a_process(orchestrator: Orchestrator, chance: random.Random) -> None:
    """Stop some process for a while: the server, one that it started, or one of PostgreSQL."""
    status = orchestrator.status()
    candidates = [process for pid in (status.server_pid, status.postgres_pid) if pid for process in descendants(pid)]
    if status.server_pid and psutil.pid_exists(status.server_pid):
        candidates.append(psutil.Process(status.server_pid))
    if not candidates:
        return
    process = chance.choice(candidates)
    try:
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(0.1, LONGEST_STOP))
        process.send_signal(signal.SIGCONT)
    except psutil.NoSuchProcess:
        return


async def cut_a_connection(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End one connection to the database."""
    connection = await asyncpg.connect(orchestrator.database.dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() ORDER BY random() LIMIT 1"
        )
    finally:
        await connection.close()


async def cut_all_connections(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End all connections to the database."""
    connection = await asyncpg.connect(orchestrator.database.dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    finally:
        await connection.close()


async def kill_the_server(orchestrator: Orchestrator, chance: random.Random) -> None:
    """End the server with all that it started, and start it again."""
    await asyncio.to_thread(orchestrator.kill_server)
    if orchestrator.status().phase is Phase.DOWN:
        await asyncio.to_thread(orchestrator.start_server)


async def stop_and_start(orchestrator: Orchestrator, chance: random.Random) -> None:
    """Stop everything in good order, and start it again."""
    await asyncio.to_thread(orchestrator.stop)
    await asyncio.to_thread(orchestrator.start)


FAULTS: tuple[Fault, ...] = (
    kill_a_compile,
    kill_the_scheduler,
    kill_what_deploys,
    kill_a_backend,
    kill_postgresql,
    suspend_a_process,
    cut_a_connection,
    cut_all_connections,
    kill_the_server,
    stop_and_start,
)


async def happen(orchestrator: Orchestrator, fault: Fault, chance: random.Random) -> bool:
    """
    Let a fault happen.

    :return: whether it did: one that another one overtakes, like killing a server that is down, does not.
    """
    try:
        await fault(orchestrator, chance)
    except (EmbeddedError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, psutil.Error):
        return False
    return True
