"""An orchestrator for the program that starts it: PostgreSQL, the inmanta server and its extensions, all in one folder."""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from inmanta_embedded import console, first_user, ownership, pages, processes, project, settings, shared_memory, status, tokens
from inmanta_embedded.control import START_AGAIN, STOP
from inmanta_embedded.errors import EmbeddedError, explained, last_lines
from inmanta_embedded.first_user import Credentials
from inmanta_embedded.folder_lock import FolderLock
from inmanta_embedded.layout import DEFAULT_FOLDER, Layout
from inmanta_embedded.ports import LOOPBACK
from inmanta_embedded.postgres import SUPERUSER, Database, pid_file
from inmanta_embedded.server import DATABASE
from inmanta_embedded.settings import Settings
from inmanta_embedded.status import Phase, Status

_STOP_TIMEOUT = 70.0
_START_LOCK = "start.lock"
_SUPERVISION_OVERHEAD = 30.0


class Orchestrator:
    """
    An orchestrator, to be used as a context manager or with :meth:`start` and :meth:`stop`.

    Unless it is detached, it ends with this process, however that ends. Started in the folder of an orchestrator that runs
    already, it is that orchestrator, and leaving the context does not stop it.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER, chosen: Settings | None = None, *, detached: bool = False) -> None:
        """
        :param folder: for everything that it writes; relative to the working directory, made when it does not exist
        :param chosen: how it should be; by default as last time in this folder, or as the defaults say
        :param detached: whether it goes on when this process ends
        """
        self.layout = Layout(folder.absolute())
        self._chosen = chosen
        self._detached = detached
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The address of its API."""
        return LOOPBACK

    @property
    def port(self) -> int:
        """
        The port of its API.

        :raises EmbeddedError: when it does not run
        """
        port = self.status().server_port
        if port is None:
            raise EmbeddedError(f"There is no orchestrator running in {self.layout.folder}: start it first.")
        return port

    @property
    def url(self) -> str:
        """The url of its API, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def console_url(self) -> str | None:
        """
        The url of the web console, None when it was started without one.

        :raises EmbeddedError: when it does not run
        """
        return None if self.started_with().console is None else f"{self.url}/console"

    def pages_link(self) -> str | None:
        """
        The link to the web pages about services, which logs in once where the API asks for tokens. Waits until they are there.

        :return: None when it was started without them
        :raises EmbeddedError: when it does not run, or they cannot be served
        """
        if not self.started_with().pages:
            return None
        self._require_running()
        self._wait_for(self._have_pages_started, self._timeout())
        link = pages.link(self.layout)
        if link is None:
            raise EmbeddedError(f"The pages are not there. {last_lines(self.layout.pages_log)}")
        return link

    @property
    def database(self) -> Database:
        """
        The database of the server.

        :raises EmbeddedError: when it does not run
        """
        port = self.status().postgres_port
        if port is None:
            raise EmbeddedError(f"There is no PostgreSQL running in {self.layout.folder}: start the orchestrator first.")
        password = (self.layout.postgres / "password").read_text().strip()
        return Database(LOOPBACK, port, SUPERUSER, password, DATABASE)

    def status(self) -> Status:
        """How it is doing now."""
        return status.read(self.layout.status)

    def token(
        self, client_types: Sequence[str] = ("api",), environment: str | None = None, lifetime: float = tokens.LIFETIME
    ) -> str:
        """
        A token for its API.

        :param client_types: what the bearer may pass for: ``api``, ``compiler``, ``agent``.
        :param environment: id of the only environment that it opens, None for all
        :param lifetime: seconds after which it opens nothing any more
        :raises EmbeddedError: when it was started without authentication
        """
        return tokens.sign(self.layout.server_config, client_types, environment, lifetime)

    def headers(self) -> dict[str, str]:
        """The headers that open its API: those with a token if it asks for one, none otherwise."""
        return {"Authorization": f"Bearer {self.token()}"} if self.started_with().auth else {}

    def write_project(self, environment: str | uuid.UUID, model: str, files: Mapping[str, str] | None = None) -> Path:
        """
        Write the project that the server compiles for an environment. It has what is installed for this process, which has to
        be what is installed for the server; other modules go into the folder ``libs`` of the project.

        :param environment: id of the environment
        :param model: the text of main.cf
        :param files: more files, and their text, by their path in the project
        :return: the folder of the project
        """
        folder = self.layout.project(str(environment))
        project.write(folder, model, files or {})
        return folder

    def started_with(self) -> Settings:
        """How it was asked to be at its last start. Who finds it running already may have asked for something else."""
        return settings.load(self.layout.settings) or Settings()

    def make_first_user(self) -> Credentials | None:
        """
        Make a user who may do everything, for people to log in as; its password cannot be looked up later.

        :return: what the user logs in with, None when there is a user already
        :raises EmbeddedError: when it does not run, was started without authentication, or refuses
        """
        return first_user.make(self.host, self.port, self.token())

    def start(self) -> None:
        """
        Start it, with the state of last time if there is any, and wait until it is healthy.

        :raises EmbeddedError: when it does not become healthy; says why, and nothing stays behind
        """
        if not hasattr(os, "pidfd_open"):
            raise EmbeddedError("An embedded orchestrator needs Linux 5.3 or newer.")
        with explained(self.layout.folder):
            self._start_once()

    def _start_once(self) -> None:
        """
        Start it, or wait for whoever starts it at the same moment.

        :raises EmbeddedError: when it does not become healthy; says why, and nothing stays behind
        """
        if self.layout.folder.is_dir():
            ownership.require_ours(self.layout.folder)
        chosen = self._settings()
        if not self.status().is_alive:
            if chosen.console is not None:
                console.check(chosen.console)
            if chosen.pages:
                pages.check()
        self.layout.create()
        # One of those who start it at the same moment does; the others wait, and find it running.
        lock = FolderLock(self.layout.folder, _START_LOCK)
        self._wait_for(lock.is_acquired, 2 * self._timeout())
        try:
            self._start()
        finally:
            lock.release()

    def _start(self) -> None:
        """
        Start it, while nobody else does.

        :raises EmbeddedError: when it does not become healthy; says why, and nothing stays behind
        """
        now = self.status()
        if now.phase in (Phase.STOPPING, Phase.FAILED):
            # Somebody else stops it, or it ends since it failed: that has to be over before it can start.
            self._wait_for(lambda: not now.is_alive, _STOP_TIMEOUT)
            now = self.status()
        if now.phase is Phase.DOWN:
            self.start_server()
            return
        if now.is_alive:
            self._wait_for(lambda: self.status().phase is not Phase.STARTING, self._timeout())
            self._require_running()
            return
        # What a guard that was killed has left ends by itself; until then it has the folder.
        used = FolderLock(self.layout.folder)
        self._wait_for(used.is_acquired, _STOP_TIMEOUT)
        used.release()
        if self._chosen is not None:
            self._chosen.save(self.layout.settings)
        self.layout.status.unlink(missing_ok=True)
        self._guard = self._spawn_guard()
        try:
            self._wait_for(self._has_started, self._timeout())
            self._require_running()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """
        Stop it, if it runs; its state stays.

        :raises EmbeddedError: when it cannot be stopped
        """
        now = self.status()
        if now.is_alive and now.guard_pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(now.guard_pid, STOP)
            self._wait_for(lambda: not now.is_alive, _STOP_TIMEOUT)
        if self._guard is not None:
            # It may be so young that it has told nobody yet.
            processes.stop(self._guard, [(STOP, _STOP_TIMEOUT)])
            self._guard = None

    def reset(self) -> None:
        """
        Stop it and remove its folder, with all that it knows.

        :raises EmbeddedError: when the folder is not that of an orchestrator, or cannot be removed
        """
        with explained(self.layout.folder):
            if self.layout.folder.exists() or self.layout.folder.is_symlink():
                ownership.require_ours(self.layout.folder)
            self.stop()
            processes.kill(processes.marked(self.layout.folder))
            shared_memory.remove(pid_file(self.layout.postgres))
            if self.layout.folder.exists():
                ownership.remove(self.layout.folder)

    def kill_server(self) -> None:
        """
        End the inmanta server with all that it has started, as a crash of the machine would; PostgreSQL goes on.

        :raises EmbeddedError: when it does not run
        """
        pid = self.status().server_pid
        if pid is None:
            raise EmbeddedError(f"There is no server running in {self.layout.folder}: start it first.")
        victims = processes.descendants(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        self._wait_for(lambda: self.status().phase in (Phase.DOWN, Phase.STOPPED, Phase.FAILED), _SUPERVISION_OVERHEAD)

    def start_server(self) -> None:
        """
        Start the inmanta server again after it was killed or ended, and wait until it is healthy.

        :raises EmbeddedError: when it does not become healthy
        """
        now = self.status()
        if now.phase is not Phase.DOWN or now.guard_pid is None:
            raise EmbeddedError(f"The server in {self.layout.folder} is {now.phase}: only one that went down starts again.")
        supervisor = psutil.Process(now.guard_pid).children()[0]
        supervisor.send_signal(START_AGAIN)
        self._wait_for(lambda: self.status().phase not in (Phase.DOWN, Phase.STARTING), self._timeout())
        self._require_running()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._guard is not None and not self._detached:
            self.stop()

    def _timeout(self) -> float:
        """Seconds after which something must have become of a start."""
        return 2 * self._settings().start_timeout + _SUPERVISION_OVERHEAD

    def _settings(self) -> Settings:
        """How it should be."""
        return self._chosen or self.started_with()

    def _spawn_guard(self) -> subprocess.Popen[bytes]:
        """Start the process that keeps everything."""
        with self.layout.supervisor_log.open("wb") as log:
            return subprocess.Popen(
                [
                    *(str(processes.python()), "-P", "-m", "inmanta_embedded.guard"),
                    *(str(self.layout.folder), "0" if self._detached else str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.layout.temporary,
                start_new_session=True,
            )

    def _has_started(self) -> bool:
        """Whether the start has come to an end, good or bad."""
        ended = self._guard is None or self._guard.poll() is not None
        return ended or self.status().phase in (Phase.RUNNING, Phase.DOWN)

    def _have_pages_started(self) -> bool:
        """Whether the start of the pages has come to an end, good or bad."""
        now = self.status()
        ended = now.pages_pid is not None and processes.birth(now.pages_pid) is None
        return ended or now.phase is not Phase.RUNNING or pages.link(self.layout) is not None

    def _require_running(self) -> None:
        """
        Make sure that it runs.

        :raises EmbeddedError: with the reason, when it does not
        """
        now = self.status()
        if now.phase is not Phase.RUNNING:
            raise EmbeddedError(now.error or f"The orchestrator ended. {last_lines(self.layout.supervisor_log)}")

    def _wait_for(self, condition: Callable[[], bool], timeout: float) -> None:
        """
        Wait for something to become true.

        :param condition: what to wait for
        :param timeout: seconds to wait
        :raises EmbeddedError: when it does not become true in time
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                now = self.status()
                raise EmbeddedError(
                    f"The orchestrator in {self.layout.folder} was still {now.phase} after {timeout:.0f} s. "
                    f"{last_lines(self.layout.supervisor_log)}"
                )
            time.sleep(0.02)
