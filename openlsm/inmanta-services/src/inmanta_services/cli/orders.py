"""Commands about orders."""

import uuid
from collections.abc import Iterator, Sequence

import click
from inmanta_lsm.order.model import OrderItemState, OrderState, ServiceOrder
from rich.console import RenderableType
from rich.text import Text

from inmanta_services.cli import following
from inmanta_services.cli.application import speaks
from inmanta_services.cli.instances import TIMEOUT
from inmanta_services.cli.main import main
from inmanta_services.cli.output import Output, facts, moment, table, title
from inmanta_services.client import Client
from inmanta_services.client.paging import MAXIMUM_LIMIT

_STYLES = {
    OrderState.success: "green",
    OrderState.failed: "red",
    OrderState.partial: "yellow",
    OrderState.in_progress: "blue",
    OrderItemState.acknowledged: "",
    OrderItemState.in_progress: "blue",
    OrderItemState.completed: "green",
    OrderItemState.failed: "red",
}


@main.command()
@click.argument("order_id", metavar="[ORDER]", required=False, type=click.UUID)
@click.option("--watch", is_flag=True, help="Follow the order until all its items ended.")
@click.option("--limit", type=click.IntRange(1, MAXIMUM_LIMIT), default=20, show_default=True, help="How many of the latest.")
@TIMEOUT
@speaks
async def order(
    client: Client, output: Output, order_id: uuid.UUID | None, watch: bool, limit: int, timeout: float | None
) -> int | None:
    """List the latest orders, or show one: its items, what each waits for, and why it failed."""
    if order_id is None:
        latest = (await client.orders.page(limit=limit)).items
        output.tell(latest, lambda: _list(latest))
        return None
    if watch:
        await following.show_order(client, output, order_id, timeout=timeout)
    found = await client.orders.get(order_id)
    output.tell(found, lambda: _details(found))
    return following.exit_code_of(found) if watch else None


def _list(orders: Sequence[ServiceOrder]) -> RenderableType:
    rows = [
        (
            moment(listed.created_at),
            Text(listed.status.state, style=_STYLES[listed.status.state]),
            str(len(listed.service_order_items)),
            listed.description,
            str(listed.id),
        )
        for listed in orders
    ]
    return table(("created", "state", "items", "description", "id"), rows, empty="There is no order yet.")


def _details(found: ServiceOrder) -> Iterator[RenderableType]:
    yield facts(
        [
            ("order", str(found.id)),
            ("description", found.description),
            ("state", Text(found.status.state, style=_STYLES[found.status.state])),
            ("created", moment(found.created_at)),
            ("completed", moment(found.completed_at)),
        ]
    )
    yield title("Items")
    names = {
        str(item.instance_id): item.status.service_identity_attribute_value or str(item.instance_id)
        for item in found.service_order_items
    }
    rows = [
        (
            item.action,
            f"{item.service_entity}/{names[str(item.instance_id)]}",
            Text(item.status.state, style=_STYLES[item.status.state]),
            ", ".join(names.get(key, key) for key in item.status.direct_dependencies),
            "" if item.status.failure_type is None else f"{item.status.failure_type}: {item.status.reason or ''}",
        )
        for item in found.service_order_items
    ]
    yield table(("action", "instance", "state", "after", "reason"), rows)
