"""The orders of an environment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from inmanta_services.pages.drawing.orders import ORDER_TONES
from inmanta_services.pages.frame import frame
from inmanta_services.pages.listing import Listing
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit


async def show(visit: Visit, query: Mapping[str, Sequence[str]]) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param query: of the address of the page.
    """
    listing = replace(Listing.parse(query, ["created_at"]), states=(), text="", deleted=False)

    async def read() -> Markup:
        page = await visit.client.orders.page(sort=listing.sort, limit=listing.limit, at=listing.at)
        return render(
            "orders.html", places=visit.places, page=page, listing=listing, tones=ORDER_TONES, base=visit.places.orders
        )

    trail = [("Overview", visit.places.overview), ("Orders", None)]
    with frame("Orders", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, read)
