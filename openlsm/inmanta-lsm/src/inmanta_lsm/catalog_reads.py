"""
The read side of the service catalog.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from inmanta.data import Environment
from inmanta.protocol import handle

from inmanta_lsm import catalog_store, edges, methods
from inmanta_lsm.attributes import editing_schema
from inmanta_lsm.call_errors import check_text, no_entity
from inmanta_lsm.model import Lifecycle, ServiceEntity, ServiceEntityVersions
from inmanta_lsm.summary import StateCounts, count_states, summarize


class CatalogReads:
    """
    Answers the calls that read the catalog, for the slice of the catalog to inherit from.
    """

    @handle(methods.lsm_service_catalog_list, env="tid")
    async def lsm_service_catalog_list(self, env: Environment, instance_summary: bool) -> list[ServiceEntity]:
        """
        Get the default version of every service entity.
        """
        catalog = await Catalog.load(env)
        counts = await count_states(env.id) if instance_summary else {}
        return [
            catalog.with_summary(catalog.default(name), counts.get(name, {})) if instance_summary else catalog.default(name)
            for name in catalog.names
        ]

    @handle(methods.lsm_service_catalog_get_entity, env="tid")
    async def lsm_service_catalog_get_entity(
        self, env: Environment, service_entity: str, instance_summary: bool, version: int | None
    ) -> ServiceEntity:
        """
        Get a service entity.
        """
        catalog = await Catalog.load(env, service_entity)
        entity = catalog.get(service_entity, version)
        if not instance_summary:
            return entity
        counts = await count_states(env.id, service_entity)
        return catalog.with_summary(entity, counts.get(service_entity, {}))

    @handle(methods.lsm_service_catalog_get_schema, env="tid")
    async def lsm_service_catalog_get_schema(self, env: Environment, service_entity: str) -> dict[str, Any]:
        """
        Get the JSON schema of the attributes of a body that creates or edits an instance.
        """
        return editing_schema((await Catalog.load(env, service_entity)).get(service_entity))

    @handle(methods.lsm_service_catalog_get_config, env="tid")
    async def lsm_service_catalog_get_config(self, env: Environment, service_entity: str) -> dict[str, bool]:
        """
        Get the options of a service entity.
        """
        return (await Catalog.load(env, service_entity)).get(service_entity).config

    @handle(methods.lsm_service_catalog_list_versions, env="tid")
    async def lsm_service_catalog_list_versions(self, env: Environment) -> list[ServiceEntityVersions]:
        """
        Get all versions of every service entity.
        """
        catalog = await Catalog.load(env)
        return [catalog.versions(name) for name in catalog.names]

    @handle(methods.lsm_service_catalog_get_entity_versions, env="tid")
    async def lsm_service_catalog_get_entity_versions(self, env: Environment, service_entity: str) -> ServiceEntityVersions:
        """
        Get all versions of a service entity.
        """
        return (await Catalog.load(env, service_entity)).versions(service_entity)

    @handle(methods.lsm_service_catalog_get_entity_version, env="tid")
    async def lsm_service_catalog_get_entity_version(
        self, env: Environment, service_entity: str, version: int
    ) -> ServiceEntity:
        """
        Get one version of a service entity.
        """
        return (await Catalog.load(env, service_entity)).get(service_entity, version)

    @handle(methods.lsm_service_catalog_get_entity_version_schema, env="tid")
    async def lsm_service_catalog_get_entity_version_schema(
        self, env: Environment, service_entity: str, version: int
    ) -> dict[str, Any]:
        """
        Get the JSON schema of the attributes of a body that creates or edits an instance of one version.
        """
        return editing_schema((await Catalog.load(env, service_entity)).get(service_entity, version))

    @handle(methods.lsm_service_catalog_get_entity_version_config, env="tid")
    async def lsm_service_catalog_get_entity_version_config(
        self, env: Environment, service_entity: str, version: int
    ) -> dict[str, bool]:
        """
        Get the options of one version of a service entity.
        """
        return (await Catalog.load(env, service_entity)).get(service_entity, version).config


class Catalog:
    """
    The service entities of an environment, at one moment.

    :param env: The environment.
    :param entities: The service entities, in all versions.
    :param defaults: The default version by the name of the service entity.
    """

    def __init__(self, env: Environment, entities: Iterable[ServiceEntity], defaults: Mapping[str, int]) -> None:
        self._env = env
        self._defaults = defaults
        self._entities = {(entity.name, entity.version): entity for entity in entities}

    @classmethod
    async def load(cls, env: Environment, name: str | None = None) -> "Catalog":
        """
        Load the service entities of an environment.

        :param env: The environment.
        :param name: The name of a service entity, to load only that one.
        """
        check_text("service_entity", name)
        async with (
            Environment.get_connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            owned = await catalog_store.owned_entities(connection, env.id)
            entities = [
                entity.model_copy(update={"owned_entities": owned.get(entity.name, []), "config": edges.options(entity)})
                for entity in await catalog_store.load_all(connection, env.id, name)
            ]
            return cls(env, entities, await catalog_store.default_versions(connection, env.id))

    @property
    def names(self) -> list[str]:
        """
        The names of the service entities, sorted.
        """
        return sorted(self._defaults)

    def default(self, name: str) -> ServiceEntity:
        """
        The default version of a service entity.

        :param name: The name of the service entity, which exists.
        """
        return self._entities[name, self._defaults[name]]

    def get(self, name: str, version: int | None = None) -> ServiceEntity:
        """
        A version of a service entity.

        :param name: The name of the service entity.
        :param version: The version, the default one if None.
        :raises NotFound: There is no such service entity, or no such version of it.
        """
        wanted = self._defaults.get(name) if version is None else version
        entity = None if wanted is None else self._entities.get((name, wanted))
        if entity is None:
            raise no_entity(self._env, name, version)
        return entity

    def versions(self, name: str) -> ServiceEntityVersions:
        """
        All versions of a service entity.

        :param name: The name of the service entity.
        :raises NotFound: There is no such service entity.
        """
        default = self.get(name).version
        versions = [entity for (owner, _), entity in sorted(self._entities.items()) if owner == name]
        return ServiceEntityVersions(versions=versions, default_version=default)

    def with_summary(self, entity: ServiceEntity, counts: StateCounts) -> ServiceEntity:
        """
        A service entity with the number of its instances, of all versions.

        :param entity: The service entity.
        :param counts: The number of instances per state.
        """
        others = (version.lifecycle for version in self.versions(entity.name).versions if version is not entity)
        lifecycles: list[Lifecycle] = [entity.lifecycle, *others]
        return entity.model_copy(update={"instance_summary": summarize(lifecycles, counts)})
