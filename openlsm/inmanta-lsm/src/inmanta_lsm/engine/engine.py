"""
The lifecycle engine: carries out what the lifecycle decides, in one transaction for each transfer.

What happens comes from calls, from the results of compiles and from deployment reports.
"""

import asyncio
import datetime
import logging
import uuid
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from inmanta import data as core
from inmanta.server.services.compilerservice import CompilerService

from inmanta_lsm import environment_settings as settings
from inmanta_lsm.data.clock import Clock
from inmanta_lsm.data.compiles import lock_compile, of_same_flow
from inmanta_lsm.data.entities import load_all, lock_catalog
from inmanta_lsm.data.events import has_outcome
from inmanta_lsm.data.instances import instances_in_states
from inmanta_lsm.engine.reconciler import log_failure
from inmanta_lsm.engine.transaction import Change, Transaction
from inmanta_lsm.lifecycle import transfers
from inmanta_lsm.lifecycle.compile_requests import FinishedValidation, finished_validation
from inmanta_lsm.lifecycle.decision import Event, ValidationRequest
from inmanta_lsm.lifecycle.instance import EnvironmentOptions

LOGGER = logging.getLogger(__name__)


class ChangeListener(Protocol):
    """Is told what happened to service instances."""

    async def committed(self, environment: uuid.UUID, changes: Sequence[Change]) -> None:
        """
        Called after the commit. It may not take long: what follows from the changes waits.

        :param changes: what was carried out in the transaction, in its order
        """


class Engine:
    """Carries out transfers."""

    def __init__(self, compiler: CompilerService, in_background: Callable[[Coroutine[None, None, None]], object]) -> None:
        """
        :param compiler: runs the compiles
        :param in_background: runs a coroutine in the background, until the server stops
        """
        self._compiler = compiler
        self._in_background = in_background
        self._clock = Clock()
        self._listeners: list[ChangeListener] = []
        self._turns: weakref.WeakValueDictionary[uuid.UUID, asyncio.Lock] = weakref.WeakValueDictionary()
        # Where auto transfers could not be started, and whether also those are due that had their outcome.
        self._overdue: dict[uuid.UUID, bool] = {}
        self._is_scanned = False

    def add_listener(self, listener: ChangeListener) -> None:
        """Tell a listener about every change from now on."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def transaction(self, environment: core.Environment, *, fire_autos: bool = True) -> AsyncIterator[Transaction]:
        """
        Give a transaction. After its commit the compiler and the listeners are told, and auto transfers start.

        They start in the order of the commits: of two instances that want the same, the first one gets it.

        :param fire_autos: whether auto transfers of the instances that got a new version start, in the background
        """
        # Before the connection is taken: the settings may be read over another one, and the pool has an end.
        options = await _options(environment)
        async with core.Environment.get_connection() as connection, connection.transaction():
            # The lifecycle that is followed is in force until the commit.
            await lock_catalog(connection, environment.id, shared=True)
            transaction = Transaction(connection, environment, options, self._compiler, self._clock)
            yield transaction
        await self._committed(environment, transaction, fire_autos)

    async def settle(self, environment: uuid.UUID, instance_id: uuid.UUID, *, retry: bool = False) -> None:
        """
        Follow auto edges until the instance stays where it is or waits for a validation.

        :param retry: also when the auto transfer had its outcome in this version already
        """
        while (found := await core.Environment.get_by_id(environment)) is not None:
            async with self.transaction(found, fire_autos=False) as transaction:
                locked = await transaction.lock(instance_id)
                if locked is None:
                    return
                instance, entity = locked
                decision = transfers.auto(instance, entity, transaction.options, uuid.uuid4(), retry=retry)
                if decision is None:
                    return
                if isinstance(decision.compile, ValidationRequest) and await transaction.is_requested(decision.compile):
                    return
                after = await transaction.carry_out(decision, entity)
            if after.version == instance.version:
                return
            retry = False

    def fire_auto(self, environment: uuid.UUID, instance_id: uuid.UUID) -> None:
        """Start the auto transfer of an instance in the background, also when it had its outcome in this version already."""
        self._in_background(self._settle_or_remember(environment, instance_id, retry=True))

    async def scan(self, environment: uuid.UUID, service_entity: str | None = None, *, retry: bool = True) -> None:
        """
        Start the auto transfers that are due, what waits longest first. Those that cannot be started now are started later.

        These are those that a crash kept from starting, and those that failed before.

        :param service_entity: name of a service entity, to scan its instances only
        :param retry: also those that had their outcome in this version already
        """
        try:
            due = await self._due(environment, service_entity)
        except Exception as exception:
            self._remember(environment, exception, retry=retry)
            return
        for _, instance_id in sorted(due):
            await self._settle_or_remember(environment, instance_id, retry=retry)

    async def reconcile(self) -> None:
        """Start the auto transfers that could not be started when they were due; after the start, all that are due."""
        if not self._is_scanned:
            await self.scan_all()
            self._is_scanned = True
        overdue, self._overdue = self._overdue, {}
        for environment, retry in overdue.items():
            await self.scan(environment, retry=retry)

    async def scan_all(self) -> None:
        """Start the auto transfers that are due in all environments."""
        for environment in await core.Environment.get_list(details=False):
            await self.scan(environment.id)

    async def _due(self, environment: uuid.UUID, service_entity: str | None) -> list[tuple[datetime.datetime, uuid.UUID]]:
        async with core.Environment.get_connection() as connection:
            return [
                found
                for entity in await load_all(connection, environment, service_entity)
                if (states := [edge.source for edge in entity.lifecycle.transfers if edge.auto])
                for found in await instances_in_states(connection, environment, entity.name, entity.version, states)
            ]

    async def _settle_or_remember(self, environment: uuid.UUID, instance_id: uuid.UUID, *, retry: bool = False) -> None:
        try:
            await self.settle(environment, instance_id, retry=retry)
        except Exception as exception:
            self._remember(environment, exception, retry=retry)

    def _remember(self, environment: uuid.UUID, exception: Exception, *, retry: bool) -> None:
        log_failure(LOGGER, f"Auto transfers of environment {environment} could not be started, this is tried again", exception)
        self._overdue[environment] = retry or self._overdue.get(environment, False)

    async def repeat_compile(self, cut: core.Compile, reason: str) -> bool:
        """
        Request a compile again that was cut off, for the same flow. It takes the place of the first one in the queue.

        Nothing happens when that was done before, or when nothing waits for the compile any more.

        :param cut: the compile, which is completed
        :param reason: what cut it off
        :return: whether nothing is left to be done: false where the server does not compile at the moment
        """
        found = await core.Environment.get_by_id(cut.environment)
        if found is None:
            return True
        finished = finished_validation(cut.metadata or {})
        async with self.transaction(found, fire_autos=False) as transaction:
            connection = transaction.connection
            # The compiler and the reconciler may both know of it.
            await lock_compile(connection, cut.id)
            if finished is not None:
                locked = await transaction.lock(finished.instance_id)
                correlation_id = finished.requested.flow.correlation_id
                if locked is None or await has_outcome(connection, cut.environment, correlation_id):
                    return True
            others = await of_same_flow(connection, cut)
            if any(other.requested > cut.requested for other in others):  # type: ignore[operator]  # both are stored
                return True
            return await transaction.repeat(cut, reason)

    async def validation_finished(
        self, environment: uuid.UUID, finished: FinishedValidation, success: bool, problem: str | None = None
    ) -> None:
        """
        Carry on with a transfer whose validation is finished. A result that is delivered again changes nothing.

        :param finished: what the validation was about
        :param success: whether the compile succeeded
        :param problem: what kept the compile from coming to a result, for the log of the instance
        """
        found = await core.Environment.get_by_id(environment)
        if found is None:
            return
        async with self.transaction(found, fire_autos=False) as transaction:
            locked = await transaction.lock(finished.instance_id)
            if locked is None:
                return
            instance, entity = locked
            correlation_id = finished.requested.flow.correlation_id
            if not await has_outcome(transaction.connection, environment, correlation_id):
                decision = transfers.decide_on_validation(
                    instance, entity, transaction.options, finished.requested, finished.version, success
                )
                if problem is not None:
                    flow, edge = finished.requested.flow, finished.requested.edge
                    event = Event(flow, problem, edge.source, edge.error, logging.ERROR)
                    decision = replace(decision, events=[event, *decision.events])
                await transaction.carry_out(decision, entity)
        await self._settle_or_remember(environment, finished.instance_id)

    async def _committed(self, environment: core.Environment, transaction: Transaction, fire_autos: bool) -> None:
        moved = [change.decision.after.id for change in transaction.changes if change.decision.is_transfer]
        for listener in self._listeners:
            try:
                await listener.committed(environment.id, transaction.changes)
            except Exception:
                LOGGER.exception("Listener %s failed", type(listener).__name__)

        if transaction.compiles:
            self._in_background(self._tell_compiler(transaction.compiles))
        if moved and fire_autos:
            # Whoever waits for the turn keeps it alive.
            turn = self._turns.setdefault(environment.id, asyncio.Lock())
            self._in_background(self._settle_in_turn(turn, environment.id, moved))

    async def _tell_compiler(self, compiles: Sequence[uuid.UUID]) -> None:
        for compile_id in compiles:
            try:
                await self._compiler.notify_compile_request_committed(compile_id)
            except Exception as exception:
                log_failure(LOGGER, f"The compiler could not be told of compile {compile_id}, it will find it", exception)

    async def _settle_in_turn(self, turn: asyncio.Lock, environment: uuid.UUID, moved: Sequence[uuid.UUID]) -> None:
        # Validations run in the order in which they are requested, and what the first one takes the second cannot have.
        async with turn:
            for instance_id in moved:
                await self._settle_or_remember(environment, instance_id)


async def _options(environment: core.Environment) -> EnvironmentOptions:
    return EnvironmentOptions(
        id=environment.id,
        name=environment.name,
        server_compile=bool(await environment.get(core.SERVER_COMPILE)),
        transfer_optimization=bool(await environment.get(settings.TRANSFER_OPTIMIZATION)),
        partial_compile=bool(await environment.get(settings.PARTIAL_COMPILE)),
        batched=bool(await environment.get(settings.BATCHED_PARTIAL_COMPILES)),
    )
