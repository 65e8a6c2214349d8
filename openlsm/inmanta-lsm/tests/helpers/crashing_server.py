"""A server that is held at chosen points of what it does, by locks in the database, until it is killed there."""

import contextlib
import json
import uuid
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import asyncpg
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import eventually, patient
from inmanta_lsm.model import ServiceEntity, definition_of
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse


class Point(StrEnum):
    """Where the server can be held: right before it writes this."""

    EVENT = "event"
    REQUESTED_COMPILE = "requested compile"
    STARTED_COMPILE = "started compile"
    COMPLETED_COMPILE = "completed compile"
    HANDLED_COMPILE = "handled compile"
    TRANSFER = "transfer"
    PROCESSED_VERSION = "processed version"
    STARTED_DEPLOYMENT = "started deployment"
    FINISHED_DEPLOYMENT = "finished deployment"


_OF_DEPLOYMENT = "NEW.action = 'deploy'"
_WRITES = {
    Point.EVENT: "INSERT ON lsm_serviceinstanceevent FOR EACH ROW",
    Point.REQUESTED_COMPILE: "INSERT ON compile FOR EACH ROW",
    Point.STARTED_COMPILE: "UPDATE ON compile FOR EACH ROW WHEN (OLD.started IS NULL AND NEW.started IS NOT NULL)",
    Point.COMPLETED_COMPILE: "UPDATE ON compile FOR EACH ROW WHEN (OLD.completed IS NULL AND NEW.completed IS NOT NULL)",
    Point.HANDLED_COMPILE: "UPDATE ON compile FOR EACH ROW WHEN (NEW.handled AND NOT OLD.handled)",
    Point.TRANSFER: "UPDATE ON lsm_serviceinstance FOR EACH ROW WHEN (NEW.version <> OLD.version)",
    Point.PROCESSED_VERSION: "UPDATE ON scheduler FOR EACH ROW",
    Point.STARTED_DEPLOYMENT: f"INSERT ON resourceaction FOR EACH ROW WHEN ({_OF_DEPLOYMENT})",
    Point.FINISHED_DEPLOYMENT: f"UPDATE ON resourceaction FOR EACH ROW WHEN ({_OF_DEPLOYMENT} AND NEW.finished IS NOT NULL)",
}
_HOLD = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtext(TG_ARGV[0]), hashtext(NEW.environment::text));
        RETURN NEW;
    END
$$
"""


async def make_points(orchestrator: Orchestrator) -> None:
    """Make the server stop at the points that are held."""
    database = await asyncpg.connect(orchestrator.database.dsn)
    await database.execute(_HOLD)
    for point, write in _WRITES.items():
        await database.execute(f"CREATE TRIGGER \"{point}\" BEFORE {write} EXECUTE FUNCTION hold('{point}')")
    await database.close()


class CrashingServer:
    """One environment of a server. There is no project in it: each compile fails, quickly."""

    def __init__(self, orchestrator: Orchestrator, database: asyncpg.Connection, environment: uuid.UUID) -> None:
        """
        :param orchestrator: runs the server
        :param database: a connection to its database
        """
        self.orchestrator = orchestrator
        self.database = database
        self.environment = environment

    @classmethod
    async def with_service(cls, orchestrator: Orchestrator, entity: ServiceEntity) -> "CrashingServer":
        """Make an environment with a service. It is made in the database: the server would wait for a scheduler."""
        database = await asyncpg.connect(orchestrator.database.dsn)
        project, environment = uuid.uuid4(), uuid.uuid4()
        await database.execute("INSERT INTO project (id, name) VALUES ($1, $2)", project, str(project))
        await database.execute(
            "INSERT INTO environment (id, name, project, settings) VALUES ($1, 'crash', $2, '{\"settings\": {}}')",
            environment,
            project,
        )
        await database.execute(
            "INSERT INTO lsm_serviceentity (environment, name, version, is_default, definition) VALUES ($1, $2, 0, TRUE, $3)",
            environment,
            entity.name,
            json.dumps(definition_of(entity)),
        )
        return cls(orchestrator, database, environment)

    async def connect(self) -> None:
        """Connect to the database again, which may be somewhere else since it was started again."""
        self.database = await asyncpg.connect(self.orchestrator.database.dsn)

    async def hold(self, point: Point) -> asyncpg.Connection:
        """Stop the server at a point, as long as the connection is open."""
        connection = await asyncpg.connect(self.orchestrator.database.dsn)
        await connection.execute("SELECT pg_advisory_lock(hashtext($1), hashtext($2))", point, str(self.environment))
        return connection

    async def is_held(self, by: asyncpg.Connection) -> None:
        """Wait until the server waits at the point."""
        await self.until(
            lambda: self.database.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))", by.get_server_pid()
            )
        )

    async def end_what_is_held(self) -> None:
        """End all statements of the server that wait at a point, and wait until they are gone."""
        held = "FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
        await self.database.execute(f"SELECT pg_terminate_backend(pid) {held}")
        await self.until(lambda: self.database.fetchval(f"SELECT NOT EXISTS (SELECT {held})"))

    async def call(self, method: str, path: str, **body: object) -> Any:
        """Send a request and give the answer to one that succeeds; wait while the server is being started again."""
        request = HTTPRequest(
            f"{self.orchestrator.url}{path}",
            method=method,
            headers={
                "Content-Type": "application/json",
                "X-Inmanta-tid": str(self.environment),
                # What handlers report is taken from agents only.
                "Authorization": f"Bearer {self.orchestrator.token(['api', 'agent'])}",
            },
            body=None if method == "GET" else json.dumps(body, default=str),
            request_timeout=patient(),
        )
        responses: list[HTTPResponse] = []

        async def is_answered() -> bool:
            with contextlib.suppress(ConnectionRefusedError):
                responses.append(await AsyncHTTPClient().fetch(request))
            return bool(responses)

        await eventually(is_answered, f"nobody answers at {self.orchestrator.url}")
        return json.loads(responses[0].body).get("data") if responses[0].body else None

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of the environment in a table, the oldest one first."""
        time = {"compile": "requested", "lsm_serviceinstance": "created_at"}.get(table, "timestamp")
        records = await self.database.fetch(f"SELECT * FROM {table} WHERE environment = $1 ORDER BY {time}", self.environment)
        return [dict(record) for record in records]

    async def states(self) -> list[str]:
        """Give the states that the only instance went through."""
        return [row["state"] for row in await self.rows("lsm_serviceinstancelog")]

    async def reaches(self, *states: str) -> None:
        """Wait until the instance went through these states, and nothing is left to be compiled or handled."""

        async def is_there() -> bool:
            return await self.states() == list(states) and all(row["handled"] for row in await self.rows("compile"))

        await self.until(is_there)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until a condition holds."""
        await eventually(condition, "the server did not get there")
