"""The calls that read the service catalog."""

from typing import Any

from inmanta.data import Environment
from inmanta.protocol import handle

from inmanta_lsm import methods
from inmanta_lsm.attributes.schema import editing_schema
from inmanta_lsm.catalog.contents import Catalog
from inmanta_lsm.data.instance_counts import count_states
from inmanta_lsm.model import ServiceEntity, ServiceEntityVersions


class CatalogReads:
    """Answers the calls that read the catalog, for the slice of the catalog to inherit from."""

    @handle(methods.lsm_service_catalog_list, env="tid")
    async def lsm_service_catalog_list(self, env: Environment, instance_summary: bool) -> list[ServiceEntity]:
        """Get the default version of every service entity."""
        catalog = await Catalog.load(env)
        if not instance_summary:
            return [catalog.default(name) for name in catalog.names]
        async with Environment.get_connection() as connection:
            counts = await count_states(connection, env.id)
        return [catalog.with_summary(catalog.default(name), counts.get(name, {})) for name in catalog.names]

    @handle(methods.lsm_service_catalog_get_entity, env="tid")
    async def lsm_service_catalog_get_entity(
        self, env: Environment, service_entity: str, instance_summary: bool, version: int | None
    ) -> ServiceEntity:
        """Get a service entity."""
        catalog = await Catalog.load(env, service_entity)
        entity = catalog.get(service_entity, version)
        if not instance_summary:
            return entity
        async with Environment.get_connection() as connection:
            counts = await count_states(connection, env.id, service_entity)
        return catalog.with_summary(entity, counts.get(service_entity, {}))

    @handle(methods.lsm_service_catalog_get_schema, env="tid")
    async def lsm_service_catalog_get_schema(self, env: Environment, service_entity: str) -> dict[str, Any]:
        """Get the JSON schema of the attributes of a body that creates or edits an instance."""
        return editing_schema((await Catalog.load(env, service_entity)).get(service_entity))

    @handle(methods.lsm_service_catalog_get_config, env="tid")
    async def lsm_service_catalog_get_config(self, env: Environment, service_entity: str) -> dict[str, bool]:
        """Get the options of a service entity."""
        return (await Catalog.load(env, service_entity)).get(service_entity).config

    @handle(methods.lsm_service_catalog_list_versions, env="tid")
    async def lsm_service_catalog_list_versions(self, env: Environment) -> list[ServiceEntityVersions]:
        """Get all versions of every service entity."""
        catalog = await Catalog.load(env)
        return [catalog.versions(name) for name in catalog.names]

    @handle(methods.lsm_service_catalog_get_entity_versions, env="tid")
    async def lsm_service_catalog_get_entity_versions(self, env: Environment, service_entity: str) -> ServiceEntityVersions:
        """Get all versions of a service entity."""
        return (await Catalog.load(env, service_entity)).versions(service_entity)

    @handle(methods.lsm_service_catalog_get_entity_version, env="tid")
    async def lsm_service_catalog_get_entity_version(
        self, env: Environment, service_entity: str, version: int
    ) -> ServiceEntity:
        """Get one version of a service entity."""
        return (await Catalog.load(env, service_entity)).get(service_entity, version)

    @handle(methods.lsm_service_catalog_get_entity_version_schema, env="tid")
    async def lsm_service_catalog_get_entity_version_schema(
        self, env: Environment, service_entity: str, version: int
    ) -> dict[str, Any]:
        """Get the JSON schema of the attributes of a body that creates or edits an instance of one version."""
        return editing_schema((await Catalog.load(env, service_entity)).get(service_entity, version))

    @handle(methods.lsm_service_catalog_get_entity_version_config, env="tid")
    async def lsm_service_catalog_get_entity_version_config(
        self, env: Environment, service_entity: str, version: int
    ) -> dict[str, bool]:
        """Get the options of one version of a service entity."""
        return (await Catalog.load(env, service_entity)).get(service_entity, version).config
