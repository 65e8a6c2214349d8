"""The orders in which the instances of a service can be listed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

from inmanta.data import (
    PRIMITIVE_SQL_TYPES,
    AbstractDatabaseOrderV2,
    ColumnNameStr,
    ColumnType,
    DateTimeColumn,
    InvalidSort,
    OptionalStringColumn,
    PagingOrder,
    PositiveIntColumn,
    StringColumn,
    UUIDColumn,
)
from inmanta.data.model import PagingBoundaries

IDENTITY_COLUMN = ColumnNameStr("service_identity_attribute_value")
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True)
class ServiceIdentity:
    """
    The attribute that identifies the instances of a service.

    :param is_number: whether its values are numbers
    """

    name: str
    is_number: bool


class NumberInText(ColumnType):
    """
    A column of text that is ordered by the numbers it holds.

    What is no number, as an expert can force it, is like no value.
    """

    def __init__(self) -> None:
        super().__init__(base_type=int, nullable=True)

    @override
    def get_value(self, value: object) -> PRIMITIVE_SQL_TYPES | None:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise ValueError(f"{value} is no number")
        return super().get_value(value)

    @override
    def get_accessor(self, column_name: str, table_prefix: str | None = None) -> str:
        column = super().get_accessor(column_name, table_prefix)
        return f"(CASE WHEN {column} ~ '^{_NUMBER.pattern}$' THEN {column}::numeric END)"

    @override
    def coalesce_to_min(self, value_reference: str) -> str:
        return f"COALESCE({value_reference}, '-Infinity'::numeric)"


class InstanceOrder(AbstractDatabaseOrderV2):
    """The orders in which instances can be listed."""

    def __init__(self, order_by_column: ColumnNameStr, order: PagingOrder, identity: ServiceIdentity | None = None) -> None:
        """
        :param order_by_column: the column to sort by
        :param order: the direction
        :param identity: the attribute that was asked for by its name, None if a column was
        """
        super().__init__(order_by_column, order)
        self._identity = identity

    @classmethod
    def of_service(cls, sort: str, identity: ServiceIdentity | None) -> "InstanceOrder":
        """
        Read a sort key. That of the identity is the name of its attribute, unless a column has that name.

        :param sort: ``<key>.asc`` or ``<key>.desc``
        :param identity: what identifies the instances of the service, None if nothing does
        :raises InvalidSort: there is no such key
        """
        key, _, direction = sort.rpartition(".")
        order = PagingOrder.__members__.get(direction.upper())
        is_column = ColumnNameStr(key) in cls.get_valid_sort_columns()
        if identity is not None and key == identity.name and order is not None and not is_column:
            return cls(IDENTITY_COLUMN, order, identity)
        try:
            return cls.parse_from_string(sort)
        except InvalidSort as error:
            keys = sorted({*cls.get_valid_sort_columns(), *([] if identity is None else [identity.name])})
            raise InvalidSort(f"{error.message}, choose from {', '.join(keys)}, each with .asc or .desc") from error

    @classmethod
    @override
    def get_valid_sort_columns(cls) -> dict[ColumnNameStr, ColumnType]:
        return {
            ColumnNameStr("created_at"): DateTimeColumn,
            ColumnNameStr("last_updated"): DateTimeColumn,
            ColumnNameStr("state"): StringColumn,
            ColumnNameStr("id"): UUIDColumn,
            ColumnNameStr("version"): PositiveIntColumn,
            ColumnNameStr("service_entity_version"): PositiveIntColumn,
            IDENTITY_COLUMN: OptionalStringColumn,
        }

    @property
    @override
    def id_column(self) -> tuple[ColumnNameStr, ColumnType]:
        return ColumnNameStr("id"), UUIDColumn

    @override
    def get_order_by_column_type(self) -> ColumnType:
        if self._identity is not None and self._identity.is_number:
            return NumberInText()
        return super().get_order_by_column_type()

    @override
    def get_order_by_column_api_name(self) -> str:
        return super().get_order_by_column_api_name() if self._identity is None else self._identity.name

    @override
    def get_paging_boundaries(self, first: Mapping[str, object], last: Mapping[str, object]) -> PagingBoundaries:
        return super().get_paging_boundaries(self._sortable(first), self._sortable(last))

    @override
    def __str__(self) -> str:
        # What the links of a page ask for.
        return f"{self.get_order_by_column_api_name()}.{self.order.value.lower()}"

    def _sortable(self, row: Mapping[str, object]) -> Mapping[str, object]:
        """A row as it is sorted."""
        value = row[self.order_by_column]
        is_no_number = isinstance(value, str) and not _NUMBER.fullmatch(value)
        if is_no_number and isinstance(self.get_order_by_column_type(), NumberInText):
            return {**row, self.order_by_column: None}
        return row
