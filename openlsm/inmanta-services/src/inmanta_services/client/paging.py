"""Pages of a list that the orchestrator keeps."""

import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

MAXIMUM_LIMIT = 1000
"""The most items that an orchestrator puts on a page."""


@dataclass(frozen=True)
class Cursor:
    """Where a page starts or ends, as the orchestrator gave it out; only good for the same list in the same order."""

    start: str | None = None
    end: str | None = None
    first_id: str | None = None
    last_id: str | None = None

    @classmethod
    def from_link(cls, link: str | None) -> "Cursor | None":
        """:param link: path and query of a page, None when there is no such page."""
        if link is None:
            return None
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        return cls(**{name: query[name][0] for name in ("start", "end", "first_id", "last_id") if name in query})

    def arguments(self) -> dict[str, str | None]:
        """The same, as arguments of a call."""
        return asdict(self)


START = Cursor()
"""The beginning of any list."""


@dataclass(frozen=True)
class Page[T]:
    """
    A part of a list.

    :ivar items: what is on the page.
    :ivar total: how many items the whole list has.
    :ivar before: how many of them come before this page.
    :ivar after: how many of them come after it.
    :ivar previous: the page before, None on the first one.
    :ivar next: the page after, None on the last one.
    """

    items: list[T]
    total: int
    before: int = 0
    after: int = 0
    previous: Cursor | None = None
    next: Cursor | None = None


def page[T](items: list[T], links: Mapping[str, str | None], metadata: Mapping[str, Any]) -> Page[T]:
    """
    Make a page of an answer. An answer without links and metadata is the whole list.

    :param items: what is on it.
    :param links: the links that came with it.
    :param metadata: the counts that came with it.
    """
    return Page(
        items=items,
        total=int(metadata.get("total", len(items))),
        before=int(metadata.get("before", 0)),
        after=int(metadata.get("after", 0)),
        previous=Cursor.from_link(links.get("prev")),
        next=Cursor.from_link(links.get("next")),
    )


async def every[T](read: Callable[[Cursor], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """
    Go through all pages of a list.

    :param read: reads the page at a cursor.
    """
    at: Cursor | None = START
    while at is not None:
        part = await read(at)
        for item in part.items:
            yield item
        at = part.next
