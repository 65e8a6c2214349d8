"""Which part of an inventory a page shows, as its address says it: filters, order, and place in the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from inmanta_services.client import Cursor
from inmanta_services.client.inventory import NEWEST_FIRST
from inmanta_services.client.paging import START

LIMITS = (20, 50, 100)
_CURSOR = ("start", "end", "first_id", "last_id")


@dataclass(frozen=True)
class Listing:
    """
    A part of an inventory.

    :ivar states: to be in one of them; empty for any.
    :ivar text: to be in the identity or id; empty for any.
    :ivar sort: a name and ``asc`` or ``desc``.
    :ivar limit: how many instances at most.
    :ivar deleted: whether to show those that are deleted, too.
    :ivar at: which page of the list.
    """

    states: Sequence[str] = ()
    text: str = ""
    sort: str = NEWEST_FIRST
    limit: int = LIMITS[0]
    deleted: bool = False
    at: Cursor = START

    @classmethod
    def parse(cls, query: Mapping[str, Sequence[str]], sortable: Sequence[str]) -> "Listing":
        """
        Read the query of an address. What makes no sense in it is left out.

        :param query: all values by name.
        :param sortable: the names by which the list can be sorted.
        """

        def one(name: str) -> str:
            return (list(query.get(name, ())) or [""])[-1]

        name, _, direction = one("sort").rpartition(".")
        limit = one("limit")
        return cls(
            states=tuple(state for state in query.get("state", ()) if state),
            text=one("text"),
            sort=f"{name}.{direction}" if name in sortable and direction in ("asc", "desc") else NEWEST_FIRST,
            limit=int(limit) if limit in map(str, LIMITS) else LIMITS[0],
            deleted=one("deleted") == "true",
            at=Cursor(**{part: one(part) or None for part in _CURSOR}),
        )

    def query(self) -> str:
        """The query of the address of this part, with its question mark; empty for the usual one."""
        pairs = [("state", state) for state in self.states]
        usual = Listing()
        pairs += [("text", self.text)] if self.text else []
        pairs += [("sort", self.sort)] if self.sort != usual.sort else []
        pairs += [("limit", str(self.limit))] if self.limit != usual.limit else []
        pairs += [("deleted", "true")] if self.deleted else []
        pairs += [(name, value) for name, value in self.at.arguments().items() if value is not None]
        return f"?{urlencode(pairs)}" if pairs else ""

    def filters(self) -> dict[str, list[str]]:
        """The filters, as the orchestrator takes them."""
        filters: dict[str, list[str]] = {}
        if self.states:
            filters["state"] = list(self.states)
        if self.text:
            filters["id_or_service_identity"] = [self.text]
        return filters

    def sorted_by(self, name: str) -> "Listing":
        """
        The same list from its beginning, sorted by something: the other way round when it is sorted by that already.

        :param name: what to sort by.
        """
        return replace(self, sort=f"{name}.{'desc' if self.direction(name) == 'asc' else 'asc'}", at=START)

    def direction(self, name: str) -> str:
        """
        Which way the list is sorted by something.

        :param name: what it may be sorted by.
        :return: ``asc``, ``desc``, or empty when it is sorted by something else.
        """
        by, _, direction = self.sort.rpartition(".")
        return direction if by == name else ""

    def at_cursor(self, cursor: Cursor | None) -> "Listing":
        """
        Another page of the same list.

        :param cursor: the page, None for the first one.
        """
        return replace(self, at=cursor or START)
