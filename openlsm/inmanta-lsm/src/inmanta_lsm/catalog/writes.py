"""The calls that change the service catalog."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from asyncpg import Connection
from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.exceptions import BadRequest, Conflict
from inmanta.server.extensions import FeatureManager, StringListFeature

from inmanta_lsm import methods
from inmanta_lsm.catalog.contents import Catalog
from inmanta_lsm.catalog.listener import CatalogListener
from inmanta_lsm.catalog.rules.definition import check_definition
from inmanta_lsm.catalog.rules.evolution import check_same_identity, check_states, duplicate_identity, rewritten
from inmanta_lsm.catalog.rules.lifecycle import doubtful_flows
from inmanta_lsm.catalog.rules.versions import plan_versions
from inmanta_lsm.const import SLICE_SERVICE_CATALOG
from inmanta_lsm.data.entities import (
    default_versions,
    delete_entity,
    delete_version,
    insert_entity,
    load_all,
    load_entity,
    lock_catalog,
    replace_entity,
    set_default_version,
)
from inmanta_lsm.data.evolution import live_instances, refresh_computed, store_sets, versions_in_use
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.model import ServiceEntity, ServiceEntityVersions
from inmanta_lsm.protocol.refusals import check_argument, check_config, no_entity, violation_is_bad_request

LOGGER = logging.getLogger(__name__)

SUPPORTED_LIFECYCLES = StringListFeature(
    slice=SLICE_SERVICE_CATALOG,
    name="supported_lifecycles",
    description="The names of the lifecycles that service entities may have.",
)


class CatalogWrites:
    """Answers the calls that change the catalog, for the slice of the catalog to inherit from."""

    listeners: list[CatalogListener]
    feature_manager: FeatureManager

    @handle(methods.lsm_service_catalog_create_entity, env="tid")
    async def lsm_service_catalog_create_entity(
        self, env: Environment, service_entity_definition: ServiceEntity
    ) -> ServiceEntity:
        """Add a service entity."""
        entity = self._checked_definition(env, service_entity_definition, {})
        async with catalog_transaction(env) as connection:
            if await load_all(connection, env.id, entity.name):
                raise Conflict(f"There is a service entity {entity.name} in environment {env.name}({env.id}) already.")
            await insert_entity(connection, entity)
            await set_default_version(connection, env.id, entity.name, entity.version)
        return (await Catalog.load(env, entity.name)).get(entity.name, entity.version)

    @handle(methods.lsm_service_catalog_update_entity, env="tid")
    async def lsm_service_catalog_update_entity(
        self,
        env: Environment,
        service_entity: str,
        service_entity_definition: ServiceEntity,
        allow_instance_updates: bool,
        **kwargs: object,
    ) -> ServiceEntity:
        """Replace the definition of a service entity without versions."""
        if kwargs:
            LOGGER.debug("Ignoring the unknown flags %s of an update of service entity %s", sorted(kwargs), service_entity)
        check_argument("service_entity", service_entity)
        if service_entity_definition.name != service_entity:
            raise BadRequest(
                f"The definition is named {service_entity_definition.name}, it cannot replace service entity {service_entity}."
            )
        async with catalog_transaction(env) as connection:
            stored = await load_all(connection, env.id, service_entity)
            if not stored:
                raise no_entity(env, service_entity, None)
            if len(stored) > 1 or stored[0].version != 0 or service_entity_definition.version != 0:
                raise BadRequest(
                    f"Service entity {service_entity} has versions, which cannot be changed. Only version 0 can be changed, as"
                    " long as it is the only one."
                )
            entity = self._checked_definition(env, service_entity_definition, stored[0].config)
            if plan_versions(service_entity, stored, [entity], 0).changed:
                # What an expert forced on an instance is no reason to refuse the definition that is in force already.
                await replace_definition(connection, stored[0], entity, allow_instance_updates=allow_instance_updates)
        self._changed(env, service_entity)
        return (await Catalog.load(env, service_entity)).get(service_entity, 0)

    @handle(methods.lsm_service_catalog_update_entity_versions, env="tid")
    async def lsm_service_catalog_update_entity_versions(
        self,
        env: Environment,
        service_entity: str,
        service_entity_definitions: list[ServiceEntity],
        default_version: int,
    ) -> ServiceEntityVersions:
        """Set the versions of a service entity."""
        check_argument("service_entity", service_entity)
        async with catalog_transaction(env) as connection:
            stored = await load_all(connection, env.id, service_entity)
            configs = {entity.version: entity.config for entity in stored}
            wanted = [
                self._checked_definition(env, entity, configs.get(entity.version, {})) for entity in service_entity_definitions
            ]
            with violation_is_bad_request():
                changes = plan_versions(service_entity, stored, wanted, default_version)
            in_use = changes.removed & await versions_in_use(connection, env.id, service_entity)
            if in_use:
                raise BadRequest(
                    f"Version {min(in_use)} of service entity {service_entity} cannot be removed because it still has service"
                    " instances. Migrate them to another version first."
                )
            stored_by_version = {entity.version: entity for entity in stored}
            for entity in changes.changed:
                await replace_definition(connection, stored_by_version[entity.version], entity, allow_instance_updates=True)
            for entity in changes.added:
                await insert_entity(connection, entity)
            await set_default_version(connection, env.id, service_entity, default_version)
            for version in changes.removed:
                await delete_version(connection, env.id, service_entity, version)
        self._changed(env, service_entity)
        return (await Catalog.load(env, service_entity)).versions(service_entity)

    @handle(methods.lsm_service_catalog_delete_entity, env="tid")
    async def lsm_service_catalog_delete_entity(self, env: Environment, service_entity: str) -> None:
        """Remove a service entity."""
        check_argument("service_entity", service_entity)
        async with catalog_transaction(env) as connection:
            if not await load_all(connection, env.id, service_entity):
                raise no_entity(env, service_entity, None)
            if await versions_in_use(connection, env.id, service_entity):
                raise BadRequest(
                    f"Cannot delete service entity {service_entity} of environment {env.id} because it still has service"
                    " instances."
                )
            await delete_entity(connection, env.id, service_entity)

    @handle(methods.lsm_service_catalog_delete_entity_version, env="tid")
    async def lsm_service_catalog_delete_entity_version(self, env: Environment, service_entity: str, version: int) -> None:
        """Remove one version of a service entity."""
        check_argument("service_entity", service_entity)
        async with catalog_transaction(env) as connection:
            if await load_entity(connection, env.id, service_entity, version) is None:
                raise no_entity(env, service_entity, version)
            if (await default_versions(connection, env.id))[service_entity] == version:
                raise BadRequest(
                    f"Cannot delete version {version} of service entity {service_entity}: it is the default version. Make"
                    " another version the default one, or delete the service entity."
                )
            if version in await versions_in_use(connection, env.id, service_entity):
                raise BadRequest(
                    f"Cannot delete version {version} of service entity {service_entity} because it still has service"
                    " instances."
                )
            await delete_version(connection, env.id, service_entity, version)

    @handle(methods.lsm_service_catalog_set_config, env="tid")
    async def lsm_service_catalog_set_config(
        self, env: Environment, service_entity: str, values: dict[str, bool]
    ) -> dict[str, bool]:
        """Set options for a service entity."""
        return await self._set_config(env, service_entity, None, values)

    @handle(methods.lsm_service_catalog_set_entity_version_config, env="tid")
    async def lsm_service_catalog_set_entity_version_config(
        self, env: Environment, service_entity: str, version: int, values: dict[str, bool]
    ) -> dict[str, bool]:
        """Set options for one version of a service entity."""
        return await self._set_config(env, service_entity, version, values)

    async def _set_config(
        self, env: Environment, service_entity: str, version: int | None, values: Mapping[str, bool]
    ) -> dict[str, bool]:
        check_argument("service_entity", service_entity)
        async with catalog_transaction(env) as connection:
            stored = await load_entity(connection, env.id, service_entity, version)
            if stored is None:
                raise no_entity(env, service_entity, version)
            check_config(stored, values)
            entity = stored.model_copy(update={"config": {**stored.config, **values}})
            if entity.config != stored.config:
                await replace_entity(connection, entity)
                await refresh_computed(connection, entity)
        if entity.config != stored.config:
            self._changed(env, service_entity)
        return edges.options(entity)

    def _changed(self, env: Environment, service_entity: str) -> None:
        for listener in self.listeners:
            listener.catalog_changed(env.id, service_entity)

    def _checked_definition(self, env: Environment, definition: ServiceEntity, config: Mapping[str, bool]) -> ServiceEntity:
        """
        Check a definition that a client sent, and make of it what is stored.

        :param config: The options that were set for what the definition replaces. Those that its lifecycle lacks are dropped.
        :raises BadRequest: the definition breaks a rule
        """
        with violation_is_bad_request():
            check_definition(definition)
        lifecycle = definition.lifecycle
        if not self.feature_manager.contains(SUPPORTED_LIFECYCLES, lifecycle.name):
            raise BadRequest(f"Service entity {definition.name}: lifecycle {lifecycle.name} is not supported by this server.")
        for sentence in doubtful_flows(lifecycle):
            LOGGER.warning("Service entity %s: %s", definition.name, sentence)
        options = edges.options(definition)
        return definition.model_copy(
            update={
                "environment": env.id,
                "config": {name: value for name, value in config.items() if name in options},
                "instance_summary": None,
            }
        )


@asynccontextmanager
async def catalog_transaction(env: Environment) -> AsyncIterator[Connection]:
    """A transaction in which nobody else uses the definitions of an environment."""
    async with Environment.get_connection() as connection, connection.transaction():
        await lock_catalog(connection, env.id, shared=False)
        yield connection


async def replace_definition(
    connection: Connection, stored: ServiceEntity, entity: ServiceEntity, *, allow_instance_updates: bool
) -> None:
    """
    Replace the definition of a service entity, and make its instances fit.

    :param connection: in a transaction in which nobody else uses the definitions
    :param entity: the service entity that replaces it
    :param allow_instance_updates: whether the attribute sets of instances may change
    :raises BadRequest: the definition does not fit the instances, or it changes them and may not
    :raises Conflict: a service identity is added that does not tell the instances apart
    """
    instances = await live_instances(connection, entity.environment, entity.name, entity.version)
    with violation_is_bad_request():
        check_same_identity(stored, entity)
        check_states(entity, instances)
        # In a thread: there may be many instances, and the server has other things to do.
        changed = await asyncio.to_thread(rewritten, entity, instances, allow=allow_instance_updates)
    new_sets = {instance.id: instance for instance in changed}
    duplicate = duplicate_identity(entity, [new_sets.get(instance.id, instance) for instance in instances])
    if duplicate is not None:
        raise Conflict(
            f"Service entity {entity.name}: several service instances have {entity.service_identity} {duplicate}, so it cannot"
            " identify them."
        )
    await replace_entity(connection, entity)
    await store_sets(connection, entity.environment, changed)
    await refresh_computed(connection, entity)
