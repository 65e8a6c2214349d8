"""The log of a service instance: what it was in each version, with the events that led there."""

import uuid
from collections.abc import Sequence
from typing import override
from urllib.parse import quote

from asyncpg import Record
from inmanta.data import ColumnNameStr, ColumnType, PositiveIntColumn, SimpleQueryBuilder, SingleDatabaseOrder
from inmanta.data.model import PagingBoundaries
from inmanta.server.validate_filter import Filter, IntRangeFilter

from inmanta_lsm.data import documents
from inmanta_lsm.data.events import events_by_version
from inmanta_lsm.data.instances import to_log
from inmanta_lsm.model import ServiceInstanceLog
from inmanta_lsm.protocol.paging import LsmView, Page


class LogOrder(SingleDatabaseOrder):
    """The order of the log: by version."""

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {ColumnNameStr("version"): PositiveIntColumn}


class LogView(LsmView[LogOrder, ServiceInstanceLog]):
    """The log of an instance."""

    def __init__(self, environment: uuid.UUID, service_entity: str, instance: uuid.UUID, page: Page) -> None:
        self.environment = environment
        self.service_entity = service_entity
        self.instance = instance
        super().__init__(page, LogOrder.parse_from_string, complete=True)

    @property
    @override
    def allowed_filters(self) -> dict[str, type[Filter]]:
        return {"version": IntRangeFilter}

    @override
    def get_base_url(self) -> str:
        return f"/lsm/v1/service_inventory/{quote(self.service_entity, safe='')}/{self.instance}/log"

    @override
    def get_base_query(self) -> SimpleQueryBuilder:
        return SimpleQueryBuilder(
            select_clause="SELECT *",
            from_clause=f"FROM {documents.ServiceInstanceLog.table_name()}",
            filter_statements=["environment = $1", "service_instance_id = $2"],
            values=[self.environment, self.instance],
        )

    @override
    async def get_data(self) -> tuple[Sequence[ServiceInstanceLog], PagingBoundaries]:
        entries, boundaries = await super().get_data()
        events = await events_by_version(self.environment, self.instance, [entry.version - 1 for entry in entries])
        for entry in entries:
            entry.events = events.get(entry.version - 1, [])
        return entries, boundaries

    @override
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceInstanceLog]:
        return [to_log(record, []) for record in records]
