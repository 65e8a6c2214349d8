"""The compiles of an environment, and one of them with what it printed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inmanta.data.model import CompileReport
from markupsafe import Markup

from inmanta_services.pages.drawing.graph import Tone
from inmanta_services.pages.frame import frame
from inmanta_services.pages.listing import Listing
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit

_NEWEST_FIRST = "requested.desc"


def outcome(report: CompileReport) -> tuple[str, Tone]:
    """
    How a compile is doing: in a word, and what its colour says.

    :param report: the compile.
    """
    if report.completed is None:
        return ("waits", Tone.NEUTRAL) if report.started is None else ("runs", Tone.INFO)
    return ("succeeded", Tone.SUCCESS) if report.success else ("failed", Tone.DANGER)


async def show(visit: Visit, query: Mapping[str, Sequence[str]]) -> None:
    """
    The page of all compiles.

    :param visit: who looks at which environment.
    :param query: of the address of the page.
    """
    parsed = Listing.parse(query, ["requested"])
    listing = replace(parsed, states=(), text="", deleted=False)

    async def read() -> Markup:
        sort = listing.sort if listing.direction("requested") else _NEWEST_FIRST
        page = await visit.client.compiles.page(sort=sort, limit=listing.limit, at=listing.at)
        return render(
            "compiles.html", places=visit.places, page=page, listing=listing, outcome=outcome, base=visit.places.compiles
        )

    trail = [("Overview", visit.places.overview), ("Compiles", None)]
    with frame("Compiles", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, read)


async def show_one(visit: Visit, compile_: uuid.UUID) -> None:
    """
    The page of one compile.

    :param visit: who looks at which environment.
    :param compile_: its id.
    """

    async def read() -> Markup:
        report = await visit.client.compiles.get(compile_)
        errors = report.compile_data.errors if report.compile_data else []
        return render("compile.html", report=report, outcome=outcome(report), errors=errors)

    trail = [("Overview", visit.places.overview), ("Compiles", visit.places.compiles), (str(compile_), None)]
    with frame("Compile", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, read)
