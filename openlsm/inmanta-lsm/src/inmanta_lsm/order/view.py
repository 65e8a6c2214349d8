"""The list of the orders of an environment."""

import uuid
from collections.abc import Sequence
from typing import override

from asyncpg import Record
from inmanta.data import AbstractDatabaseOrderV2, ColumnNameStr, ColumnType, DateTimeColumn, SimpleQueryBuilder, UUIDColumn
from inmanta.data.model import PagingBoundaries
from inmanta.server.validate_filter import Filter

from inmanta_lsm.data import documents
from inmanta_lsm.data.orders import load_orders, to_order
from inmanta_lsm.model.order import (
    ServiceOrder,
)
from inmanta_lsm.protocol.paging import Boundary, LsmView, bad_query_is_bad_request


class OrderSort(AbstractDatabaseOrderV2):
    """
    The order of orders: by the time of their creation.
    """

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {ColumnNameStr("created_at"): DateTimeColumn}

    @property
    @override
    def id_column(self) -> tuple[ColumnNameStr, ColumnType]:
        return ColumnNameStr("id"), UUIDColumn


class OrderView(LsmView[OrderSort, ServiceOrder]):
    """
    The orders of an environment.

    :param environment: The environment.
    :param sort: ``created_at.asc`` or ``created_at.desc``.
    """

    def __init__(
        self,
        environment: uuid.UUID,
        *,
        sort: str,
        limit: int | None,
        first_id: Boundary,
        last_id: Boundary,
        start: Boundary,
        end: Boundary,
    ) -> None:
        self.environment = environment
        self._stored: list[documents.Order] = []
        with bad_query_is_bad_request():
            order = OrderSort.parse_from_string(sort)
        super().__init__(order, limit, first_id, last_id, start, end)

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
    def construct_dtos(self, records: Sequence[Record]) -> Sequence[ServiceOrder]:
        self._stored = [documents.Order(from_postgres=True, **record) for record in records]
        return [to_order(order, []) for order in self._stored]

    @override
    async def get_data(self) -> tuple[Sequence[ServiceOrder], PagingBoundaries]:
        _, boundaries = await super().get_data()
        return await load_orders(self._stored), boundaries
