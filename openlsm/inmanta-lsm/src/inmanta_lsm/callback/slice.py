"""The slice of the callbacks: to whom the events of a service are sent."""

import uuid
from typing import override
from urllib.parse import urlsplit

import asyncpg
from inmanta.const import LogLevel
from inmanta.data import Environment
from inmanta.data.model import Environment as EnvironmentModel
from inmanta.protocol import handle
from inmanta.protocol.exceptions import BadRequest, Conflict, NotFound
from inmanta.server import SLICE_DATABASE, SLICE_ENVIRONMENT, SLICE_TRANSPORT
from inmanta.server.protocol import Server, ServerSlice, ServerStartFailure
from inmanta.server.services.environmentlistener import EnvironmentAction, EnvironmentListener
from inmanta.server.services.environmentservice import EnvironmentService

from inmanta_lsm import methods
from inmanta_lsm.callback import options as options
from inmanta_lsm.callback.delivery import Delivery, DeliveryOptions
from inmanta_lsm.callback.hosts import ForbiddenHostError, HostRules
from inmanta_lsm.const import SLICE_CALLBACK, SLICE_LSM_DATABASE, SLICE_SERVICE_INVENTORY
from inmanta_lsm.data import documents
from inmanta_lsm.data.entities import load_entity, lock_catalog
from inmanta_lsm.inventory.slice import ServiceInventorySlice
from inmanta_lsm.model import Callback, EventType
from inmanta_lsm.protocol.masking import masked_url
from inmanta_lsm.protocol.refusals import check_argument, no_entity


class CallbackSlice(ServerSlice, EnvironmentListener):
    """Answers the calls on callbacks, and has the events delivered."""

    def __init__(self) -> None:
        super().__init__(SLICE_CALLBACK)

    @override
    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_LSM_DATABASE, SLICE_ENVIRONMENT, SLICE_SERVICE_INVENTORY]

    @override
    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

    @override
    async def prestart(self, server: Server) -> None:
        await super().prestart(server)
        inventory = server.get_slice(SLICE_SERVICE_INVENTORY)
        assert isinstance(inventory, ServiceInventorySlice)
        environments = server.get_slice(SLICE_ENVIRONMENT)
        assert isinstance(environments, EnvironmentService)
        self.delivery = Delivery(
            callbacks_of,
            DeliveryOptions(options.REQUEST_TIMEOUT.get(), options.MAX_RETRIES.get(), options.RETRY_INTERVAL.get()),
            self.add_background_task,
            host_rules(),
        )
        inventory.engine.add_listener(self.delivery)
        environments.register_listener_for_multiple_actions(self, {EnvironmentAction.cleared, EnvironmentAction.deleted})

    @override
    async def start(self) -> None:
        await super().start()
        self.delivery.start()

    async def environment_action_cleared(self, env: EnvironmentModel) -> None:
        """Drop the events that wait for receivers of an environment that is cleared."""
        self.delivery.forget_environment(env.id)

    async def environment_action_deleted(self, env: EnvironmentModel) -> None:
        """Drop the events that wait for receivers of an environment that is deleted."""
        self.delivery.forget_environment(env.id)

    @handle(methods.lsm_callback_list, env="tid")
    async def lsm_callback_list(self, env: Environment, service_entity: str | None) -> list[Callback]:
        """List the callbacks of an environment, or of one of its service entities."""
        check_argument("service_entity", service_entity)
        return await callbacks_of(env.id, service_entity, with_secrets=False)

    @handle(methods.lsm_callback_create, env="tid")
    async def lsm_callback_create(
        self,
        env: Environment,
        callback_url: str,
        service_entity: str,
        callback_id: uuid.UUID | None,
        minimal_log_level: LogLevel | None,
        event_types: list[EventType] | None,
    ) -> uuid.UUID:
        """Add a callback."""
        check_argument("service_entity", service_entity)
        check_url(callback_url)
        callback = documents.Callback(
            environment=env.id,
            id=callback_id or uuid.uuid4(),
            service_entity=service_entity,
            url=callback_url,
            event_types=None if event_types is None else [event_type.value for event_type in event_types],
            minimal_log_level=None if minimal_log_level is None else minimal_log_level.value,
        )
        try:
            async with Environment.get_connection() as connection, connection.transaction():
                await lock_catalog(connection, env.id, shared=True)
                if await load_entity(connection, env.id, service_entity) is None:
                    raise no_entity(env, service_entity, None)
                await callback.insert(connection=connection)
        except asyncpg.UniqueViolationError as exception:
            raise Conflict(f"There is a callback {callback.id} in environment {env.name}({env.id}) already") from exception
        return callback.id

    @handle(methods.lsm_callback_delete, env="tid")
    async def lsm_callback_delete(self, env: Environment, callback_id: uuid.UUID) -> None:
        """Remove a callback. What waits to be sent to it is dropped."""
        callback = await documents.Callback.get_one(environment=env.id, id=callback_id)
        if callback is None:
            raise NotFound(f"There is no callback {callback_id} in environment {env.name}({env.id})")
        await callback.delete()
        self.delivery.forget(env.id, callback_id)


async def callbacks_of(environment: uuid.UUID, service_entity: str | None, *, with_secrets: bool = True) -> list[Callback]:
    """
    Load the callbacks of a service entity.

    :param service_entity: the name of the service entity, all of them if None
    :param with_secrets: whether the urls have the passwords and tokens that they were given with
    """
    stored = await documents.Callback.get_list(environment=environment)
    return [
        Callback(
            callback_id=callback.id,
            url=callback.url if with_secrets else masked_url(callback.url),
            environment=callback.environment,
            service_entity=callback.service_entity,
            event_types=None if callback.event_types is None else [EventType(name) for name in callback.event_types],
            minimal_log_level=callback.minimal_log_level,
            minimal_log_level_text=callback.minimal_log_level,
        )
        for callback in sorted(stored, key=lambda callback: (callback.service_entity, callback.url, callback.id))
        if service_entity in (None, callback.service_entity)
    ]


def check_url(url: str) -> None:
    """
    Refuse a url to which no event can be sent.

    :raises BadRequest: it is no http or https url with a host
    """
    check_argument("callback_url", url)
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or not url.isprintable() or " " in url:
        raise BadRequest(f"{url!r} is no url to which events can be sent: give an http or https url with a host")
    assert parts.hostname is not None
    try:
        host_rules().check_name(parts.hostname)
    except ForbiddenHostError as forbidden:
        raise BadRequest(f"No event can be sent to {masked_url(url)!r}: {forbidden}") from forbidden


def host_rules() -> HostRules:
    """
    Read which hosts callbacks may reach from the configuration of the server.

    :raises ServerStartFailure: The configuration is wrong.
    """
    try:
        return HostRules.of(options.ALLOWED_HOSTS.get())
    except ValueError as error:
        raise ServerStartFailure(f"Section {options.SECTION}, option {options.ALLOWED_HOSTS.name}: {error}.") from error
