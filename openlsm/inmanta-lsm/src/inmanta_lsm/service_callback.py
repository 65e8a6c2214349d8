"""
Slice of the callbacks: who hears about the events of a service.
"""

import uuid
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

from inmanta_lsm import callback_options as options
from inmanta_lsm import catalog_store, data, methods
from inmanta_lsm.call_errors import check_text, no_entity
from inmanta_lsm.callback_delivery import Delivery, DeliveryOptions
from inmanta_lsm.callback_hosts import ForbiddenHostError, HostRules
from inmanta_lsm.database import SLICE_LSM_DATABASE
from inmanta_lsm.masking import masked_url
from inmanta_lsm.model import Callback, EventType
from inmanta_lsm.service_inventory import SLICE_SERVICE_INVENTORY, ServiceInventorySlice

SLICE_CALLBACK = "lsm.callback"


class CallbackSlice(ServerSlice, EnvironmentListener):
    """
    Answers the calls on callbacks, and has the events delivered.
    """

    def __init__(self) -> None:
        super().__init__(SLICE_CALLBACK)

    def get_dependencies(self) -> list[str]:
        return [SLICE_DATABASE, SLICE_LSM_DATABASE, SLICE_ENVIRONMENT, SLICE_SERVICE_INVENTORY]

    def get_depended_by(self) -> list[str]:
        return [SLICE_TRANSPORT]

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

    async def start(self) -> None:
        await super().start()
        self.delivery.start()

    async def environment_action_cleared(self, env: EnvironmentModel) -> None:
        """
        Drop the events that wait for receivers of an environment that is cleared.

        :param env: The environment.
        """
        self.delivery.forget_environment(env.id)

    async def environment_action_deleted(self, env: EnvironmentModel) -> None:
        """
        Drop the events that wait for receivers of an environment that is deleted.

        :param env: The environment.
        """
        self.delivery.forget_environment(env.id)

    @handle(methods.lsm_callback_list, env="tid")
    async def lsm_callback_list(self, env: Environment, service_entity: str | None) -> list[Callback]:
        """
        List the callbacks of an environment, or of one of its service entities.
        """
        check_text("service_entity", service_entity)
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
        """
        Add a callback.
        """
        check_text("service_entity", service_entity)
        check_url(callback_url)
        callback = data.Callback(
            environment=env.id,
            id=callback_id or uuid.uuid4(),
            service_entity=service_entity,
            url=callback_url,
            event_types=None if event_types is None else [event_type.value for event_type in event_types],
            minimal_log_level=None if minimal_log_level is None else minimal_log_level.value,
        )
        try:
            async with Environment.get_connection() as connection, connection.transaction():
                await catalog_store.lock_catalog(connection, env.id, shared=True)
                if await catalog_store.load_entity(connection, env.id, service_entity) is None:
                    raise no_entity(env, service_entity, None)
                await callback.insert(connection=connection)
        except asyncpg.UniqueViolationError as exception:
            raise Conflict(f"There is a callback {callback.id} in environment {env.name}({env.id}) already") from exception
        return callback.id

    @handle(methods.lsm_callback_delete, env="tid")
    async def lsm_callback_delete(self, env: Environment, callback_id: uuid.UUID) -> None:
        """
        Remove a callback. What waits to be sent to it is dropped.
        """
        callback = await data.Callback.get_one(environment=env.id, id=callback_id)
        if callback is None:
            raise NotFound(f"There is no callback {callback_id} in environment {env.name}({env.id})")
        await callback.delete()
        self.delivery.forget(env.id, callback_id)


async def callbacks_of(environment: uuid.UUID, service_entity: str | None, *, with_secrets: bool = True) -> list[Callback]:
    """
    Load the callbacks of a service entity.

    :param environment: The id of the environment.
    :param service_entity: The name of the service entity, all of them if None.
    :param with_secrets: Whether the urls have the passwords and tokens that they were given with.
    """
    stored = await data.Callback.get_list(environment=environment)
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

    :param url: The url.
    :raises BadRequest: It is no http or https url with a host.
    """
    check_text("callback_url", url)
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
