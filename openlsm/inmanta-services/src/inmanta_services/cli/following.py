"""Instances and orders on the screen, until they are where they should be or something went wrong."""

import asyncio
import uuid
from collections.abc import Collection, Mapping

from inmanta_lsm.model import Lifecycle, ServiceInstance
from inmanta_lsm.order.model import OrderItemState, OrderState, ServiceOrder, ServiceOrderItem
from rich.console import Console

from inmanta_services.board import Board, Row, board
from inmanta_services.cli.application import FAILED
from inmanta_services.cli.output import Output, console
from inmanta_services.client import Client
from inmanta_services.errors import ServicesError
from inmanta_services.explanation import explain_diagnosis
from inmanta_services.lookup import entity_of
from inmanta_services.naming import name_of
from inmanta_services.watching import Moment, follow, follow_order

_WAITS = {OrderItemState.acknowledged: "others", OrderItemState.in_progress: "the orchestrator"}


async def show(
    client: Client,
    output: Output,
    instance: ServiceInstance,
    *,
    until: Collection[str] = (),
    since: int = 1,
    timeout: float | None = None,
) -> int:
    """
    Show an instance on its way.

    :param client: of the environment.
    :param output: where to.
    :param instance: the instance.
    :param until: the states to wait for; when there are none, until it stays where it is.
    :param since: the first of its versions to show.
    :param timeout: seconds that it may take.
    :return: exit code.
    :raises ServicesError: when it takes longer.
    """
    lifecycle = (await entity_of(client, instance)).lifecycle
    unknown = set(until) - {state.name for state in lifecycle.states}
    if unknown:
        raise ServicesError(f"{instance.service_entity} has no state {', '.join(sorted(unknown))}: {_states(lifecycle)}.")
    with board(_screen(output)) as rows:
        try:
            async with asyncio.timeout(timeout):
                last = await _show(client, rows, instance, lifecycle, until, since)
        except TimeoutError:
            raise ServicesError(f"{name_of(instance)} did not get there within {timeout:g} s.") from None
    if last.outcome:
        return 0
    # What was wrong before is none of the reasons.
    diagnosis = await client.history.diagnose(instance, lookbehind=max(1, last.version - since))
    console(stderr=True).print(f"{name_of(instance)} is {last.state}.\n{explain_diagnosis(diagnosis)}", soft_wrap=True)
    return FAILED


async def _show(
    client: Client, rows: Board, instance: ServiceInstance, lifecycle: Lifecycle, until: Collection[str], since: int
) -> Moment:
    """
    Show the way of an instance.

    :return: its end.
    """
    row = rows.add(instance.service_entity, instance.service_identity_attribute_value or str(instance.id))
    last = Moment(instance.version, instance.state, "", is_new=False)
    async for last in follow(client, instance, lifecycle, until=until, since=since):
        if last.is_new:
            rows.reached(row, last.state, last.waiting)
        else:
            rows.waits_for(row, last.waiting)
    return last


async def show_order(
    client: Client,
    output: Output,
    order: uuid.UUID,
    names: Mapping[str, str] | None = None,
    *,
    timeout: float | None = None,
) -> ServiceOrder:
    """
    Show an order on its way.

    :param client: of the environment.
    :param output: where to.
    :param order: its id.
    :param names: the names of its instances by their id, where they are known.
    :param timeout: seconds that it may take.
    :return: the order when it ended.
    :raises ServicesError: when it takes longer.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _show_order(client, output, order, names or {})
    except TimeoutError:
        raise ServicesError(f"Order {order} did not end within {timeout:g} s; it goes on.") from None


async def _show_order(client: Client, output: Output, order: uuid.UUID, names: Mapping[str, str]) -> ServiceOrder:
    """As :func:`show_order`, without a limit."""
    last: ServiceOrder | None = None
    with board(_screen(output)) as rows:
        shown: dict[uuid.UUID, Row] = {}
        async for last in follow_order(client, order):
            for item in last.service_order_items:
                row = shown.get(item.instance_id) or rows.add(f"{item.action} {item.service_entity}", _key_of(item, names))
                shown[item.instance_id] = row
                if not row.states or row.states[-1][0] != item.status.state:
                    rows.reached(row, item.status.state, _WAITS.get(item.status.state, ""))
    assert last is not None, "an order is read at least once"
    return last


def failures_of(order: ServiceOrder, names: Mapping[str, str]) -> list[str]:
    """
    Why the items of an order failed.

    :param order: the order.
    :param names: the names of its instances by their id.
    """
    return [
        f"{item.action} {names.get(str(item.instance_id), str(item.instance_id))}: "
        f"{item.status.failure_type}: {item.status.reason or 'without a reason'}"
        for item in order.service_order_items
        if item.status.state is OrderItemState.failed
    ]


def exit_code_of(order: ServiceOrder) -> int:
    """
    The exit code that an order ends a command with.

    :param order: the order.
    """
    return FAILED if order.status.state in (OrderState.failed, OrderState.partial) else 0


def _key_of(item: ServiceOrderItem, names: Mapping[str, str]) -> str:
    """
    What an item calls its instance among those of the service.

    :param item: the item.
    :param names: the names of instances by their id.
    """
    name = names.get(str(item.instance_id))
    return name.partition("/")[2] if name else item.status.service_identity_attribute_value or str(item.instance_id)


def _screen(output: Output) -> Console:
    """
    Where to show what goes on: where results go when people read them, else where they do not get in between.

    :param output: of the command.
    """
    return output.console if output.is_for_people else console(stderr=True)


def _states(lifecycle: Lifecycle) -> str:
    return "it has " + ", ".join(state.name for state in lifecycle.states)
