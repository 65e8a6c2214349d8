"""The service inventory."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from inmanta_lsm.model import PatchCallEdit, ServiceInstance

from inmanta_services.client.calls import EnvironmentCalls
from inmanta_services.client.paging import MAXIMUM_LIMIT, START, Cursor, Page, every

NEWEST_FIRST = "created_at.desc"

type Filters = Mapping[str, Sequence[str]]
"""Values by the name of a filter; which ones there are says the documentation of the API."""


class Inventory:
    """The instances of services."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def page(
        self,
        service: str,
        *,
        filters: Filters | None = None,
        sort: str = NEWEST_FIRST,
        limit: int = 20,
        at: Cursor = START,
        progress: bool = False,
        deleted: bool = False,
    ) -> Page[ServiceInstance]:
        """
        A page of the instances of a service.

        :param service: the service.
        :param filters: which of them.
        :param sort: an attribute and ``asc`` or ``desc``, such as ``state.asc``.
        :param limit: how many at most.
        :param at: which page.
        :param progress: whether to tell the progress of their deployment.
        :param deleted: whether to tell those that are deleted, too.
        """
        return await self._calls.page(
            ServiceInstance,
            "lsm_services_list",
            service_entity=service,
            filter={name: list(values) for name, values in (filters or {}).items()} or None,
            sort=sort,
            limit=limit,
            include_deployment_progress=progress,
            include_deleted=deleted,
            **at.arguments(),
        )

    def all(
        self,
        service: str,
        *,
        filters: Filters | None = None,
        sort: str = NEWEST_FIRST,
        progress: bool = False,
        deleted: bool = False,
    ) -> AsyncIterator[ServiceInstance]:
        """
        All instances of a service, read page by page.

        :param service: the service.
        :param filters: which of them.
        :param sort: an attribute and ``asc`` or ``desc``.
        :param progress: whether to tell the progress of their deployment.
        :param deleted: whether to tell those that are deleted, too.
        """

        async def read(at: Cursor) -> Page[ServiceInstance]:
            return await self.page(
                service, filters=filters, sort=sort, limit=MAXIMUM_LIMIT, at=at, progress=progress, deleted=deleted
            )

        return every(read)

    async def get(
        self,
        service: str,
        instance: uuid.UUID,
        *,
        progress: bool = False,
        referenced_by: bool = False,
        metadata: bool = False,
    ) -> ServiceInstance:
        """
        An instance, also one that is deleted.

        :param service: its service.
        :param instance: its id.
        :param progress: whether to tell the progress of its deployment.
        :param referenced_by: whether to tell which instances refer to it.
        :param metadata: whether to tell what clients stored with it.
        """
        return await self._get(service, str(instance), progress, referenced_by, metadata)

    async def by_identity(
        self,
        service: str,
        attribute: str,
        value: str,
        *,
        progress: bool = False,
        referenced_by: bool = False,
        metadata: bool = False,
    ) -> ServiceInstance:
        """
        The instance with an identity, which is not deleted.

        :param service: its service.
        :param attribute: the identity of the service.
        :param value: of that attribute.
        :param progress: whether to tell the progress of its deployment.
        :param referenced_by: whether to tell which instances refer to it.
        :param metadata: whether to tell what clients stored with it.
        """
        return await self._get(service, f"{attribute}={value}", progress, referenced_by, metadata)

    async def by_id(
        self, instance: uuid.UUID, *, progress: bool = False, referenced_by: bool = False, metadata: bool = False
    ) -> ServiceInstance:
        """
        An instance of whatever service, also one that is deleted.

        :param instance: its id.
        :param progress: whether to tell the progress of its deployment.
        :param referenced_by: whether to tell which instances refer to it.
        :param metadata: whether to tell what clients stored with it.
        """
        return await self._calls.call(
            ServiceInstance,
            "lsm_services_get_by_id",
            service_id=instance,
            include_deployment_progress=progress,
            include_referenced_by=referenced_by,
            include_metadata=metadata,
        )

    async def create(
        self,
        service: str,
        attributes: Mapping[str, Any],
        *,
        instance: uuid.UUID | None = None,
        state: str | None = None,
        version: int | None = None,
    ) -> ServiceInstance:
        """
        Create an instance.

        :param service: its service.
        :param attributes: what the user gives.
        :param instance: its id, a random one when None.
        :param state: another initial state than the usual one.
        :param version: the version of the definition of the service, the default one when None.
        """
        return await self._calls.call(
            ServiceInstance,
            "lsm_services_create",
            service_entity=service,
            attributes=dict(attributes),
            service_instance_id=instance,
            initial_state=state,
            service_entity_version=version,
        )

    async def update(self, instance: ServiceInstance, edits: Sequence[PatchCallEdit], *, comment: str | None = None) -> None:
        """
        Update an instance.

        :param instance: as it is.
        :param edits: what to change, in this order, all or nothing.
        :param comment: why.
        """
        await self._change(instance, "lsm_services_patch", patch_id=str(uuid.uuid4()), edit=list(edits), comment=comment)

    async def delete(self, instance: ServiceInstance) -> None:
        """
        Delete an instance, the way its lifecycle provides.

        :param instance: as it is.
        """
        await self._change(instance, "lsm_services_delete")

    async def set_state(self, instance: ServiceInstance, state: str, message: str) -> None:
        """
        Move an instance along an edge of its lifecycle.

        :param instance: as it is.
        :param state: where to.
        :param message: why.
        """
        await self._change(instance, "lsm_services_set_state", target_state=state, message=message)

    async def repair(self, instance: ServiceInstance) -> list[str]:
        """
        Have the resources of an instance deployed once more, whatever is known about them.

        :param instance: the instance.
        :return: the ids of the resources.
        """
        return await self._calls.call(
            list[str], "lsm_services_repair", service_entity=instance.service_entity, service_id=instance.id
        )

    async def config(self, instance: ServiceInstance) -> dict[str, bool]:
        """
        The switches of the lifecycle that were set for an instance.

        :param instance: the instance.
        """
        return await self._calls.call(
            dict[str, bool], "lsm_services_get_config", service_entity=instance.service_entity, service_id=instance.id
        )

    async def set_config(self, instance: ServiceInstance, values: dict[str, bool]) -> None:
        """
        Set switches of the lifecycle for an instance; those that are not named stay as they are.

        :param instance: as it is.
        :param values: by the name of the switch.
        """
        await self._change(instance, "lsm_services_set_config", values=values)

    async def _change(self, instance: ServiceInstance, method: str, **arguments: Any) -> None:
        """
        Call a method that changes an instance, provided that nothing else has changed it.

        :param instance: as it is.
        :param method: the name of the method.
        :param arguments: its other arguments.
        """
        await self._calls.call(
            object,
            method,
            service_entity=instance.service_entity,
            service_id=instance.id,
            current_version=instance.version,
            **arguments,
        )

    async def _get(self, service: str, name: str, progress: bool, referenced_by: bool, metadata: bool) -> ServiceInstance:
        """
        An instance.

        :param service: its service.
        :param name: its id, or its identity and the value of that.
        """
        return await self._calls.call(
            ServiceInstance,
            "lsm_services_get",
            service_entity=service,
            service_id=name,
            include_deployment_progress=progress,
            include_referenced_by=referenced_by,
            include_metadata=metadata,
        )
