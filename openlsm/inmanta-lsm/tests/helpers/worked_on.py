"""A server that is worked on: what it acknowledged, and where that has to end, on it or on the one that takes over."""

import json
import subprocess
import threading
import uuid
from pathlib import Path
from typing import Any

import psutil
import requests
from inmanta_embedded import Settings, binaries
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.layout import Layout
from inmanta_embedded.patience import patient, wait_until
from inmanta_embedded.postgres import Database
from inmanta_embedded.processes import descendants, kill
from inmanta_embedded.server import Server
from inmanta_lsm.model import AttributeOperation, Lifecycle, ServiceEntity, State, StateTransfer, definition_of

from .gated_project import GatedProject
from .simple_lifecycle import service

LIFECYCLE = Lifecycle(
    name="exported",
    initial_state="start",
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="acknowledged", export_resources=False, validate_self="candidate"),
        State(name="up", export_resources=True, validate_self="active", validate_others="active"),
        State(name="rejected", export_resources=False),
    ],
    transfers=[
        StateTransfer(source="start", target="acknowledged", error="rejected", auto=True, validate_=True),
        StateTransfer(
            source="acknowledged", target="up", error="rejected", auto=True, target_operation=AttributeOperation.PROMOTE
        ),
    ],
)
ENTITY: ServiceEntity = service(lifecycle=LIFECYCLE)
PATH = ["start", "acknowledged", "up"]
"""What an instance goes through."""

DEPLOYING: ServiceEntity = service()
DEPLOYED_PATH = ["start", "acknowledged", "creating", "up"]
"""What an instance goes through that deploys something."""

PACE = 0.2
"""Seconds between two creations."""

_SETTINGS = '{"settings": {}}'
_PROJECT = "name: worked_on\nmodulepath: libs\npip:\n  use_system_config: true\n"


class RunningServer:
    """A server of its own: its folder, and a database that others may have too."""

    def __init__(self, folder: Path, database: Database, *, warm: bool = False) -> None:
        """
        :param folder: for all that it writes
        :param warm: whether its compiles run warm, for tests that have many; otherwise each has a process of its own
        """
        self.layout = Layout(folder)
        self.layout.create()
        extensions = ["lsm", "warm_compiler"] if warm else ["lsm"]
        self._settings = Settings(
            auth=False,
            extensions=extensions,
            options={"lsm": {"reconcile-interval": "0.5"}},
            # A server that takes over updates its project: what is installed does, and no index is asked.
            environment={"PIP_NO_INDEX": "1"},
        )
        self._server = Server(self.layout, self._settings, database)

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        self._server.start()

    def is_refused(self) -> str:
        """Try to start it where it must not run, and give what it says."""
        try:
            self._server.start()
        except EmbeddedError as error:
            return str(error)
        raise AssertionError("It runs.")

    def kill(self) -> None:
        """Kill it, and all that it started, at once."""
        kill_tree(self._server.pid)

    def stop(self) -> None:
        """End it, if it runs; nothing that comes afterwards depends on an orderly stop, which takes seconds."""
        if self._server.pid is not None:
            self.kill()

    def call(self, method: str, path: str, environment: uuid.UUID, **body: object) -> Any:
        """
        Send a request.

        :raises requests.RequestException: when it is not answered, or refused
        """
        answer = requests.request(
            method,
            f"http://127.0.0.1:{self._server.port}{path}",
            headers={"X-Inmanta-tid": str(environment)},
            json=body or None,
            timeout=patient(),
        )
        answer.raise_for_status()
        return answer.json()["data"]


class Work:
    """
    An environment with a service and a project in a repository, in which instances are created.

    :param acknowledged: the instances whose creation was answered
    """

    def __init__(self, database: Database, repository: Path, deployed: Path | None = None) -> None:
        """
        :param repository: where to make the repository
        :param deployed: where each instance deploys a file; without, it deploys nothing
        """
        self.environment = uuid.uuid4()
        self.acknowledged: list[str] = []
        self._enough = threading.Event()
        self._deployed = deployed
        self._path = PATH if deployed is None else DEPLOYED_PATH
        self._make_repository(repository, deployed)
        project = uuid.uuid4()
        entity = ENTITY if deployed is None else DEPLOYING
        definition = json.dumps(definition_of(entity)).replace("'", "''")
        psql(
            database,
            f"INSERT INTO project (id, name) VALUES ('{project}', 'worked on');"
            "INSERT INTO environment (id, name, project, repo_url, repo_branch, settings) VALUES"
            f" ('{self.environment}', 'worked on', '{project}', '{repository}', 'main', '{_SETTINGS}');"
            "INSERT INTO lsm_serviceentity (environment, name, version, is_default, definition) VALUES"
            f" ('{self.environment}', '{ENTITY.name}', 0, TRUE, '{definition}')",
        )

    @staticmethod
    def _make_repository(folder: Path, deployed: Path | None) -> None:
        if deployed is not None:
            GatedProject(folder, deployed)
        else:
            (folder / "libs").mkdir(parents=True)
            (folder / "libs" / ".gitkeep").touch()
            (folder / "project.yml").write_text(_PROJECT)
            (folder / "main.cf").write_text("")
        author = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-q", "-m", "Begin"]):
            subprocess.run(["git", *command], cwd=folder, check=True)

    def create(self, server: RunningServer) -> None:
        """Create one instance."""
        created = server.call(
            "POST",
            f"/lsm/v1/service_inventory/{ENTITY.name}",
            self.environment,
            attributes={"name": f"instance {len(self.acknowledged)}"},
        )
        self.acknowledged.append(created["id"])

    def go_on(self, server: RunningServer) -> threading.Thread:
        """Create one instance after the other, in a thread, until the server does not answer any more or :meth:`enough`."""

        def work() -> None:
            try:
                # What is left to compile at the end decides how long a test takes.
                while not self._enough.wait(PACE):
                    self.create(server)
            except requests.RequestException:
                return

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def enough(self) -> None:
        """Create no more."""
        self._enough.set()

    def ends(self, database: Database, wanted: list[str]) -> None:
        """
        Wait until everything that there is has ended where it has to, and check that nothing that is wanted is missing.

        :param wanted: the instances that have to be there; others may be
        """

        def histories() -> tuple[dict[str, list[str]], int]:
            """The states of all instances, and how many compiles are open."""
            found: dict[str, list[str]] = {}
            rows = psql(
                database,
                "SELECT service_instance_id, state FROM lsm_serviceinstancelog"
                f" WHERE {of_environment} ORDER BY service_instance_id, version;"
                f"SELECT count(*) FROM compile WHERE {of_environment} AND NOT handled",
            )
            *states, count = rows.splitlines()
            for row in states:
                instance, state = row.split("|")
                found.setdefault(instance, []).append(state)
            return found, int(count)

        def all_are_up() -> bool:
            found, open_compiles = histories()
            return all(states == self._path for states in found.values()) and open_compiles == 0

        def complaint() -> str:
            found, open_compiles = histories()
            return f"not all are up: {list(found.values())}, {open_compiles} compiles are open"

        of_environment = f"environment = '{self.environment}'"
        assert set(wanted) <= histories()[0].keys()
        # Each look is a process, which takes time from those that it looks at.
        wait_until(all_are_up, complaint, limit=240, interval=0.1)
        twice = psql(
            database,
            "SELECT count(*) FROM (SELECT FROM lsm_serviceinstanceevent WHERE is_outcome"
            f" AND environment = '{self.environment}' GROUP BY event_correlation_id HAVING count(*) > 1) AS twice",
        )
        assert twice == "0"
        if self._deployed is not None:
            names = psql(database, f"SELECT active_attributes->>'name' FROM lsm_serviceinstance WHERE {of_environment}")
            assert all((self._deployed / name).exists() for name in names.splitlines())


def kill_tree(pid: int | None) -> None:
    """Kill a process that runs, and all that it started."""
    assert pid is not None
    kill([psutil.Process(pid), *descendants(pid)], patient())


def psql(database: Database, statement: str) -> str:
    """Run a statement, and give its rows, one a line."""
    return program(database, "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement).strip()


def program(database: Database, name: str, *arguments: str | Path) -> str:
    """Run one of PostgreSQL's programs, and give what it prints."""
    command = [binaries.find().program(name), *arguments]
    answer = subprocess.run(command, env=database.environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
