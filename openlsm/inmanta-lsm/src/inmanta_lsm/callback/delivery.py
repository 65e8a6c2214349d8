"""
The delivery of events to callbacks.

Events are sent in the background, to each callback in the order in which they were committed. Delivery is best effort, with
retries: what is not delivered when the server stops is lost.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from inmanta.const import LogLevel
from inmanta.protocol.common import json_encode
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from inmanta_lsm.callback.hosts import CheckedResolver, ForbiddenHostError, HostRules
from inmanta_lsm.callback.log_file import CALLBACK_LOGGER
from inmanta_lsm.engine.reconciler import INTERVAL, log_failure
from inmanta_lsm.engine.transaction import Change
from inmanta_lsm.model import Callback, ServiceInstanceEvent
from inmanta_lsm.protocol.masking import masked_url

LOGGER = logging.getLogger(CALLBACK_LOGGER)

MAXIMUM_BACKLOG = 10_000
"""How many events wait for one receiver at most: when it stays behind, the oldest ones are dropped."""

MAXIMUM_CONNECTIONS = 100

MAXIMUM_ANSWER = 64 * 1024
"""How many bytes of an answer are read, of which only the status counts."""

type FindCallbacks = Callable[[uuid.UUID, str], Awaitable[Sequence[Callback]]]
"""Gives the callbacks of a service entity, by the environment and its name."""


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """
    How persistently events are sent.

    :param request_timeout: how many seconds a receiver may take to answer
    :param max_retries: how many times an event is sent again
    :param retry_interval: how many seconds to wait in between
    """

    request_timeout: float
    max_retries: int
    retry_interval: float


@dataclass(slots=True)
class _Backlog:
    """
    The events that wait for one receiver.

    :param events: oldest first
    :param task: sends them, as long as there are some
    """

    events: asyncio.Queue[ServiceInstanceEvent] = field(default_factory=lambda: asyncio.Queue(MAXIMUM_BACKLOG))
    task: asyncio.Task[Any] | None = None


class Delivery:
    """Sends events to callbacks. The lifecycle engine tells it about the events."""

    def __init__(
        self,
        find_callbacks: FindCallbacks,
        options: DeliveryOptions,
        in_background: Callable[[Coroutine[None, None, None]], asyncio.Task[Any]],
        hosts: HostRules | None = None,
    ) -> None:
        """
        :param find_callbacks: finds the callbacks of a service entity
        :param options: how persistently events are sent
        :param in_background: runs a coroutine until it ends or the server stops
        :param hosts: which hosts events are sent to, None for all
        """
        self._find_callbacks = find_callbacks
        self._options = options
        self._in_background = in_background
        self._committed: asyncio.Queue[tuple[uuid.UUID, str, list[ServiceInstanceEvent]]] = asyncio.Queue()
        self._backlogs: dict[tuple[uuid.UUID, uuid.UUID], _Backlog] = {}
        # Counts what was forgotten, to notice that the callbacks were read too early.
        self._forgotten = 0
        # An own instance: the receivers share no connections with the rest of the server.
        self._http = SimpleAsyncHTTPClient(
            force_instance=True,
            max_clients=MAXIMUM_CONNECTIONS,
            max_body_size=MAXIMUM_ANSWER,
            max_buffer_size=2 * MAXIMUM_ANSWER,
            max_header_size=MAXIMUM_ANSWER,
            resolver=None if hosts is None else CheckedResolver(rules=hosts),
        )

    def start(self) -> None:
        """Begin to deliver."""
        self._in_background(self._dispatch())

    async def committed(self, environment: uuid.UUID, changes: Sequence[Change]) -> None:
        """
        Note the events of a transaction.

        :param changes: what was carried out
        """
        for change in changes:
            if change.events:
                self._committed.put_nowait((environment, change.entity.name, change.events))

    def forget_environment(self, environment: uuid.UUID) -> None:
        """Drop the events that wait for all receivers of an environment."""
        self._forgotten += 1
        for key in [key for key in self._backlogs if key[0] == environment]:
            self.forget(*key)

    def forget(self, environment: uuid.UUID, callback_id: uuid.UUID) -> None:
        """Drop the events that wait for a receiver."""
        self._forgotten += 1
        backlog = self._backlogs.pop((environment, callback_id), None)
        if backlog is not None and backlog.task is not None:
            backlog.task.cancel()

    async def _dispatch(self) -> None:
        while True:
            environment, service_entity, events = await self._committed.get()
            for callback in await self._callbacks_at_last(environment, service_entity):
                for event in events:
                    if wants(callback, event):
                        self._enqueue(callback, event)

    async def _callbacks_at_last(self, environment: uuid.UUID, service_entity: str) -> Sequence[Callback]:
        """Find the callbacks of a service entity, however long that takes: the events stay in their order."""
        while True:
            try:
                return await self._callbacks(environment, service_entity)
            except Exception as exception:
                log_failure(LOGGER, f"The callbacks of service entity {service_entity} could not be read", exception)
                await asyncio.sleep(INTERVAL.get())

    async def _callbacks(self, environment: uuid.UUID, service_entity: str) -> Sequence[Callback]:
        """Find the callbacks of a service entity, without those that are removed in the meantime."""
        while True:
            forgotten = self._forgotten
            callbacks = await self._find_callbacks(environment, service_entity)
            if forgotten == self._forgotten:
                return callbacks

    def _enqueue(self, callback: Callback, event: ServiceInstanceEvent) -> None:
        backlog = self._backlogs.setdefault((callback.environment, callback.callback_id), _Backlog())
        if backlog.events.full():
            dropped = backlog.events.get_nowait()
            LOGGER.warning("Event %s dropped: %s stays too far behind", dropped.id, masked_url(callback.url))
        backlog.events.put_nowait(event)
        if backlog.task is None or backlog.task.done():
            backlog.task = self._in_background(self._send_all(callback, backlog))

    async def _send_all(self, callback: Callback, backlog: _Backlog) -> None:
        while not backlog.events.empty():
            await self._send(callback, backlog.events.get_nowait())

    async def _send(self, callback: Callback, event: ServiceInstanceEvent) -> None:
        request = HTTPRequest(
            callback.url,
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json_encode(event),
            connect_timeout=self._options.request_timeout,
            request_timeout=self._options.request_timeout,
            # A redirect would have the event sent, with its secrets, to whom nobody chose.
            follow_redirects=False,
            decompress_response=False,
        )
        url = masked_url(callback.url)
        for attempt in range(self._options.max_retries + 1):
            if attempt:
                await asyncio.sleep(self._options.retry_interval)
            LOGGER.info("Sending event %s (%s) to %s: %s", event.id, event.event_type.value, url, request.body.decode())
            try:
                response = await self._http.fetch(request)
            except ForbiddenHostError as forbidden:
                LOGGER.warning("Event %s is not sent to %s: %s", event.id, url, forbidden)
                return
            except Exception as exception:
                # Whatever goes wrong at the other end may go well next time.
                LOGGER.warning("Event %s was not accepted by %s: %r", event.id, url, str(exception))
            else:
                LOGGER.info("Event %s was accepted by %s with status %d", event.id, url, response.code)
                return
        LOGGER.error("Event %s is given up for %s", event.id, url)


def wants(callback: Callback, event: ServiceInstanceEvent) -> bool:
    """
    Whether a callback is about an event.

    :param callback: the callback, of the service entity that the event is about
    """
    if callback.event_types is not None and event.event_type not in callback.event_types:
        return False
    return callback.minimal_log_level is None or event.severity >= LogLevel(callback.minimal_log_level).to_int
