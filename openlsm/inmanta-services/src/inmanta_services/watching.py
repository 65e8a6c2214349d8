"""Instances and orders on their way: what happens to them until they are where they should be, or something went wrong."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from inmanta_lsm.model import Lifecycle, ServiceInstance
from inmanta_lsm.order.model import OrderState, ServiceOrder

from inmanta_services.client import Client
from inmanta_services.lifecycle import failure_states, is_trouble, waiting_for
from inmanta_services.polling import POLL_INTERVAL


@dataclass(frozen=True)
class Moment:
    """
    An instance at some moment on its way.

    :ivar version: the version that it has.
    :ivar state: the state that it is in.
    :ivar waiting: what it waits for, empty when for nothing.
    :ivar is_new: whether it got to that state since the moment before.
    :ivar outcome: how its way ended, None while it goes on.
    """

    version: int
    state: str
    waiting: str
    is_new: bool
    outcome: bool | None = None


async def follow(
    client: Client,
    instance: ServiceInstance,
    lifecycle: Lifecycle,
    *,
    until: Collection[str] = (),
    since: int = 1,
) -> AsyncIterator[Moment]:
    """
    Follow an instance until it is in one of some states, or does not get there any more.

    :param client: of the environment.
    :param instance: the instance.
    :param lifecycle: of its service.
    :param until: the states; when there are none, until it stays where it is.
    :param since: the first of its versions to tell.
    """
    bad = failure_states(lifecycle) - set(until)
    while True:
        log = await client.history.log(instance, since=since)
        # A state that is passed in between two questions counts, too.
        for entry in log:
            since = entry.version + 1
            outcome = True if entry.state in until else False if until and entry.state in bad else None
            waiting = "" if outcome is not None else waiting_for(lifecycle, entry.state, None)
            yield Moment(entry.version, entry.state, waiting, is_new=True, outcome=outcome)
            if outcome is not None:
                return
        now = await client.inventory.get(instance.service_entity, instance.id, progress=True)
        if now.version < since:
            waiting = waiting_for(lifecycle, now.state, now.deployment_progress)
            settled = now.deleted or now.transfer_context == "stable" or not waiting
            ended = (not until and not is_trouble(lifecycle, now.state)) if settled else None
            yield Moment(now.version, now.state, "" if settled else waiting, is_new=False, outcome=ended)
            if settled:
                return
        await asyncio.sleep(POLL_INTERVAL)


async def follow_order(client: Client, order: uuid.UUID) -> AsyncIterator[ServiceOrder]:
    """
    Follow an order until all its items ended.

    :param client: of the environment.
    :param order: its id.
    :return: the order each time that something about it changed.
    """
    last: ServiceOrder | None = None
    while last is None or last.status.state is OrderState.in_progress:
        now = await client.orders.get(order)
        if now != last:
            yield now
        last = now
        if now.status.state is OrderState.in_progress:
            await asyncio.sleep(POLL_INTERVAL)
