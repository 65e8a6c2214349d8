"""Lists over the API: pages with links, complete lists, and one clear sentence for a query that makes no sense."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import asyncpg
from inmanta import data
from inmanta.data import APILIMIT, PRIMITIVE_SQL_TYPES, QueryFilter, SimpleQueryBuilder, dataview
from inmanta.data.model import BaseModel, PagingBoundaries
from inmanta.protocol.exceptions import BadRequest
from inmanta.protocol.return_value_meta import ReturnValueWithMeta
from inmanta.server.validate_filter import Filter, InvalidFilter
from inmanta.util import datetime_iso_format
from pydantic import ValidationError

from inmanta_lsm.protocol.text import as_sent

type Boundary = PRIMITIVE_SQL_TYPES | None


class UuidFilter(Filter):
    """Selects rows by exact ids, any of those given."""

    field: list[uuid.UUID] | None = None

    def to_query_type(self) -> tuple[data.QueryType, object] | None:
        """The condition on the column."""
        return (data.QueryType.CONTAINS, self.field) if self.field else None


class IntFilter(Filter):
    """Selects rows by exact numbers, any of those given."""

    field: list[int] | None = None

    def to_query_type(self) -> tuple[data.QueryType, object] | None:
        """The condition on the column."""
        return (data.QueryType.CONTAINS, self.field) if self.field else None


@contextmanager
def bad_query_is_bad_request() -> Iterator[None]:
    """
    Turn what core and the database say about a filter, sort key or boundary they cannot work with into an answer 400.

    :raises BadRequest: the query makes no sense
    """
    try:
        yield
    except (InvalidFilter, data.InvalidSort, data.InvalidQueryParameter, data.InvalidFieldNameException) as error:
        raise BadRequest(error.message) from error
    except asyncpg.DataError as error:
        # Such as a number that is no integer of PostgreSQL, or a NUL character.
        raise BadRequest(f"a value of the query cannot be compared with what is stored: {error}") from error


@dataclass(frozen=True, slots=True)
class Page:
    """
    What a client asks of a list.

    :param sort: ``<key>.asc`` or ``<key>.desc``
    :param limit: size of the page, from 1 to 1000; None is 1000, or no limit where lists can be complete
    :param first_id: with ``start``: the page has only what is greater
    :param last_id: with ``end``: the page has only what is smaller
    :param start: lower boundary in the sort column, exclusive
    :param end: upper boundary in the sort column, exclusive
    :param filter: the values of each filter
    """

    sort: str
    limit: int | None = None
    first_id: Boundary = None
    last_id: Boundary = None
    start: Boundary = None
    end: Boundary = None
    filter: Mapping[str, Sequence[str]] | None = None


class LsmView[Order: data.SingleDatabaseOrder, Dto: BaseModel](dataview.DataView[Order, Dto]):
    """
    A list of the extension.

    To the views of core it adds complete lists, boundaries that are checked before they reach the database, and a ``self`` link
    that leads to the page it is on in both directions.
    """

    def __init__(self, page: Page, parse_sort: Callable[[str], Order], *, complete: bool = False) -> None:
        """
        :param parse_sort: makes the sort order from what the client asks for
        :param complete: whether a request without limit is answered with everything
        """
        with bad_query_is_bad_request():
            order = parse_sort(page.sort)
            super().__init__(
                order=order,
                limit=page.limit,
                first_id=page.first_id,
                last_id=page.last_id,
                start=self._sort_value(order, "start", page.start),
                end=self._sort_value(order, "end", page.end),
                filter={name: [as_sent(value) for value in values] for name, values in (page.filter or {}).items()},
            )
        self.unlimited = complete and page.limit is None

    @staticmethod
    def _sort_value(order: Order, name: str, value: Boundary) -> Boundary:
        """Convert a boundary to the type of the sort column."""
        if value is None:
            return None
        column = order.get_order_by_column_type()
        try:
            if column.base_type is uuid.UUID and isinstance(value, str):
                return uuid.UUID(value)
            return column.get_value(as_sent(value) if isinstance(value, str) else value)
        except (ValueError, OverflowError) as error:
            raise BadRequest(f"{name}={value!r} is no value of sort key {order.get_order_by_column_api_name()}") from error

    def validate_limit(self, limit: int | None) -> int:
        """
        Check the size of a page.

        :param limit: the size that was asked for, None for the greatest
        :raises BadRequest: the size is out of range
        """
        if limit is not None and not 1 <= limit <= APILIMIT:
            raise BadRequest(f"limit must be from 1 to {APILIMIT}, got {limit}")
        return limit or APILIMIT

    def process_filters(self, filter: Mapping[str, Sequence[str]] | None) -> dict[str, QueryFilter]:  # noqa: A002
        """
        Check and convert the filters.

        :param filter: the values of each filter
        :return: the conditions per column
        :raises InvalidFilter: a filter is unknown or has a value that it cannot have
        """
        conditions: dict[str, QueryFilter] = {}
        for name, values in (filter or {}).items():
            filter_type = self.allowed_filters.get(name)
            if filter_type is None:
                raise InvalidFilter(f"there is no filter {name!r}, choose from {', '.join(sorted(self.allowed_filters))}")
            try:
                condition = filter_type.model_validate({"field": values}).to_query_type()
            except ValidationError as error:
                reason = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise InvalidFilter(f"filter {name} cannot have the value {values!r}: {reason}") from error
            if condition is not None:
                conditions[name] = condition
        return conditions

    def clip_to_page(self, query_builder: SimpleQueryBuilder) -> SimpleQueryBuilder:
        """
        Constrain a query to the page that was asked for.

        :param query_builder: the query for the complete list
        """
        query = super().clip_to_page(query_builder)
        if self.unlimited:
            query.limit = None
        return query

    async def execute(self) -> ReturnValueWithMeta[Sequence[Dto]]:
        """
        Read the page, or the complete list.

        :return: the rows; a page comes with links and counts
        :raises BadRequest: the query makes no sense
        """
        with bad_query_is_bad_request():
            if not self.unlimited:
                return await super().execute()
            rows, _ = await self.get_data()
            return ReturnValueWithMeta(response=rows)

    async def prepare_paging_links(self, paging_boundaries: PagingBoundaries, meta: dataview.PagingMetadata) -> dict[str, str]:
        """
        Make the links to this page and those around it.

        :param paging_boundaries: the first and the last row of the page
        :param meta: how much there is before and after the page
        """
        links = await super().prepare_paging_links(paging_boundaries, meta)
        requested = self.requested_page_boundaries
        if requested.has_end():
            # Core's link to the page itself has the lower boundary only.
            end = requested.end
            text = datetime_iso_format(end, tz_aware=True) if isinstance(end, datetime.datetime) else end
            boundary = {"end": text, "last_id": requested.last_id}
            links["self"] += "&" + urlencode({name: value for name, value in boundary.items() if value is not None})
        return links
