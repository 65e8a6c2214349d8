"""
The process that owns PostgreSQL and the inmanta server of one orchestrator.

``python -m inmanta_embedded.supervisor <folder>``, started by the guard. It starts both, tells in the status file how they
are, and stops both when it gets SIGTERM. When the server ends, it kills what that has left, and starts it again on SIGHUP; at
once when the server ended because it lost its connection to the database.
"""

import contextlib
import os
import select
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from inmanta_embedded import processes, settings
from inmanta_embedded.control import START_AGAIN, STOP
from inmanta_embedded.errors import EmbeddedError, explain, explained, last_lines
from inmanta_embedded.folder_lock import FolderLock
from inmanta_embedded.layout import Layout
from inmanta_embedded.pages import Pages
from inmanta_embedded.postgres import Cluster
from inmanta_embedded.server import DATABASE, Server
from inmanta_embedded.status import Phase, Status

_LOST_ITS_DATABASE = 5
"""
Exit code of a server that lost its lock on the database, to give way to another server (inmanta-core 19 and later). Here is no
other one: it only lost its connection.
"""

_CLEAR_UP_INTERVAL = 5
"""Seconds between two looks at orphans that have ended."""


class _Stop(BaseException):
    """Somebody asked this process to end."""


class Supervisor:
    """Keeps one orchestrator running until it is told to stop."""

    def __init__(self, folder: Path, guard_pid: int) -> None:
        """
        :param folder: of the orchestrator, which exists
        :param guard_pid: the process that users end to stop the orchestrator
        """
        self._layout = Layout(folder)
        self._guard_pid = guard_pid
        self._lock = FolderLock(folder)
        self._cluster: Cluster | None = None
        self._server: Server | None = None
        self._pages: Pages | None = None
        self._start_again = False
        self._signals, notify = os.pipe()
        for descriptor in (self._signals, notify):
            os.set_blocking(descriptor, False)
        # Every signal leaves a byte there, so that none arrives unnoticed just before a wait.
        signal.set_wakeup_fd(notify)

    def run(self) -> int:
        """
        Start everything, keep it, and stop everything.

        :return: the exit code: 0 when it was told to stop, 1 when it could not start or go on
        """
        signal.signal(STOP, self._on_stop)
        signal.signal(START_AGAIN, self._on_start_again)
        self._lock.acquire()
        problem: str | None = None
        try:
            self._tell(Phase.STARTING)
            processes.kill(processes.marked(self._layout.folder))
            self._start()
            self._keep()
        except _Stop:
            self._tell(Phase.STOPPING)
        except EmbeddedError as error:
            problem = str(error)
        except OSError as error:
            problem = explain(error, self._layout.folder)
        finally:
            # Asking twice must not leave anything behind.
            signal.signal(STOP, signal.SIG_IGN)
            self._stop()
            self._tell(Phase.STOPPED if problem is None else Phase.FAILED, problem)
            self._lock.release()
        return 0 if problem is None else 1

    def _on_stop(self, number: int, frame: FrameType | None) -> NoReturn:
        """Leave whatever goes on, once."""
        signal.signal(STOP, signal.SIG_IGN)
        raise _Stop

    def _on_start_again(self, number: int, frame: FrameType | None) -> None:
        """Take note of a wish."""
        self._start_again = True

    def _tell(self, phase: Phase, error: str | None = None) -> None:
        """
        Update the status file.

        :param phase: the phase that begins
        :param error: what went wrong
        """
        database = self._cluster.database(DATABASE) if self._cluster is not None and self._cluster.pid else None
        Status(
            phase,
            self._guard_pid,
            processes.birth(self._guard_pid),
            self._server.pid if self._server else None,
            self._server.port if self._server else None,
            self._cluster.pid if self._cluster else None,
            database.port if database else None,
            error,
            self._pages.pid if self._pages else None,
        ).write(self._layout.status)

    def _start(self) -> None:
        """Start PostgreSQL and the server."""
        chosen = settings.load(self._layout.settings) or settings.Settings()
        self._cluster = Cluster(self._layout.postgres, durable=chosen.durable)
        self._cluster.start(chosen.start_timeout)
        if not self._cluster.has_database(DATABASE):
            self._cluster.create_database(DATABASE)
        self._server = Server(self._layout, chosen, self._cluster.database(DATABASE))
        self._server.start()
        if chosen.pages:
            self._pages = Pages(self._layout)

    def _keep(self) -> NoReturn:
        """
        Watch over both, and start the server again when somebody wants that.

        :raises EmbeddedError: when PostgreSQL ends, or the server does not start again
        """
        if self._cluster is None or self._server is None:
            raise EmbeddedError("The orchestrator was not started.")
        while True:
            self._tell(Phase.RUNNING)
            if self._pages is not None and self._pages.pid is None:
                # They look for an orchestrator that runs.
                self._pages.start()
                self._tell(Phase.RUNNING)
            while self._cluster.pid is not None and self._server.pid is not None:
                self._wait(self._cluster.pid, self._server.pid)
            processes.kill(self._strays())
            code = self._server.process.poll()
            self._start_again = code == _LOST_ITS_DATABASE
            self._tell(Phase.DOWN, f"The inmanta server ended (exit code {code}). {last_lines(self._layout.server_log)}")
            while self._cluster.pid is not None and not self._start_again:
                self._wait(self._cluster.pid)
            if self._cluster.pid is None:
                raise EmbeddedError(f"PostgreSQL ended by itself. {last_lines(self._cluster.log)}")
            self._tell(Phase.STARTING)
            self._server.start()

    def _wait(self, *pids: int) -> None:
        """
        Wait until a child ends or a signal arrives, and clear up from time to time.

        :param pids: the children
        """
        poller = select.poll()
        descriptors = [os.pidfd_open(pid) for pid in pids]
        try:
            for descriptor in (*descriptors, self._signals):
                poller.register(descriptor, select.POLLIN)
            poller.poll(_CLEAR_UP_INTERVAL * 1000)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        with contextlib.suppress(BlockingIOError):
            os.read(self._signals, 4096)
        processes.reap_orphans(set(pids))

    def _strays(self) -> list[psutil.Process]:
        """All processes below this one that belong neither to PostgreSQL nor to the pages."""
        # In this order: what PostgreSQL starts between the two looks is in the second one only. To kill one of its processes
        # makes it end all connections.
        found = processes.descendants(os.getpid())
        owners = [owner.pid for owner in (self._cluster, self._pages) if owner is not None]
        kept = {*owners, *(process.pid for pid in owners if pid is not None for process in processes.descendants(pid))}
        return [process for process in found if process.pid not in kept]

    def _stop(self) -> None:
        """Stop the pages, the server, then PostgreSQL, then whatever else there is."""
        if self._pages is not None:
            self._pages.stop()
        if self._server is not None:
            self._server.stop()
        processes.kill(self._strays())
        if self._cluster is not None:
            self._cluster.stop()
        processes.reap_orphans()


def main(arguments: list[str]) -> int:
    """
    Run the supervisor of a folder.

    :param arguments: the folder
    :return: exit code
    """
    processes.become_subreaper()
    folder = Path(arguments[0])
    try:
        with explained(folder):
            return Supervisor(folder, os.getppid()).run()
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
