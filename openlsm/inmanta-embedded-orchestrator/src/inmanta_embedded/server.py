"""The process of the inmanta server: its configuration, its start, and whether it is well."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from inmanta.config import LenientConfigParser

from inmanta_embedded import alias, console, pip_settings, ports, processes, startup, tokens
from inmanta_embedded.errors import EmbeddedError, last_lines
from inmanta_embedded.layout import Layout
from inmanta_embedded.postgres import Database
from inmanta_embedded.settings import Settings

DATABASE = "inmanta"
"""Name of the server's database."""

# Longer ones leave no room for the names of sockets in them: those may have 107 characters.
_LONGEST_TEMPORARY_PATH = 70

# Where Python's getpass looks for the name of the user, before it asks the machine.
_USER_NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


class Server:
    """The inmanta server of an orchestrator."""

    def __init__(self, layout: Layout, settings: Settings, database: Database) -> None:
        """
        :param layout: where its files are
        :param settings: how it should be
        :param database: where it keeps its data; exists
        """
        self._layout = layout
        self._settings = settings
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None
        serving = [] if settings.console is None or console.EXTENSION in settings.extensions else [console.EXTENSION]
        self._extensions = [*settings.extensions, *serving]
        self.port: int | None = self._last_port()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """
        The process that was started last.

        :raises EmbeddedError: when none was
        """
        if self._process is None:
            raise EmbeddedError("The inmanta server was not started.")
        return self._process

    @property
    def pid(self) -> int | None:
        """Its process id, None when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """
        Start it and wait until it is healthy, with all extensions that were asked for.

        :raises EmbeddedError: when it ends, or is not healthy in time
        """
        deadline = time.monotonic() + self._settings.start_timeout
        port = ports.keep_or_choose(self.port)
        while not self._is_up(port, deadline):
            # Somebody took the port between the look at it and its use.
            port = ports.free_port()
        missing = sorted(set(self._extensions) - self._loaded_extensions(port))
        if missing:
            raise EmbeddedError(
                f"The inmanta server runs without its extension {', '.join(missing)}: it could not be imported, and the "
                f"reason is in {self._layout.server_log}."
            )
        self._layout.port.write_text(f"{port}\n")

    def stop(self) -> None:
        """
        Stop it, with the schedulers that it started: in order where it reacts, by force where it does not.

        The order takes seconds. It is for those who go on later; the others made no promise of durability.
        """
        if self._process is not None:
            processes.stop(self._process, [(signal.SIGTERM, 20.0)] if self._settings.durable else [])

    def _last_port(self) -> int | None:
        """The port of last time."""
        try:
            return int(self._layout.port.read_text())
        except (OSError, ValueError):
            return None

    def _write_config(self, port: int) -> None:
        """
        Write the configuration file.

        :param port: for the server
        """
        lists: dict[str, dict[str, str]] = {
            "config": {
                "state-dir": alias.of(self._layout.state, self._layout.temporary),
                "log-dir": alias.of(self._layout.logs, self._layout.temporary),
            },
            "database": {
                "host": self._database.host,
                "port": str(self._database.port),
                "name": self._database.name,
                "username": self._database.user,
                "password": self._database.password,
            },
            "server": {
                "bind-address": ports.LOOPBACK,
                "bind-port": str(port),
                "internal-server-address": ports.LOOPBACK,
                "enabled-extensions": ",".join(self._extensions),
                "auth": str(self._settings.auth).lower(),
                # One user on one machine: few connections serve him, and each costs PostgreSQL a process.
                "db-connection-pool-min-size": "2",
                "db-connection-pool-max-size": "10",
            },
            "scheduler": {"db-connection-pool-min-size": "1", "db-connection-pool-max-size": "5"},
        }
        if self._settings.auth:
            lists["server"]["auth-method"] = "database"
            # Tokens that were given out stay good when the orchestrator is started again.
            lists[tokens.SECTION] = tokens.server_options(tokens.saved_key(self._layout.server_config) or tokens.new_key())
        if "lsm" in self._extensions:
            # No page of somebody else, and no name that leads here only in somebody's browser.
            lists["lsm.server"] = {"allowed-hosts": f"{ports.LOOPBACK},localhost"}
        if self._settings.console is not None:
            lists.update(console.server_options(self._settings.console))
        for section, options in self._settings.options.items():
            lists.setdefault(section, {}).update({name.replace("_", "-"): value for name, value in options.items()})
        parser = LenientConfigParser(interpolation=None)
        parser.read_dict(lists)
        descriptor = os.open(self._layout.server_config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            parser.write(stream)

    def _environment(self) -> dict[str, str]:
        """The environment of the server, which all that it starts inherits."""
        temporary = str(self._layout.temporary)
        if len(temporary) > _LONGEST_TEMPORARY_PATH or not alias.is_digestible(self._layout.temporary):
            # The supervisor works in that folder for as long as the server runs.
            temporary = f"/proc/{os.getpid()}/cwd"
        return {
            **clean_environment(os.environ),
            **pip_settings.straightened(os.environ, self._layout.pip_config),
            **({} if has_home() else {"HOME": temporary}),
            "TMPDIR": temporary,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_CACHE_DIR": "1",
            processes.MARKER: str(self._layout.folder),
            **without_empty(self._settings.environment),
        }

    def _is_up(self, port: int, deadline: float) -> bool:
        """
        Start the process and wait until it answers.

        :param port: for it to listen on
        :param deadline: on the monotonic clock
        :return: False when the port was taken by somebody else
        :raises EmbeddedError: when it ends for another reason, or does not answer in time
        """
        self.port = port
        self._write_config(port)
        self._layout.server_output.write_bytes(b"")
        python = alias.python(self._layout.temporary)
        if python != str(processes.python()):
            alias.renew(self._layout.state)
        self._process = processes.spawn(
            [
                *(python, "-m", "inmanta.app", "-c", self._layout.server_config),
                *("--log-file", self._layout.server_log, "--log-file-level", self._settings.log_level),
                *("--timed-logs", "server"),
            ],
            log=self._layout.server_output,
            env=self._environment(),
            cwd=self._layout.temporary,
        )
        while self._get(port, "/api/v2/health") is None:
            if self._process.poll() is not None:
                if time.monotonic() < deadline and "Address already in use" in self._layout.server_output.read_text():
                    return False
                raise EmbeddedError(f"The inmanta server did not start{self._why()}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The inmanta server did not answer within {self._settings.start_timeout:g} s{self._why()}")
            time.sleep(0.05)
        return True

    def _why(self) -> str:
        """The end of an error message: what the server said last, as far as that is known."""
        output = self._layout.server_output
        printed = output.read_text(errors="replace").strip().splitlines()
        # What it prints is mostly the trace of the exception that ended it, and that ends with the reason.
        reason = f": {printed[-1].strip()}" if printed else "."
        return f"{reason}\n{last_lines(self._layout.server_log)}"

    def _loaded_extensions(self, port: int) -> set[str]:
        """
        The extensions that the server has loaded, as it says itself.

        :param port: it listens on
        """
        status = self._get(port, "/api/v1/serverstatus") or {}
        data = status.get("data")
        extensions = data.get("extensions", []) if isinstance(data, dict) else []
        return {str(extension["name"]) for extension in extensions}

    def _get(self, port: int, path: str) -> dict[str, object] | None:
        """
        Ask the server something.

        :param port: it listens on
        :param path: of the url
        :return: the answer, None when there is none (yet)
        """
        headers = {}
        if self._settings.auth:
            headers["Authorization"] = f"Bearer {tokens.sign(self._layout.server_config, ['api'], None, 60)}"
        connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            return dict(json.loads(body) if body else {}) if answer.status == http.HTTPStatus.OK else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()


def has_home() -> bool:
    """
    Whether programs find the home of the user, and may look into it: without one, pip installs nothing for agents. It need not
    exist.
    """
    home = Path("~")
    with contextlib.suppress(RuntimeError):
        home = home.expanduser()
    try:
        home.stat()
    except FileNotFoundError:
        return home.is_absolute()
    except OSError:
        return False
    return home.is_dir() and os.access(home, os.R_OK | os.X_OK)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """
    An environment without what would lead a server astray.

    Variables of inmanta take precedence over its configuration file, so those that are meant for another server have to go;
    without bytecode every Python process of the server takes three seconds more to start, and without
    :mod:`inmanta_embedded.startup` half as long again; nothing here is behind a proxy; what pip installs goes where the server
    wants it; and agents deploy nothing without a name for the user that they run as, which not every machine knows.

    :param environment: of this process
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(("INMANTA_", "PG", "PYTEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    if not any(kept.get(name) for name in _USER_NAMES):
        kept["LOGNAME"] = str(os.geteuid())
    first = str(Path(startup.__file__).parent)
    if os.pathsep not in first:
        kept["PYTHONPATH"] = os.pathsep.join([first, *filter(None, [kept.get("PYTHONPATH")])])
    return {
        **pip_settings.without_redirection(kept),
        "no_proxy": f"{ports.LOOPBACK},localhost",
        "NO_PROXY": f"{ports.LOOPBACK},localhost",
    }


def without_empty(environment: Mapping[str, str]) -> dict[str, str]:
    """
    An environment without the variables of inmanta that are empty: that is how a shell says that there is none, and
    inmanta-core takes them for values.

    :param environment: the variables for a server
    """
    return {name: value for name, value in environment.items() if value.strip() or not name.startswith("INMANTA_")}
