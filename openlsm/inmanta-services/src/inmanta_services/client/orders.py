"""Orders: changes of several instances at once."""

import uuid
from collections.abc import Sequence

from inmanta_lsm.order.model import ServiceOrder, WritableServiceOrderItemTypes

from inmanta_services.client.calls import EnvironmentCalls
from inmanta_services.client.paging import START, Cursor, Page


class Orders:
    """The orders of an environment."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def create(self, items: Sequence[WritableServiceOrderItemTypes], *, description: str = "") -> ServiceOrder:
        """
        Order changes, which are made in the order that the references between the instances require.

        :param items: the changes, in any order, one an instance.
        :param description: what they are for.
        :return: the order, which has failed already when an item is invalid.
        """
        return await self._calls.call(
            ServiceOrder, "lsm_order_create", service_order_items=list(items), description=description
        )

    async def get(self, order: uuid.UUID) -> ServiceOrder:
        """
        An order.

        :param order: its id.
        """
        return await self._calls.call(ServiceOrder, "lsm_order_get", order_id=order)

    async def page(self, *, sort: str = "created_at.desc", limit: int = 20, at: Cursor = START) -> Page[ServiceOrder]:
        """
        A page of the orders.

        :param sort: ``created_at.desc`` or ``created_at.asc``.
        :param limit: how many at most.
        :param at: which page.
        """
        return await self._calls.page(ServiceOrder, "lsm_order_list", sort=sort, limit=limit, **at.arguments())
