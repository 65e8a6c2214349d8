"""The list of the orders of an environment."""

import uuid
from collections.abc import Sequence
from typing import override

from asyncpg import Record
from inmanta.data import AbstractDatabaseOrderV2, ColumnNameStr, ColumnType, DateTimeColumn, SimpleQueryBuilder, UUIDColumn
from inmanta.data.model import PagingBoundaries
from inmanta.server.validate_filter import Filter

from inmanta_lsm.data import documents
from inmanta_lsm.data.orders import load_items_of, to_items, to_order
from inmanta_lsm.model.order import ServiceOrder
from inmanta_lsm.protocol.paging import LsmView, Page


class OrderSort(AbstractDatabaseOrderV2):
    """The order of orders: by the time of their creation."""

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {ColumnNameStr("created_at"): DateTimeColumn}

    @property
    @override
    def id_column(self) -> tuple[ColumnNameStr, ColumnType]:
        return ColumnNameStr("id"), UUIDColumn


class OrderView(LsmView[OrderSort, ServiceOrder]):
    """The orders of an environment."""

    def __init__(self, environment: uuid.UUID, page: Page) -> None:
        self.environment = environment
        super().__init__(page, OrderSort.parse_from_string)

    @property
    @override
    def allowed_filters(self) -> dict[str, type[Filter]]:
        return {}

    @override
    def get_base_url(self) -> str:
        return "/lsm/v2/order"

    @override
    def get_base_query(self) -> SimpleQueryBuilder:
        return SimpleQueryBuilder(
            select_clause="SELECT *",
            from_clause=f"FROM {documents.Order.table_name()}",
            filter_statements=["environment = $1"],
            values=[self.environment],
        )

    @override
    async def get_data(self) -> tuple[Sequence[ServiceOrder], PagingBoundaries]:
        orders, boundaries = await super().get_data()
        items = await load_items_of(self.environment, [order.id for order in orders])
        for order in orders:
            order.service_order_items = to_items(items.get(order.id, []))
        return orders, boundaries

    @override
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceOrder]:
        return [to_order(documents.Order(from_postgres=True, **record), []) for record in records]
