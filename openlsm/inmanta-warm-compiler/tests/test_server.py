"""Warm compiles in a server: its reports, its status, and the ends that it makes of warm processes."""

import contextlib
import os
import re
import signal
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from inmanta_embedded import Orchestrator, Phase, Settings
from inmanta_embedded.patience import patient, wait_until

# One server serves them all.
pytestmark = [pytest.mark.full, pytest.mark.long, pytest.mark.xdist_group("server")]

_DIFFERENT_EACH_TIME = re.compile(r"\d+\.\d+ seconds|\d+ hits and \d+ misses \(\d+%\)|0x[0-9a-f]{6,}|\S*/tmp\w+")


class Server:
    """
    A server with the extension, and nothing but core beside it.

    :param orchestrator: runs it
    """

    def __init__(self, orchestrator: Orchestrator) -> None:
        """:param orchestrator: runs it"""
        self.orchestrator = orchestrator
        self._project: str | None = None
        self._shared: str | None = None

    def call(self, method: str, path: str, environment: str | None = None, **body: object) -> Any:
        """
        Call the API.

        :param method: of HTTP
        :param path: from the root
        :param environment: the environment that it is about
        :param body: of the request
        :return: the data of the answer
        """
        headers = self.orchestrator.headers() | ({"X-Inmanta-tid": environment} if environment else {})
        url = f"{self.orchestrator.url}{path}"
        answer = requests.request(method, url, headers=headers, json=body or None, timeout=patient())
        answer.raise_for_status()
        return answer.json().get("data") if answer.content else None

    def environment(self, model: str = "", plugins: str = "") -> str:
        """
        Give an environment that is there for all, with another project: each one more would start a scheduler.

        :param model: behind the import of its module
        :param plugins: of the module
        :return: its id
        """
        if self._shared is None:
            self._shared = self.make_environment()
        self.write(self._shared, model, plugins)
        return self._shared

    def make_environment(self) -> str:
        """
        Make an environment with a project.

        :return: its id
        """
        if self._project is None:
            self._project = self.call("PUT", "/api/v2/project", name="warm")["id"]
        environment = str(uuid.uuid4())
        name = f"environment {environment}"
        self.call("PUT", "/api/v2/environment", project_id=self._project, name=name, environment_id=environment)
        self.call("POST", "/api/v2/environment_settings/recompile_backoff", environment, value=0)
        self.write(environment)
        return environment

    def write(self, environment: str, model: str = "", plugins: str = "") -> None:
        """
        Write the project of an environment.

        :param environment: the environment
        :param model: behind the import of its module
        :param plugins: of the module
        """
        files = {
            "libs/lab/module.yml": "name: lab\nversion: 1.0.0\nlicense: ASL 2.0\n",
            "libs/lab/model/_init.cf": "",
            "libs/lab/plugins/__init__.py": f"from inmanta.plugins import plugin\n{textwrap.dedent(plugins)}",
        }
        self.orchestrator.write_project(environment, f"import lab\n{model}\n", files)

    def compile(self, environment: str, update: bool = False) -> dict[str, Any]:
        """
        Compile, and wait for the end.

        :param environment: to compile
        :param update: whether to update the project first
        :return: the details of the compile
        """
        self.request(environment, update)
        wait_until(lambda: self._last(environment)["completed"] is not None, "the compile does not end")
        return dict(self.call("GET", f"/api/v2/compilereport/{self._last(environment)['id']}", environment))

    def request(self, environment: str, update: bool = False) -> None:
        """
        Ask for a compile.

        :param environment: to compile
        :param update: whether to update the project first
        """
        before = len(self.call("GET", "/api/v2/compilereport", environment))
        self.call("POST", f"/api/v1/notify/{environment}", update=update, metadata={"type": "api", "message": "test"})
        wait_until(lambda: len(self.call("GET", "/api/v2/compilereport", environment)) > before, "the compile is not requested")

    def status(self) -> dict[str, Any]:
        """Give the status of the extension."""
        slices = self.call("GET", "/api/v1/serverstatus")["slices"]
        return next(dict(entry) for entry in slices if entry["name"] == "warm_compiler.processes")

    def warm_processes(self, environment: str) -> list[psutil.Process]:
        """
        Give the warm processes of an environment, and their children: each has one that compiles, or waits for that.

        :param environment: the environment
        """
        return [process for process in all_processes() if environment in " ".join(command(process))]

    def loaded(self, environment: str) -> list[psutil.Process]:
        """
        Give the warm processes of an environment.

        :param environment: the environment
        """
        found = self.warm_processes(environment)
        return [process for process in found if parent(process) not in {0, *(other.pid for other in found)}]

    def compiling(self, environment: str) -> list[psutil.Process]:
        """
        Give the processes that compile, as they print to the server.

        :param environment: the environment
        """
        return [process for process in self.warm_processes(environment) if output(process).startswith("pipe:")]

    def _last(self, environment: str) -> dict[str, Any]:
        return dict(self.call("GET", "/api/v2/compilereport?limit=1", environment)[0])


def parent(process: psutil.Process) -> int:
    """
    :param process: one that may be gone
    :return: process id of its parent, 0 when it is gone
    """
    with contextlib.suppress(psutil.Error):
        return process.ppid()
    return 0


def output(process: psutil.Process) -> str:
    """
    :param process: one that may be gone
    :return: what the kernel calls that which it prints to, empty when it is gone
    """
    try:
        return str(Path(f"/proc/{process.pid}/fd/1").readlink())
    except OSError:
        return ""


def all_processes() -> list[psutil.Process]:
    """Give all warm processes of this machine."""
    return [process for process in psutil.process_iter() if "inmanta_warm_compiler.process" in command(process)]


def command(process: psutil.Process) -> list[str]:
    """
    :param process: may be gone
    :return: its command line
    """
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def compile_report(details: dict[str, Any]) -> dict[str, Any]:
    """
    :param details: of a compile
    :return: the report of its main stage
    """
    return next(dict(report) for report in details["reports"] if report["name"] == "Recompiling configuration model")


def settings(**options: str) -> Settings:
    """
    :param options: of the extension
    :return: of an orchestrator with it
    """
    variables = {"PYTHONHASHSEED": "0"}
    # Their token is on the command line of compiles, of which the reports are compared.
    return Settings(
        durable=False, auth=False, extensions=["warm_compiler"], options={"warm_compiler": options}, environment=variables
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests share."""
    with Orchestrator(tmp_path_factory.mktemp("warm"), settings()) as orchestrator:
        yield Server(orchestrator)


PAUSES = """
import signal
@plugin
def pause() -> "string":
    signal.pause()
    return ""
"""


def test_the_report_of_a_warm_compile_is_that_of_a_cold_one(server: Server, tmp_path: Path) -> None:
    plugins = """
    @plugin
    def fail() -> "string":
        raise ValueError("as it should")
    """
    environment = server.environment("std::print('hello')\nx = lab::fail()", plugins)
    server.compile(environment)
    warm = server.compile(environment)
    assert server.status()["status"]["warm_compiles"] >= 2
    with Orchestrator(tmp_path / "cold", settings(memory_limit="0")) as orchestrator:
        other = Server(orchestrator)
        cold_environment = other.environment("std::print('hello')\nx = lab::fail()", plugins)
        other.compile(cold_environment)
        cold = other.compile(cold_environment)
        assert other.status()["status"]["processes"] == 0

    def comparable(server: Server, environment: str, details: dict[str, Any]) -> list[str]:
        texts = [f"success: {details['success']}", str(details["compile_data"])]
        for report in details["reports"]:
            for part in ("name", "command", "outstream", "errstream", "returncode"):
                texts += str(report[part]).splitlines()
        for own, common in (
            (str(server.orchestrator.layout.folder), "FOLDER"),
            (environment, "ENVIRONMENT"),
            (str(server.orchestrator.port), "PORT"),
        ):
            texts = [text.replace(own, common) for text in texts]
        return [_DIFFERENT_EACH_TIME.sub("...", text) for text in texts]

    assert comparable(server, environment, warm) == comparable(other, cold_environment, cold)


def test_a_compile_that_is_exported_makes_a_version(server: Server) -> None:
    environment = server.environment()

    versions = [server.compile(environment)["version"] for _ in range(2)]

    first = versions[0]
    assert versions == [first, first + 1]


def test_the_status_of_the_server_tells_what_the_extension_does(server: Server) -> None:
    environment = server.environment("std::print('cold')", plugins="import socket\nSOCKET = socket.socket()\n")
    details = server.compile(environment)
    assert details["success"]
    assert "cold\n" in compile_report(details)["outstream"]

    status = server.status()

    assert status["reported_status"] == "OK"
    assert any(entry.startswith(environment) and "socket" in entry for entry in status["status"]["cold_environments"])


@pytest.mark.parametrize("end", ["clear", "delete"])
def test_the_process_ends_with_its_environment(server: Server, end: str) -> None:
    environment = server.environment() if end == "clear" else server.make_environment()
    server.compile(environment)
    assert len(server.loaded(environment)) == 1

    server.call("DELETE", f"/api/v2/{'environment' if end == 'delete' else 'decommission'}/{environment}")

    wait_until(lambda: not server.warm_processes(environment), "the process does not end")


def test_the_process_ends_when_the_project_is_updated(server: Server) -> None:
    environment = server.environment()
    server.compile(environment)
    (before,) = server.loaded(environment)

    details = server.compile(environment, update=True)

    assert details["success"], details
    assert not before.is_running()
    assert len(server.loaded(environment)) == 1


def test_a_compile_that_is_cancelled_ends(server: Server) -> None:
    environment = server.environment("lab::pause()", PAUSES)
    server.request(environment)
    wait_until(lambda: server.compiling(environment), "the compile does not start")

    server.call("DELETE", f"/api/v2/decommission/{environment}")

    wait_until(lambda: not server.warm_processes(environment), "the process does not end")
    server.write(environment, "std::print('again')")
    assert "again" in compile_report(server.compile(environment))["outstream"]


def test_a_compile_whose_process_is_killed_runs_cold_with_a_clean_report(server: Server, tmp_path: Path) -> None:
    plugins = f"""
    import pathlib, signal
    FILE = pathlib.Path({str(tmp_path / "waited")!r})
    @plugin
    def pause() -> "string":
        if not FILE.exists():
            print("waiting", flush=True)
            FILE.touch()
            signal.pause()
        return "done"
    """
    environment = server.environment("std::print(lab::pause())", plugins)
    server.request(environment)
    wait_until((tmp_path / "waited").exists, "the compile does not start")

    min(server.warm_processes(environment), key=lambda process: process.create_time()).kill()

    wait_until(
        lambda: server.call("GET", "/api/v2/compilereport?limit=1", environment)[0]["completed"] is not None,
        "the compile does not end",
    )
    last = server.call("GET", "/api/v2/compilereport?limit=1", environment)[0]
    report = compile_report(server.call("GET", f"/api/v2/compilereport/{last['id']}", environment))
    assert last["success"]
    assert "done\n" in report["outstream"]
    assert "waiting" not in report["outstream"]


def test_nothing_outlives_the_server(server: Server) -> None:
    environment = server.environment("lab::pause()", PAUSES)
    server.request(environment)
    wait_until(lambda: server.compiling(environment), "the compile does not start")
    main = server.orchestrator.status().server_pid
    assert main is not None
    assert main in {parent(process) for process in server.warm_processes(environment)}
    try:
        # What SIGKILL does to what a pool has started, the tests of the pool tell.
        os.kill(main, signal.SIGTERM)

        wait_until(lambda: not server.warm_processes(environment), "the process does not end")
        wait_until(lambda: server.orchestrator.status().phase is Phase.DOWN, "the server does not end")
    finally:
        server.write(environment)
        server.orchestrator.start()
