"""A service in an environment of its own, and what a test does with its instances over the API."""

import uuid
from collections.abc import Mapping
from typing import Any

import asyncpg
from inmanta import data as core
from inmanta.protocol import Client
from inmanta.protocol.common import Result
from inmanta.server import SLICE_COMPILER
from inmanta.server.services.compilerservice import CompilerService, CompileStateListener
from inmanta_embedded.patience import eventually
from inmanta_lsm.data import documents
from inmanta_lsm.model import ServiceEntity

from .handler_session import handler_client
from .scripted_compiler import ScriptedCompiler
from .shared_server import SharedServer

__all__ = ["ServiceLab", "eventually"]


class ServiceLab:
    """A service and its instances."""

    def __init__(
        self, environment: uuid.UUID, client: Client, compiler: ScriptedCompiler, server: SharedServer, entity: ServiceEntity
    ) -> None:
        """
        :param client: of the server
        :param compiler: decides how the compiles of the environment end
        """
        self.environment = environment
        self.server = server
        self.client = client
        self.compiler = compiler
        self.entity = entity
        self._handler: Client | None = None

    async def call(self, method: str, *, code: int = 200, **arguments: Any) -> Any:
        """Call a method of the API, expect its status code, and give the data or the message of the answer."""
        result: Result = await getattr(self.client, method)(tid=self.environment, **arguments)
        assert result.code == code, result.result
        answer = result.result or {}
        return answer.get("data") if code == 200 else answer["message"]

    async def on_instance(self, method: str, instance: uuid.UUID | str, *, code: int = 200, **arguments: Any) -> Any:
        """Call a method on an instance."""
        return await self.call(method, code=code, service_entity=self.entity.name, service_id=instance, **arguments)

    async def export(self, entity: ServiceEntity) -> None:
        """Put a service entity into the catalog; from now on the calls are about it."""
        self.entity = entity
        await self.add_version(entity, is_default=True)

    async def add_version(self, entity: ServiceEntity, *, is_default: bool = False) -> None:
        """Put a version of a service entity into the catalog."""
        definition = entity.model_dump(mode="json", by_alias=True, exclude={"environment", "config", "instance_summary"})
        document = documents.ServiceEntity(
            environment=self.environment,
            name=entity.name,
            version=entity.version,
            is_default=is_default,
            definition=definition,
            config=entity.config,
        )
        await document.insert()

    async def in_another_environment(self) -> "ServiceLab":
        """Give the same service in another environment."""
        project: Any = await self.client.project_create(f"project {uuid.uuid4()}").value()
        created: Any = await self.client.environment_create(project.id, "other").value()
        lab = ServiceLab(uuid.UUID(str(created.id)), self.client, self.compiler, self.server, self.entity)
        await lab.export(self.entity)
        return lab

    async def create(self, name: str = "a", *, code: int = 200, **arguments: Any) -> Any:
        """Create an instance; give its id, or the message of the refusal."""
        attributes = arguments.pop("attributes", {"name": name})
        answer = await self.call(
            "lsm_services_create", code=code, service_entity=self.entity.name, attributes=attributes, **arguments
        )
        return uuid.UUID(answer["id"]) if code == 200 else answer

    async def get(self, instance: uuid.UUID) -> Mapping[str, Any]:
        """Read an instance."""
        found: Mapping[str, Any] = await self.on_instance("lsm_services_get", str(instance))
        return found

    async def reaches(self, instance: uuid.UUID, state: str) -> Mapping[str, Any]:
        """Wait until an instance is in a state."""
        found = await self.get(instance)

        async def is_there() -> bool:
            nonlocal found
            found = await self.get(instance)
            return bool(found["state"] == state)

        await eventually(is_there, lambda: f"instance is in state {found['state']}, not in {state}")
        return found

    async def report(self, instance: uuid.UUID, *, success: bool = True, version: int | None = None) -> None:
        """Send the report of the handler about an instance, as it is now or about an older version."""
        found = await self.get(instance)
        behind = 0 if version is None else found["version"] - version
        await self.send_report(
            instance, found["version"] + 1 - behind, found["desired_state_version"] + 1 - behind, success=success
        )

    async def send_report(
        self,
        instance: uuid.UUID,
        next_version: int,
        next_desired_state_version: int,
        *,
        success: bool = True,
        service_entity: str | None = None,
        code: int = 200,
    ) -> None:
        """Send a report of the handler."""
        if self._handler is None:
            self._handler = await handler_client(self.client, self.environment)
        result = await self._handler.lsm_services_report_deployment(
            tid=self.environment,
            service_entity=service_entity or self.entity.name,
            service_id=instance,
            next_version=next_version,
            next_desired_state_version=next_desired_state_version,
            success=success,
            failed_resources=[] if success else ["std::File[agent,path=/x]"],
        )
        assert result.code == code, result.result

    async def up(self, name: str = "a") -> uuid.UUID:
        """Create an instance and bring it up."""
        instance: uuid.UUID = await self.create(name)
        await self.reaches(instance, "creating")
        await self.report(instance)
        await self.reaches(instance, "up")
        return instance

    async def log(self, instance: uuid.UUID) -> list[dict[str, Any]]:
        """Read the log of an instance, the oldest version first."""
        entries: list[dict[str, Any]] = await self.on_instance("lsm_service_log_list", instance)
        return sorted(entries, key=lambda entry: entry["version"])

    async def events(self, instance: uuid.UUID, version: int | None = None) -> list[dict[str, Any]]:
        """Read the events of an instance (received in a version), the oldest one first."""
        found: list[dict[str, Any]] = await self.on_instance("lsm_services_events_list", instance, sort="timestamp.asc")
        return [event for event in found if version is None or event["service_instance_version"] == version]

    async def compiles(self) -> list[core.Compile]:
        """Give the compiles of the environment, in the order in which they were requested."""
        return await core.Compile.get_list(environment=self.environment, order_by_column="requested", order="ASC")

    async def clear(self) -> None:
        """Clear the environment."""
        result = await self.client.environment_clear(id=self.environment)
        assert result.code == 200, result.result

    async def is_blocked(self, by: asyncpg.Connection) -> None:
        """Wait until somebody waits for a lock that a connection holds."""

        async def waits() -> bool:
            # Not of pg_stat_activity: what a transaction sees of that is as old as its first look.
            found: bool = await by.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid)))",
                by.get_server_pid(),
            )
            return found

        await eventually(waits, "somebody waits for the lock")

    async def idle(self) -> None:
        """Wait until no compile is queued, running or unhandled."""

        async def nothing_left() -> bool:
            return all(done.handled for done in await self.compiles())

        await eventually(nothing_left, "all compiles are handled")

    def compile_listeners(self) -> list[CompileStateListener]:
        """Give those who are told about finished compiles."""
        compilers = self.server.restserver.get_slice(SLICE_COMPILER)
        assert isinstance(compilers, CompilerService)
        return [*compilers.blocking_listeners, *compilers.async_listeners]
