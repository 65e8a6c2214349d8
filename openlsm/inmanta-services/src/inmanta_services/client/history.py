"""What happened to an instance, and how its resources are."""

from collections.abc import AsyncIterator, Mapping, Sequence

from inmanta_lsm.diagnose.model import FullDiagnosis
from inmanta_lsm.model import Resource, ServiceInstance, ServiceInstanceEvent, ServiceInstanceLog

from inmanta_services.client.calls import EnvironmentCalls
from inmanta_services.client.paging import MAXIMUM_LIMIT, START, Cursor, Page, every


class History:
    """What happened to an instance, and how its resources are."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def log(self, instance: ServiceInstance, *, since: int = 1) -> list[ServiceInstanceLog]:
        """
        The versions that an instance had, in their order, with the events that led to each.

        :param instance: the instance.
        :param since: the first version to tell.
        """
        return await self._calls.call(
            list[ServiceInstanceLog],
            "lsm_service_log_list",
            service_entity=instance.service_entity,
            service_id=instance.id,
            sort="version.asc",
            filter={"version": [f"ge:{since}"]},
        )

    async def events(
        self,
        instance: ServiceInstance,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: str = "timestamp.desc",
        limit: int = 50,
        at: Cursor = START,
    ) -> Page[ServiceInstanceEvent]:
        """
        A page of the events of an instance.

        :param instance: the instance.
        :param filters: which of them, by ``source``, ``destination``, ``version``, ``event_type`` or ``timestamp``.
        :param sort: ``timestamp.desc`` or ``timestamp.asc``.
        :param limit: how many at most.
        :param at: which page.
        """
        return await self._calls.page(
            ServiceInstanceEvent,
            "lsm_services_events_list",
            service_entity=instance.service_entity,
            service_id=instance.id,
            filter={name: list(values) for name, values in (filters or {}).items()} or None,
            sort=sort,
            limit=limit,
            **at.arguments(),
        )

    def all_events(
        self,
        instance: ServiceInstance,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: str = "timestamp.desc",
    ) -> AsyncIterator[ServiceInstanceEvent]:
        """
        All events of an instance, read page by page.

        :param instance: the instance.
        :param filters: which of them.
        :param sort: ``timestamp.desc`` or ``timestamp.asc``.
        """

        async def read(at: Cursor) -> Page[ServiceInstanceEvent]:
            return await self.events(instance, filters=filters, sort=sort, limit=MAXIMUM_LIMIT, at=at)

        return every(read)

    async def resources(self, instance: ServiceInstance) -> list[Resource]:
        """
        The resources of an instance.

        :param instance: as it is.
        :raises ConflictError: when it is another version by now.
        """
        return await self._calls.call(
            list[Resource],
            "lsm_services_resources_list",
            service_entity=instance.service_entity,
            service_id=instance.id,
            current_version=instance.version,
        )

    async def diagnose(self, instance: ServiceInstance, *, lookbehind: int = 1, version: int | None = None) -> FullDiagnosis:
        """
        What went wrong with an instance.

        :param instance: the instance.
        :param lookbehind: how many versions to look back.
        :param version: from which version, the current one when None.
        """
        return await self._calls.call(
            FullDiagnosis,
            "lsm_services_diagnose",
            service_entity=instance.service_entity,
            service_id=instance.id,
            version=version,
            rejection_lookbehind=lookbehind,
            failure_lookbehind=lookbehind,
        )
