"""The service catalog."""

from typing import Any

from inmanta_lsm.model import ServiceEntity, ServiceEntityVersions

from inmanta_services.client.calls import EnvironmentCalls


class Catalog:
    """The services of an environment."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def all(self, *, summary: bool = False) -> list[ServiceEntity]:
        """
        The default version of every service, ordered by name.

        :param summary: whether to count the instances of each.
        """
        return await self._calls.call(list[ServiceEntity], "lsm_service_catalog_list", instance_summary=summary)

    async def get(self, service: str, *, summary: bool = False, version: int | None = None) -> ServiceEntity:
        """
        A service.

        :param service: its name.
        :param summary: whether to count its instances.
        :param version: the version of its definition, the default one when None.
        """
        return await self._calls.call(
            ServiceEntity, "lsm_service_catalog_get_entity", service_entity=service, instance_summary=summary, version=version
        )

    async def versions(self, service: str) -> ServiceEntityVersions:
        """
        All versions of the definition of a service.

        :param service: its name.
        """
        return await self._calls.call(ServiceEntityVersions, "lsm_service_catalog_get_entity_versions", service_entity=service)

    async def schema(self, service: str) -> dict[str, Any]:
        """
        The JSON schema of the attributes that an instance is created with.

        :param service: its name.
        """
        return await self._calls.call(dict[str, Any], "lsm_service_catalog_get_schema", service_entity=service)

    async def config(self, service: str) -> dict[str, bool]:
        """
        The switches of the lifecycle that were set.

        :param service: its name.
        """
        return await self._calls.call(dict[str, bool], "lsm_service_catalog_get_config", service_entity=service)

    async def set_config(self, service: str, values: dict[str, bool]) -> dict[str, bool]:
        """
        Set switches of the lifecycle; those that are not named stay as they are.

        :param service: its name.
        :param values: by the name of the switch.
        :return: all that are set then.
        """
        return await self._calls.call(dict[str, bool], "lsm_service_catalog_set_config", service_entity=service, values=values)

    async def create(self, service: ServiceEntity) -> ServiceEntity:
        """
        Add a service. Usually the orchestrator does so itself, see :meth:`export`.

        :param service: its definition.
        """
        return await self._calls.call(ServiceEntity, "lsm_service_catalog_create_entity", service_entity_definition=service)

    async def delete(self, service: str) -> None:
        """
        Remove a service that has no instances.

        :param service: its name.
        """
        await self._calls.call(object, "lsm_service_catalog_delete_entity", service_entity=service)

    async def export(self, *, update: bool = True) -> None:
        """
        Have the orchestrator fill the catalog from its project. That takes two compiles, see :mod:`~.compiles`.

        :param update: whether the project and its modules are brought up to date first.
        """
        await self._calls.call(object, "lsm_export_service_definition", force_update=update)
