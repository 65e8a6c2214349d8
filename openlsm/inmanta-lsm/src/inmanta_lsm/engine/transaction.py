"""Carries out decisions in a transaction of the database, and collects what is to follow after the commit."""

import datetime
import logging
import uuid
from dataclasses import dataclass

import asyncpg
from asyncpg import Connection
from inmanta import data as core
from inmanta.server.services.compilerservice import CompilerService

from inmanta_lsm.data.clock import Clock
from inmanta_lsm.data.compiles import overtake_validations, set_place
from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.data.events import has_outcome, insert_events, note_repetition
from inmanta_lsm.data.instances import insert_instance, lock_instance, update_instance
from inmanta_lsm.lifecycle import edges, transfers
from inmanta_lsm.lifecycle.compile_requests import CompileRequest, export_request, validation_request
from inmanta_lsm.lifecycle.decision import CompileQueued, Decision, ValidationRequest
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.model import ServiceEntity, ServiceInstanceEvent
from inmanta_lsm.outage import is_outage

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """
    A decision that was carried out.

    :param events: the events that were written
    """

    decision: Decision
    entity: ServiceEntity
    events: list[ServiceInstanceEvent]


class Transaction:
    """
    A transaction on the instances of one environment.

    :param changes: what was carried out
    :param compiles: the compiles that were requested; the compiler is to be told after the commit
    """

    def __init__(
        self,
        connection: Connection,
        environment: core.Environment,
        options: EnvironmentOptions,
        compiler: CompilerService,
        clock: Clock,
    ) -> None:
        """:param connection: in the transaction"""
        self.connection = connection
        self.options = options
        self.changes: list[Change] = []
        self.compiles: list[uuid.UUID] = []
        self._environment = environment
        self._compiler = compiler
        self._clock = clock

    async def lock(self, instance_id: uuid.UUID) -> tuple[Instance, ServiceEntity] | None:
        """
        Read an instance and the definition of its service. Nobody else changes it until the end of the transaction.

        :return: None when there is no such instance
        """
        instance = await lock_instance(self.connection, self.options.id, instance_id)
        if instance is None:
            return None
        entity = await load_entity(self.connection, self.options.id, instance.service_entity, instance.service_entity_version)
        if entity is None:
            raise LookupError(f"service instance {instance_id} has no service entity")
        return instance, entity

    async def carry_out(self, decision: Decision, entity: ServiceEntity) -> Instance:
        """
        Write what was decided: the instance, its log, its events, and the request for the compile.

        A transfer that cannot be carried out leaves nothing behind but its failure in the events.

        :param decision: the decision, on an instance that this transaction locked
        :param entity: definition of the service that the instance has afterwards
        :return: the instance afterwards
        """
        compile_id = None
        if decision.attempt is None:
            compile_id = await self._write(decision, entity)
        else:
            try:
                async with self.connection.transaction():
                    compile_id = await self._write(decision, entity)
            except asyncpg.InterfaceError:
                # Nothing can be written any more.
                raise
            except Exception as exception:
                if is_outage(exception):
                    # That is no property of the transfer, which is carried out later.
                    raise
                LOGGER.exception("Transfer of service instance %s failed", decision.before.id)
                attempt, reason = decision.attempt, _reason(exception, entity)
                decision = transfers.failure(decision.before, attempt.branch, attempt.flow, reason)
                await self._write(decision, entity)
        if compile_id is not None:
            self.compiles.append(compile_id)
        events = []
        for event in decision.events:
            if not isinstance(event, CompileQueued):
                events.append(event)
            elif compile_id is not None:
                events.append(event.event(compile_id))
        written = await insert_events(self.connection, decision.before, events, self._clock)
        self.changes.append(Change(decision, entity, written))
        return decision.after

    async def repeat(self, cut: core.Compile, reason: str) -> bool:
        """
        Request a compile again that was cut off, and note that in the events.

        :param cut: the compile
        :param reason: what cut it off
        :return: whether it is requested: not where the server does not compile
        """
        compile_id, _ = await self._compiler.request_recompile(
            env=self._environment,
            force_update=cut.force_update,
            do_export=cut.do_export,
            remote_id=cut.remote_id or cut.id,
            metadata=cut.metadata,
            env_vars=cut.requested_environment_variables,
            mergeable_env_vars=cut.mergeable_environment_variables,
            partial=cut.partial,
            exporter_plugin=cut.exporter_plugin,
            notify_failed_compile=cut.notify_failed_compile,
            failed_compile_message=cut.failed_compile_message,
            soft_delete=cut.soft_delete,
            links=cut.links,
            reinstall_project_and_venv=cut.reinstall_project_and_venv,
            in_db_transaction=True,
            connection=self.connection,
        )
        if compile_id is None:
            return False
        assert cut.requested is not None
        # The smallest step in time: it is the next one after what it repeats.
        await set_place(self.connection, compile_id, cut.requested + datetime.timedelta(microseconds=1))
        LOGGER.warning("Compile %s was cut off and is requested again as %s: %s", cut.id, compile_id, reason)
        await note_repetition(self.connection, cut.id, compile_id, reason, self._clock)
        self.compiles.append(compile_id)
        return True

    async def is_requested(self, requested: ValidationRequest) -> bool:
        """Whether a validation has been requested before."""
        correlation_id = requested.flow.correlation_id
        if await core.Compile.get_by_remote_id(self.options.id, correlation_id, connection=self.connection):
            return True
        return await has_outcome(self.connection, self.options.id, correlation_id)

    async def _write(self, decision: Decision, entity: ServiceEntity) -> uuid.UUID | None:
        """Write the instance and request the compile; give the id of the compile."""
        context = edges.transfer_context(entity, decision.after)
        now = self._clock.tick()
        if decision.creates:
            await insert_instance(self.connection, decision.after, entity, context, now)
        elif decision.before != decision.after:
            await update_instance(self.connection, decision.before, decision.after, entity, context, now)
        if decision.compile is None:
            return None
        if isinstance(decision.compile, ValidationRequest):
            return await self._request(validation_request(decision.before, self.options, decision.compile))
        has_version: bool = self.options.partial_compile and await self.connection.fetchval(
            "SELECT EXISTS (SELECT FROM configurationmodel WHERE environment = $1)", self.options.id
        )
        compile_id = await self._request(
            export_request(decision, decision.compile, entity, self.options, has_version=has_version)
        )
        if compile_id is not None:
            await overtake_validations(self.connection, self.options.id, compile_id)
        return compile_id

    async def _request(self, request: CompileRequest) -> uuid.UUID | None:
        compile_id, _ = await self._compiler.request_recompile(
            env=self._environment,
            force_update=False,
            do_export=request.do_export,
            remote_id=request.remote_id,
            metadata=dict(request.metadata),
            env_vars=request.env_vars,
            mergeable_env_vars=request.mergeable_env_vars,
            partial=request.partial,
            soft_delete=request.do_export and request.partial,
            # A failing validation is a result like any other, which the events tell.
            notify_failed_compile=None if request.do_export else False,
            links=dict(request.links),
            in_db_transaction=True,
            connection=self.connection,
        )
        return compile_id


def _reason(exception: Exception, entity: ServiceEntity) -> str:
    """Say why a transfer cannot be carried out."""
    if isinstance(exception, asyncpg.UniqueViolationError):
        return f"another service instance has the value that its {entity.service_identity} would have"
    return f"internal error: {exception}"
