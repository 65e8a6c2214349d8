"""What the module knows about the inventory and the catalog during one compile, and the client it asks."""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from inmanta.plugins import PluginException

# The class is looked up on the module for every new client: test tools replace it there.
from inmanta.protocol import endpoints
from inmanta.protocol.common import Result

LOGGER = logging.getLogger(__name__)

type Instance = dict[str, Any]
"""A service instance as the API returns it (decoded JSON: ids and dates are strings)."""

type Selection = Mapping[str, Sequence[Instance | None]]
"""Instances by name of their service. None entries and duplicates mean nothing."""


class Selector(Protocol):
    """Decides which instances take part in a partial compile."""

    def select_all(self) -> Selection:
        """Select the instances; called once per compile."""


class CacheManager:
    """
    Caches the answers of the LSM API for the duration of one compile.

    Everything is forgotten between two compiles (:meth:`reset`), except the client and the selector factory: both belong to
    the python process, not to a compile.
    """

    def __init__(self) -> None:
        self._client: endpoints.SyncClient | None = None
        self._selector_factory: Callable[..., Selector] | None = None
        self._clear()

    def _clear(self) -> None:
        self._listed: dict[tuple[str, str], list[Instance]] = {}
        self._by_id: dict[tuple[str, str], Instance | None] = {}
        self._definitions: dict[tuple[str, str, int], Mapping[str, Any] | None] = {}
        self._selection: Selection | None = None

    def get_client(self) -> endpoints.SyncClient:
        """The client for all calls to the LSM API; one object for the life of the process."""
        if self._client is None:
            self._client = endpoints.SyncClient("compiler")
        return self._client

    def reset(self) -> None:
        """Forget everything that belongs to a compile; client and selector factory stay."""
        self._clear()

    def get_all_instances(self, env: str | uuid.UUID, service_entity_name: str) -> list[Instance]:
        """
        All instances of a service that are not terminated, asked for once per compile.

        :param env: id of the environment
        :param service_entity_name: name of the service in the catalog
        :raises PluginException: the server refused to answer
        """
        key = (str(env), service_entity_name)
        if key not in self._listed:
            result = self.get_client().lsm_services_list(tid=env, service_entity=service_entity_name)
            if result.code == 404:
                LOGGER.warning("Service %s is not in the catalog of environment %s: it has no instances.", *reversed(key))
                self._listed[key] = []
            else:
                instances = data_of(result, f"The instances of service {service_entity_name} could not be listed")
                self._listed[key] = [self._known(env, instance) for instance in instances if not instance.get("deleted")]
        return list(self._listed[key])

    def get_instance(
        self,
        env: str | uuid.UUID,
        service_entity_name: str | None,
        instance_id: str | uuid.UUID,
        include_terminated: bool = False,
    ) -> Instance | None:
        """
        One service instance, or None when there is no such instance.

        :param env: id of the environment
        :param service_entity_name: name of its service in the catalog; None: look it up by id alone
        :param instance_id: id of the instance
        :param include_terminated: whether to return the instance when it is terminated
        :raises PluginException: the server refused to answer
        """
        key = (str(env), str(instance_id))
        if key not in self._by_id and service_entity_name is not None:
            self.get_all_instances(env, service_entity_name)
        if key not in self._by_id and (service_entity_name is None or include_terminated):
            result = self.get_client().lsm_services_get_by_id(tid=env, service_id=instance_id)
            self._by_id[key] = (
                None if result.code == 404 else data_of(result, f"Service instance {instance_id} could not be read")
            )
        instance = self._by_id.get(key)
        if instance is None or (instance.get("deleted") and not include_terminated):
            return None
        if service_entity_name is not None and instance["service_entity"] != service_entity_name:
            return None
        return instance

    def set_selector_factory(self, factory: Callable[..., Selector]) -> None:
        """
        Choose which instances take part in partial compiles.

        :param factory: called once per partial compile with the keywords `env` and `requested_instances`, usually a subclass
            of :class:`inmanta_plugins.lsm.partial.SelectorAPI`. Stays registered for all later compiles of this process.
        """
        self._selector_factory = factory

    def cached_instance(self, env: str, instance_id: str) -> Instance | None:
        """
        The instance when it was read before in this compile and is not terminated; never calls the server.

        :param env: id of the environment
        :param instance_id: id of the instance
        """
        instance = self._by_id.get((env, instance_id))
        return None if instance is None or instance.get("deleted") else instance

    def get_definition(self, env: str, service_entity_name: str, version: int) -> Mapping[str, Any] | None:
        """
        The definition of one version of a service in the catalog (decoded JSON), None when there is none.

        :param env: id of the environment
        :param service_entity_name: name of the service in the catalog
        :param version: service entity version
        :raises PluginException: the server refused to answer
        """
        key = (env, service_entity_name, version)
        if key not in self._definitions:
            client = self.get_client()
            result = client.lsm_service_catalog_get_entity_version(tid=env, service_entity=service_entity_name, version=version)
            if result.code != 200:
                # Servers without versioned services do not have the endpoint above.
                result = client.lsm_service_catalog_get_entity(tid=env, service_entity=service_entity_name)
            self._definitions[key] = (
                None
                if result.code == 404
                else data_of(result, f"Version {version} of service {service_entity_name} could not be read from the catalog")
            )
        return self._definitions[key]

    def get_selection(
        self, env: str, requested_instances: Sequence[str], default_factory: Callable[..., Selector]
    ) -> Selection:
        """
        The instances that take part in this partial compile, by service; selected once per compile.

        :param env: id of the environment
        :param requested_instances: ids of the instances the compile was started for
        :param default_factory: makes the selector when no factory was registered
        """
        if self._selection is None:
            factory = self._selector_factory or default_factory
            self._selection = factory(env=env, requested_instances=requested_instances).select_all()
        return self._selection

    def _known(self, env: str | uuid.UUID, instance: Instance) -> Instance:
        """The one dict that stands for this instance in this compile, so that a write is seen by whoever read it before."""
        key = (str(env), str(instance["id"]))
        known = self._by_id.get(key)
        if known is None:
            self._by_id[key] = known = instance
        return known


def data_of(result: Result[Any], failure: str) -> Any:
    """
    The data of an answer of the API.

    :param result: the answer
    :param failure: what did not work, for the error message; a sentence without full stop
    :raises PluginException: the answer is not 200; tells code and message of the server
    """
    if result.code != 200:
        raise PluginException(f"{failure}: the server answered {result.code}{_message(result)}.")
    return (result.result or {}).get("data")


def _message(result: Result[Any]) -> str:
    message = (result.result or {}).get("message")
    return f" ({message})" if message else ""


global_cache = CacheManager()
