"""An order: its items, what each waits for, and why it failed."""

import uuid

from markupsafe import Markup

from inmanta_services.pages.drawing.orders import ITEM_TONES, ORDER_TONES, item_name, order_graph
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit


async def show(visit: Visit, order: uuid.UUID) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param order: id of the order.
    """

    async def read() -> Markup:
        found = await visit.client.orders.get(order)
        return render(
            "order.html",
            places=visit.places,
            order=found,
            graph=order_graph(found, lambda item: visit.places.instance(item.service_entity, item.instance_id)),
            names={str(item.instance_id): item_name(item) for item in found.service_order_items},
            order_tones=ORDER_TONES,
            item_tones=ITEM_TONES,
        )

    trail = [("Overview", visit.places.overview), ("Orders", visit.places.orders), (str(order), None)]
    with frame("Order", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, read)
