"""The list of what happened to a service instance."""

import uuid
from collections.abc import Mapping, Sequence
from typing import override
from urllib.parse import quote

from asyncpg import Record
from inmanta.data import (
    AbstractDatabaseOrderV2,
    ColumnNameStr,
    ColumnType,
    DateTimeColumn,
    QueryFilter,
    QueryType,
    SimpleQueryBuilder,
    UUIDColumn,
)
from inmanta.server.validate_filter import ContainsFilter, DateRangeFilter, Filter

from inmanta_lsm.data import documents
from inmanta_lsm.data.events import to_event
from inmanta_lsm.model import EventType, ServiceInstanceEvent
from inmanta_lsm.protocol.paging import IntFilter, LsmView, Page


class EventOrder(AbstractDatabaseOrderV2):
    """The order of events: by time."""

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {ColumnNameStr("timestamp"): DateTimeColumn}

    @property
    @override
    def id_column(self) -> tuple[ColumnNameStr, ColumnType]:
        return ColumnNameStr("id"), UUIDColumn


class EventTypeFilter(Filter):
    """Selects events by their type, any of those given."""

    field: list[EventType] | None = None

    @override
    def to_query_type(self) -> tuple[QueryType, object] | None:
        return (QueryType.CONTAINS, [event_type.value for event_type in self.field]) if self.field else None


class EventView(LsmView[EventOrder, ServiceInstanceEvent]):
    """The events of an instance."""

    def __init__(self, environment: uuid.UUID, service_entity: str, instance: uuid.UUID, page: Page) -> None:
        self.environment = environment
        self.service_entity = service_entity
        self.instance = instance
        super().__init__(page, EventOrder.parse_from_string)

    @property
    @override
    def allowed_filters(self) -> dict[str, type[Filter]]:
        return {
            "source": ContainsFilter,
            "destination": ContainsFilter,
            "version": IntFilter,
            "event_type": EventTypeFilter,
            "timestamp": DateRangeFilter,
        }

    @override
    def process_filters(self, filter: Mapping[str, Sequence[str]] | None) -> dict[str, QueryFilter]:
        conditions = super().process_filters(filter)
        if "version" in conditions:
            conditions["service_instance_version"] = conditions.pop("version")
        return conditions

    @override
    def get_base_url(self) -> str:
        return f"/lsm/v1/service_inventory/{quote(self.service_entity, safe='')}/{self.instance}/events"

    @override
    def get_base_query(self) -> SimpleQueryBuilder:
        return SimpleQueryBuilder(
            select_clause="SELECT *",
            from_clause=f"FROM {documents.ServiceInstanceEvent.table_name()}",
            filter_statements=["environment = $1", "service_instance_id = $2"],
            values=[self.environment, self.instance],
        )

    @override
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceInstanceEvent]:
        return [to_event(record) for record in records]
