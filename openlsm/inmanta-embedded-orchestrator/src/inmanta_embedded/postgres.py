"""
A PostgreSQL server for the program that starts it.

Its data, log, port and password are in one folder. It listens on the loopback interface only, asks everybody for a
password that only the owner of the folder can read, and ends with the process that started it.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from inmanta_embedded import binaries, identity, ports, processes, shared_memory
from inmanta_embedded.errors import EmbeddedError, last_lines
from inmanta_embedded.folder_lock import FolderLock
from inmanta_embedded.patience import patient

SUPERUSER = "postgres"
_STATUS_LINE = 7  # of postmaster.pid; line 0 is the process id
_FAST_SHUTDOWN, _IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT
_DURABLE = {"fsync": "on"}
# Commits are still handed to the operating system: when one of its processes is killed, PostgreSQL starts anew from that.
_VOLATILE = {"fsync": "off", "full_page_writes": "off"}
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Database:
    """
    What a client needs to connect to a database.

    :param host: address of the server
    :param port: port of the server
    :param user: a superuser of the server
    :param password: of that user
    :param name: name of the database
    """

    host: str
    port: int
    user: str
    password: str
    name: str

    @property
    def dsn(self) -> str:
        """The connection as a url, as asyncpg takes it; contains the password."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program of PostgreSQL that connects to it: those of this process, but for others of PostgreSQL."""
        return {
            **_environment(),
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
            "PGSSLMODE": "disable",
            "PGGSSENCMODE": "disable",
        }


def pid_file(folder: Path) -> Path:
    """
    The file in which a server writes what it is known by while it runs, and that it leaves when it is killed.

    :param folder: of its cluster
    """
    return folder / "data" / "postmaster.pid"


class Cluster:
    """
    A PostgreSQL server and its data, to be used as a context manager or with :meth:`start` and :meth:`stop`.

    Start it from a thread that lives as long as it is needed: the server ends with the thread.
    """

    def __init__(self, folder: Path, *, durable: bool = True, found: binaries.Binaries | None = None) -> None:
        """
        :param folder: for everything that the server writes; it is made when it does not exist
        :param durable: whether data survives a crash of the *machine*. It survives that of any process in both cases;
            without durability everything that writes is a lot faster, which is what tests want.
        :param found: the programs to use; those of this environment or machine by default
        """
        self.folder = folder.absolute()
        self.log = self.folder / "postgres.log"
        self._data = self.folder / "data"
        self._password_file = self.folder / "password"
        self._port_file = self.folder / "port"
        self._durable = durable
        self._found = found
        self._lock = FolderLock(self.folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def pid(self) -> int | None:
        """The process id of the server, None when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def database(self, name: str) -> Database:
        """
        How to connect to a database of this server.

        :param name: of the database, which need not exist yet
        """
        return Database(ports.LOOPBACK, self._port, SUPERUSER, self._password_file.read_text().strip(), name)

    def start(self, timeout: float | None = None) -> None:
        """
        Start the server, with the data of last time if there is any, and wait until it accepts connections.

        :param timeout: seconds to wait, 60 by default; after a crash the server first repairs its data
        :raises EmbeddedError: when there is no PostgreSQL, the folder is in use, or the server does not start
        """
        if self.pid is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            self._start(self._found or binaries.find(), identity.choose(), patient(60.0) if timeout is None else timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, if it runs: in order where it reacts, by force where it does not."""
        if self._process is not None:
            processes.stop(self._process, [(_FAST_SHUTDOWN, 10.0), (_IMMEDIATE_SHUTDOWN, 5.0)])
            self._process = None
            shared_memory.remove(pid_file(self.folder))
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()

    def has_database(self, name: str) -> bool:
        """
        Whether a database exists.

        :param name: of the database
        """
        return self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{_identifier(name)}'") == "1"

    def create_database(self, name: str, template: str = "template0") -> Database:
        """
        Create a database.

        :param name: of the database: lower case letters, digits and underscores
        :param template: a database to copy, which nobody may be connected to; an empty one by default
        :return: how to connect to it
        :raises EmbeddedError: when the server refuses, for example because it exists
        """
        # A copy of files takes a third of the time of the default strategy, which is written for large databases.
        strategy = " STRATEGY file_copy" if not self._durable and self._version() >= 15 else ""
        self._sql(f'CREATE DATABASE "{_identifier(name)}" TEMPLATE "{_identifier(template)}"{strategy}')
        return self.database(name)

    def drop_database(self, name: str) -> None:
        """
        Remove a database, if it exists, and end the connections to it.

        :param name: of the database
        """
        self._sql(f'DROP DATABASE IF EXISTS "{_identifier(name)}" WITH (FORCE)')

    def _version(self) -> int:
        """The major version of the data."""
        return int((self._data / "PG_VERSION").read_text())

    def _start(self, found: binaries.Binaries, who: identity.Identity, timeout: float) -> None:
        """
        Start the server while the lock is held.

        :param found: the programs
        :param who: the account
        :param timeout: seconds to wait until it is ready
        """
        self._found = found
        # Whoever writes to this folder is PostgreSQL, and what it needs is below it.
        identity.give_to(who, self.folder)
        identity.require_reachable(who, [found.folder, found.program("postgres"), self.folder])
        if not (self._data / "PG_VERSION").exists():
            self._initialise(found, who)
        if self._version() != found.version:
            raise EmbeddedError(
                f"{self.folder} was made by PostgreSQL {self._version()}, and the one at hand is {found.version}: "
                "remove the folder to start afresh, or install the other version."
            )
        self._end_leftovers()
        deadline = time.monotonic() + timeout
        self._port = ports.keep_or_choose(_read_port(self._port_file))
        while not self._is_up(found, who, deadline):
            # Somebody took the port between the look at it and its use.
            self._port = ports.free_port()
        self._port_file.write_text(f"{self._port}\n")

    def _initialise(self, found: binaries.Binaries, who: identity.Identity) -> None:
        """
        Create the data folder.

        :param found: the programs
        :param who: the account
        :raises EmbeddedError: when initdb fails
        """
        # Without its version file it is what an initialisation that was cut short has left.
        shutil.rmtree(self._data, ignore_errors=True)
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24) + "\n")
        os.chown(self._password_file, *who.owner)
        # Versions before 17 have no locale of their own that knows Unicode, and take the one of the machine.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options: list[str | Path] = [
            *("-D", self._data, "-U", SUPERUSER, "--encoding=UTF8"),
            *(locale if found.version >= 17 else ["--locale=C.UTF-8"]),
            *("--auth=scram-sha-256", f"--pwfile={self._password_file}"),
            *([] if self._durable else ["--no-sync"]),
        ]
        with binaries.by_plain_path(found) as plain:
            code = self._spawn([plain.program("initdb"), *options], who, signal.SIGKILL).wait()
        if code != 0:
            raise EmbeddedError(f"PostgreSQL could not create its data folder. {last_lines(self.log)}")

    def _end_leftovers(self) -> None:
        """End a server on these data whose owner is gone; the lock says that it has none."""
        file = pid_file(self.folder)
        try:
            pid = int(file.read_text().split("\n", 1)[0])
            left = psutil.Process(pid)
            is_ours = Path(left.exe()).name == "postgres" and str(self._data) in left.cmdline()
        except (OSError, ValueError, psutil.Error):
            is_ours = False
        if is_ours:
            processes.kill([*processes.descendants(pid), left])
        # The process id in it may be another program's by now, which would make the server refuse to start.
        shared_memory.remove(file)
        file.unlink(missing_ok=True)

    def _is_up(self, found: binaries.Binaries, who: identity.Identity, deadline: float) -> bool:
        """
        Start the server process and wait for it.

        :param found: the programs
        :param who: the account
        :param deadline: on the monotonic clock
        :return: False when the port was taken by somebody else
        :raises EmbeddedError: when it ends for another reason, or is not ready in time
        """
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self._port),
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "jit": "off",
            # In the folder, too: the place of other kinds is shared by the machine, and keeps it when the server is killed.
            "dynamic_shared_memory_type": "mmap",
            **(_DURABLE if self._durable else _VOLATILE),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = self._spawn([found.program("postgres"), "-D", self._data, *options], who, _FAST_SHUTDOWN)
        while not self._is_ready(self._process.pid):
            if self._process.poll() is not None:
                if not ports.is_free(self._port) and time.monotonic() < deadline:
                    return False
                raise EmbeddedError(f"PostgreSQL did not start. {last_lines(self.log)}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL was not ready in time. {last_lines(self.log)}")
            time.sleep(0.01)
        return True

    def _is_ready(self, pid: int) -> bool:
        """
        Whether the server accepts connections, as it says itself.

        :param pid: of the server that was started
        """
        try:
            lines = pid_file(self.folder).read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def _spawn(
        self, command: Sequence[str | Path], who: identity.Identity, death_signal: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """
        Start one of PostgreSQL's programs.

        :param command: program and arguments
        :param who: the account
        :param death_signal: what it gets when this process dies
        """
        return processes.spawn(
            command,
            log=self.log,
            env=_environment(),
            cwd=self.folder,
            identity=who.launch,
            death_signal=death_signal,
        )

    def _sql(self, statement: str) -> str:
        """
        Run a statement outside of any transaction.

        :param statement: complete SQL
        :return: what psql prints, without decoration
        :raises EmbeddedError: when the server is not running or refuses the statement
        """
        if self._found is None or self.pid is None:
            raise EmbeddedError(f"The PostgreSQL of {self.folder} is not running: start it first.")
        target = self.database("postgres")
        answer = subprocess.run(
            [self._found.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement],
            env=target.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise EmbeddedError(f"PostgreSQL refused a statement: {answer.stderr.strip()}")
        return answer.stdout.strip()


def _environment() -> dict[str, str]:
    """The environment for PostgreSQL's programs: without the variables that would point them somewhere else."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _identifier(name: str) -> str:
    """
    A name that needs no quoting.

    :param name: of a database
    :raises EmbeddedError: when it is none
    """
    if _IDENTIFIER.fullmatch(name) is None:
        raise EmbeddedError(f"{name!r} is no name for a database: use lower case letters, digits and underscores.")
    return name


def _read_port(file: Path) -> int | None:
    """
    The port of last time.

    :param file: where it was written
    """
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
