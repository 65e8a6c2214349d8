"""A plan carried out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from inmanta_lsm.model import ServiceInstance
from inmanta_lsm.order.model import OrderState, ServiceOrder

from inmanta_services.client import Client
from inmanta_services.declarations.plan import Plan
from inmanta_services.declarations.steps import CallStep, OrderStep, steps


@dataclass(frozen=True)
class Screen:
    """
    How those who wait see what goes on.

    :ivar order: follows an order until it ended; gets the names of its instances by their id.
    :ivar instance: follows an instance from a version on until it stays where it is; tells whether that is where it should be.
    """

    order: Callable[[ServiceOrder, dict[str, str]], Awaitable[ServiceOrder]]
    instance: Callable[[ServiceInstance, int], Awaitable[bool]]


@dataclass(frozen=True)
class Done:
    """
    A step that ended.

    :ivar order: the order, None for updates that an order cannot do.
    """

    succeeded: bool
    order: ServiceOrder | None = None


async def carry_out(client: Client, plan: Plan, description: str, screen: Screen) -> AsyncIterator[Done]:
    """
    Carry out a plan, step by step. A step that fails is the last one.

    :param client: of the environment.
    :param plan: the plan.
    :param description: what it is for.
    :param screen: shows what goes on.
    """
    for step in steps(plan):
        match step:
            case OrderStep():
                order = await client.orders.create(step.items, description=description)
                ended = await screen.order(order, step.names)
                done = Done(ended.status.state is OrderState.success, ended)
            case CallStep():
                done = Done(await _update(client, step, description, screen))
        yield done
        if not done.succeeded:
            return


async def _update(client: Client, step: CallStep, description: str, screen: Screen) -> bool:
    """
    Update instances one after the other.

    :param step: the updates.
    :return: whether all of them got where they should be.
    """
    for update in step.updates:
        edits = [difference.edit for difference in update.differences]
        await client.inventory.update(update.instance, edits, comment=description or None)
        if not await screen.instance(update.instance, update.instance.version + 1):
            return False
    return True
