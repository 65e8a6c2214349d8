"""The work of a soak: services are created, updated and deleted, one by one and by orders."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from inmanta_embedded import EmbeddedError
from inmanta_lsm.model import EditOperation, PatchCallEdit, ServiceInstance
from inmanta_lsm.order.model import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderState,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)
from inmanta_services import Client, ServicesError

BASIC, CUSTOMER = "BasicService", "ImportantCustomerService"
INSTANCES = 12
"""How many instances there are at most: what a soak is about are changes, not numbers."""

LARGEST_ORDER = 4
"""Items that an order has at most."""

PAUSE = 1.0
"""Seconds between two changes."""


class Work:
    """
    Changes one environment, by chance.

    :ivar done: what was acknowledged, and how often
    """

    def __init__(self, client: Callable[[], Client], chance: random.Random) -> None:
        """
        :param client: gives a client, with the port that the orchestrator has just now
        :param chance: decides what happens
        """
        self._client = client
        self._chance = chance
        self.done: Counter[str] = Counter()

    async def go_on(self, until: float) -> None:
        """
        Work. What is refused or gets no answer is left: the rules are about what was accepted.

        :param until: when to end, by the monotonic clock
        """
        while time.monotonic() < until:
            try:
                self.done[await self._change()] += 1
            except (EmbeddedError, ServicesError, OSError):
                self.done["calls without success"] += 1
            await asyncio.sleep(PAUSE)

    async def _change(self) -> str:
        client = self._client()
        present = [instance for service in (BASIC, CUSTOMER) async for instance in client.inventory.all(service)]
        taken = await self._ordered(client)
        up = [instance for instance in present if instance.state == "up" and instance.id not in taken]
        room = INSTANCES - len({*(instance.id for instance in present), *taken})
        if not up and room <= 0:
            return "looks at instances that are all on their way"
        if self._chance.random() < 0.5:
            return await self._order(client, up, room)
        if room > 0:
            service = self._chance.choice((BASIC, CUSTOMER))
            await client.inventory.create(service, self._attributes(service))
            return "creations"
        instance = self._chance.choice(up)
        if self._chance.random() < 0.5:
            await client.inventory.delete(instance)
            return "deletions"
        await client.inventory.update(instance, [self._edit(instance)])
        return "updates"

    @staticmethod
    async def _ordered(client: Client) -> set[uuid.UUID]:
        """Give the instances that an order is still about: nobody else changes them, so that no order fails for that."""
        orders = (await client.orders.page(limit=100)).items
        open_orders = [order for order in orders if order.status.state is OrderState.in_progress]
        return {item.instance_id for order in open_orders for item in order.service_order_items}

    async def _order(self, client: Client, up: Sequence[ServiceInstance], room: int) -> str:
        """
        Order up to some changes at once. Updates name the new instances, by which they wait for them.

        :param room: how many instances may be created
        """
        creations = [self._creation() for _ in range(min(max(room, 0), self._chance.randint(0, LARGEST_ORDER // 2)))]
        changed = self._chance.sample(up, min(len(up), LARGEST_ORDER - len(creations)))
        waits_for = " ".join(str(item.instance_id) for item in creations)
        items: list[WritableServiceOrderItemTypes] = [
            *creations,
            *(self._update_or_deletion(instance, waits_for) for instance in changed),
        ]
        if not items:
            return "looks at instances that are all on their way"
        await client.orders.create(items, description="soak")
        return f"orders of {len(items)}"

    def _creation(self) -> CreateWritableServiceOrderItem:
        service = self._chance.choice((BASIC, CUSTOMER))
        return CreateWritableServiceOrderItem(
            instance_id=uuid.uuid4(), service_entity=service, attributes=self._attributes(service)
        )

    def _update_or_deletion(self, instance: ServiceInstance, text: str) -> WritableServiceOrderItemTypes:
        if self._chance.random() < 0.4:
            return DeleteWritableServiceOrderItem(instance_id=instance.id, service_entity=instance.service_entity)
        return UpdateWritableServiceOrderItem(
            instance_id=instance.id, service_entity=instance.service_entity, edits=[self._edit(instance, text)]
        )

    def _attributes(self, service: str) -> dict[str, Any]:
        number = self._chance.randrange(2**31)
        if service == BASIC:
            return {"name": f"soak-{number}"}
        return {
            "order_id": f"soak-{number}",
            "documentation": {"customer_reference": "acme"},
            "items": [{"name": f"item-{item}"} for item in range(self._chance.randint(0, 3))],
        }

    def _edit(self, instance: ServiceInstance, text: str = "") -> PatchCallEdit:
        """
        Change the description, or the items of an important customer.

        :param text: what to name in the description
        """
        items = (instance.active_attributes or {}).get("items", [])
        if items and not text and self._chance.random() < 0.5:
            item = self._chance.choice(items)["name"]
            return PatchCallEdit(edit_id="e", operation=EditOperation.remove, target=f"items[name={item}]")
        target = "description" if instance.service_entity == BASIC else "documentation.description"
        value = text or f"changed {self._chance.random()}"
        return PatchCallEdit(edit_id="e", operation=EditOperation.replace, target=target, value=value)
