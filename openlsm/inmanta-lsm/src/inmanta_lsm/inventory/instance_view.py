"""The list of the instances of a service."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import override
from urllib.parse import quote

from asyncpg import Record
from inmanta.data import PagingOrder, QueryFilter, QueryType, SimpleQueryBuilder
from inmanta.data.dataview import PagingMetadata
from inmanta.data.model import PagingBoundaries
from inmanta.server.validate_filter import BooleanEqualityFilter, ContainsFilter, Filter, IntRangeFilter

from inmanta_lsm.data import documents
from inmanta_lsm.data.instance_counts import count_instances, counted_hour
from inmanta_lsm.data.instances import INSTANCE_COLUMNS, to_instance
from inmanta_lsm.deployment.progress import deployment_progress
from inmanta_lsm.inventory.instance_order import IDENTITY_COLUMN, InstanceOrder, ServiceIdentity
from inmanta_lsm.model import AttributeSetName, ServiceInstance
from inmanta_lsm.protocol.paging import LsmView, Page, UuidFilter


class AttributeSetFilter(Filter):
    """Selects instances by whether attribute sets are empty, all those given."""

    field: list[AttributeSetName] | None = None

    @override
    def to_query_type(self) -> tuple[QueryType, object] | None:
        return (QueryType.EQUALS, self.field) if self.field else None


class InstanceFilter(StrEnum):
    """The filters of the list, besides the one that has the name of the identity attribute."""

    id = "id"
    state = "state"
    deleted = "deleted"
    id_or_service_identity = "id_or_service_identity"
    attribute_set_empty = "attribute_set_empty"
    attribute_set_not_empty = "attribute_set_not_empty"
    service_entity_version = "service_entity_version"


class InstanceView(LsmView[InstanceOrder, ServiceInstance]):
    """The instances of a service entity."""

    def __init__(
        self,
        environment: uuid.UUID,
        service_entity: str,
        identity: ServiceIdentity | None,
        page: Page,
        *,
        include_deleted: bool,
        include_deployment_progress: bool,
    ) -> None:
        """
        :param identity: what identifies its instances: its name is that of a filter and of a sort key then
        :param include_deleted: Whether deleted instances are listed too. Filter ``deleted`` overrules it.
        :param include_deployment_progress: whether the resources of each instance are counted
        """
        self.environment = environment
        self.service_entity = service_entity
        self.service_identity = None if identity is None else identity.name
        self.include_deleted = include_deleted
        self.include_deployment_progress = include_deployment_progress
        super().__init__(page, lambda sort: InstanceOrder.of_service(sort, identity), complete=True)
        self._shown: Sequence[ServiceInstance] = ()
        # What is no comparison of a single column goes into the base query instead.
        self.requested = {name: self.filter.pop(name, (QueryType.EQUALS, None))[1] for name in self._OWN_CONDITIONS}

    _OWN_CONDITIONS = (
        InstanceFilter.deleted,
        InstanceFilter.id_or_service_identity,
        InstanceFilter.attribute_set_empty,
        InstanceFilter.attribute_set_not_empty,
    )

    @property
    @override
    def allowed_filters(self) -> dict[str, type[Filter]]:
        identity: dict[str, type[Filter]] = {} if self.service_identity is None else {self.service_identity: ContainsFilter}
        return identity | {
            InstanceFilter.id: UuidFilter,
            InstanceFilter.state: ContainsFilter,
            InstanceFilter.deleted: BooleanEqualityFilter,
            InstanceFilter.id_or_service_identity: ContainsFilter,
            InstanceFilter.attribute_set_empty: AttributeSetFilter,
            InstanceFilter.attribute_set_not_empty: AttributeSetFilter,
            InstanceFilter.service_entity_version: IntRangeFilter,
        }

    @override
    def process_filters(self, filter: Mapping[str, Sequence[str]] | None) -> dict[str, QueryFilter]:
        conditions = super().process_filters(filter)
        if self.service_identity in conditions and self.service_identity not in list(InstanceFilter):
            conditions[IDENTITY_COLUMN] = conditions.pop(self.service_identity)
        return conditions

    @override
    def get_base_url(self) -> str:
        return f"/lsm/v1/service_inventory/{quote(self.service_entity, safe='')}"

    @override
    def get_extra_url_parameters(self) -> dict[str, str]:
        flags = {
            "include_deleted": self.include_deleted,
            "include_deployment_progress": self.include_deployment_progress,
        }
        return {name: str(value) for name, value in flags.items() if value}

    @override
    def get_base_query(self) -> SimpleQueryBuilder:
        values: list[object] = [self.environment, self.service_entity]
        conditions = ["environment = $1", "service_entity = $2", *self._deleted_condition()]
        conditions += [f"{name} IS NULL OR {name} = '{{}}'" for name in self._sets(InstanceFilter.attribute_set_empty)]
        conditions += [f"{name} <> '{{}}'" for name in self._sets(InstanceFilter.attribute_set_not_empty)]
        parts = self.requested[InstanceFilter.id_or_service_identity]
        if isinstance(parts, list) and all(parts):
            values.append([f"%{_escaped(part)}%" for part in parts])
            conditions.append("id::text ILIKE ANY ($3) OR service_identity_attribute_value ILIKE ANY ($3)")
        return SimpleQueryBuilder(
            select_clause=f"SELECT {INSTANCE_COLUMNS}",
            from_clause=f"FROM {documents.ServiceInstance.table_name()}",
            filter_statements=[f"({condition})" for condition in conditions],
            values=values,
        )

    def _deleted_condition(self) -> list[str]:
        """The condition on deletion. It is spelled out as the indexes spell it, for the planner to see that they apply."""
        match self._deleted():
            case [True]:
                return ["deleted"]
            case [False]:
                return ["NOT deleted"]
            case _:
                return []

    @override
    async def _get_page_count(self, bounds: PagingBoundaries) -> PagingMetadata:
        """
        Count the instances, and those before and after the page.

        Core counts all that are in the list, each time. Here the database knows how many there are, also of those in some
        states, and in the order of their creation also how many came before an hour. Other filters are not known to it.
        """
        if self.filter.keys() - {InstanceFilter.state} or any(
            self.requested[name] for name in self._OWN_CONDITIONS if name is not InstanceFilter.deleted
        ):
            return await super()._get_page_count(bounds)
        requested, shown = self.requested_page_boundaries, len(self._shown)
        is_first = not requested.has_start() and not requested.has_end()
        if not shown and not is_first:
            return await super()._get_page_count(bounds)
        hour = counted_hour(bounds.end) if isinstance(bounds.end, datetime.datetime) and self._is_by_creation else None
        async with documents.ServiceInstance.get_connection() as connection:
            total, less = await count_instances(
                connection, self.environment, self.service_entity, self._deleted(), self._states(), hour
            )
        before = 0
        if not is_first:
            less += await self._count_less(bounds, hour)
            before = less if self.order.get_order() is PagingOrder.ASC else total - less - shown
        # Instances come and go between the queries.
        return PagingMetadata(total, max(0, before), max(0, total - max(0, before) - shown), self.limit)

    async def _count_less(self, bounds: PagingBoundaries, since: datetime.datetime | None) -> int:
        """
        Count the instances that the sort order has below all of the page.

        :param since: leave out what was created before
        """
        query = self.get_base_query()
        query = query.filter(
            *documents.ServiceInstance.get_composed_filter_with_query_types(
                offset=query.offset, col_name_prefix=None, **self.filter
            )
        )
        query = query.filter(*self.order.as_filter(query.offset, bounds.end, bounds.last_id, start=False))
        if since is not None:
            query = query.filter([f"created_at >= ${query.offset}"], [since])
        statement, values = query.select("SELECT count(*) AS instances").build()
        [record] = await documents.ServiceInstance.select_query(statement, values, no_obj=True)
        return int(record["instances"])

    @property
    def _is_by_creation(self) -> bool:
        return self.order.order_by_column == "created_at"

    def _deleted(self) -> list[bool]:
        """Whether instances are listed that are deleted, that are not, or both."""
        match self.requested[InstanceFilter.deleted]:
            case True:
                return [True]
            case None if self.include_deleted:
                return [False, True]
            case _:
                return [False]

    def _states(self) -> list[str] | None:
        """The states in which instances are listed, None if that is any."""
        _, states = self.filter.get(InstanceFilter.state, (QueryType.CONTAINS, None))
        return states if isinstance(states, list) else None

    def _sets(self, name: InstanceFilter) -> list[AttributeSetName]:
        """The attribute sets that a filter is about."""
        sets = self.requested[name]
        return sets if isinstance(sets, list) else []

    @override
    async def get_data(self) -> tuple[Sequence[ServiceInstance], PagingBoundaries]:
        instances, boundaries = await super().get_data()
        self._shown = instances
        if self.include_deployment_progress:
            progress = await deployment_progress(self.environment, [instance.id for instance in instances])
            for instance in instances:
                instance.deployment_progress = progress.get(instance.id)
        return instances, boundaries

    @override
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceInstance]:
        return [to_instance(record) for record in records]


def _escaped(text: str) -> str:
    """The text as a pattern of LIKE that matches only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
