"""Orders in the database."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from asyncpg import Connection

from inmanta_lsm.data import documents
from inmanta_lsm.model import PatchCallEdit
from inmanta_lsm.model.order import (
    OrderItemAction,
    OrderItemState,
    OrderState,
    ServiceOrder,
    ServiceOrderItem,
    ServiceOrderItemStatus,
    ServiceOrderStatus,
)

_ORDER = documents.Order.table_name()
_ITEM = documents.OrderItem.table_name()


async def insert_order(connection: Connection, order: documents.Order, items: Iterable[documents.OrderItem]) -> None:
    """
    Store an order with its items.

    :param connection: in a transaction
    :raises asyncpg.UniqueViolationError: there is an order with this id
    """
    await order.insert(connection=connection)
    for item in items:
        await item.insert(connection=connection)


async def load_orders(orders: Sequence[documents.Order]) -> list[ServiceOrder]:
    """
    Load orders as the API shows them.

    :param orders: the orders, of one environment
    """
    if not orders:
        return []
    items = await load_items_of(orders[0].environment, [order.id for order in orders])
    return [to_order(order, items.get(order.id, [])) for order in orders]


async def load_items_of(
    environment: uuid.UUID, order_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[documents.OrderItem]]:
    """
    Load the items of orders.

    :return: the items by the id of their order, sorted by instance id
    """
    found: Sequence[documents.OrderItem] = await documents.OrderItem.select_query(
        f"SELECT * FROM {_ITEM} WHERE environment = $1 AND order_id = ANY($2) ORDER BY instance_id", [environment, order_ids]
    )
    items: dict[uuid.UUID, list[documents.OrderItem]] = {}
    for item in found:
        items.setdefault(item.order_id, []).append(item)
    return items


async def open_orders(environment: uuid.UUID | None = None) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """
    Load which orders are in progress.

    :param environment: the id of an environment, to load only its orders
    :return: the ids of the environment and of the order of each
    """
    async with documents.Order.get_connection() as connection:
        records = await connection.fetch(
            f"SELECT environment, id FROM {_ORDER} WHERE completed_at IS NULL AND ($1::uuid IS NULL OR environment = $1)"
            " ORDER BY created_at, id",
            environment,
        )
    return [(record["environment"], record["id"]) for record in records]


async def orders_waiting_for(environment: uuid.UUID, instance_id: uuid.UUID) -> list[uuid.UUID]:
    """Load which orders have an item of an instance that is not done yet."""
    async with documents.Order.get_connection() as connection:
        records = await connection.fetch(
            f"SELECT order_id FROM {_ITEM} WHERE environment = $1 AND instance_id = $2"
            " AND state IN ('acknowledged', 'in_progress')",
            environment,
            instance_id,
        )
    return [record["order_id"] for record in records]


async def load_items(environment: uuid.UUID, order_id: uuid.UUID) -> list[documents.OrderItem]:
    """Load the items of an order."""
    return await documents.OrderItem.get_list(
        environment=environment, order_id=order_id, order_by_column="instance_id", order="ASC"
    )


async def finish_order(order: documents.Order, state: OrderState, now: datetime.datetime) -> None:
    """
    Store the end of an order.

    :param state: what it has come to
    :param now: when it ended
    """
    await order.update_fields(state=state.value, completed_at=now)


def to_order(order: documents.Order, items: Sequence[documents.OrderItem]) -> ServiceOrder:
    """
    Make what the API shows of an order.

    :param items: its items, by instance id
    """
    return ServiceOrder(
        id=order.id,
        environment=order.environment,
        description=order.description,
        service_order_items=to_items(items),
        created_at=order.created_at,
        completed_at=order.completed_at,
        status=ServiceOrderStatus(state=OrderState(order.state)),
    )


def to_items(items: Sequence[documents.OrderItem]) -> list[ServiceOrderItem]:
    """
    Make what the API shows of the items of an order.

    :param items: all items of the order, by instance id
    """
    states = {item.instance_id: OrderItemState(item.state) for item in items}
    return [
        ServiceOrderItem(
            instance_id=item.instance_id,
            service_entity=item.service_entity,
            action=OrderItemAction(item.action),
            config=item.config or {},
            attributes=item.attributes,
            edits=requested_edits(item),
            metadata=item.metadata,
            status=item_status(item, states),
        )
        for item in items
    ]


def item_status(item: documents.OrderItem, states: Mapping[uuid.UUID, OrderItemState]) -> ServiceOrderItemStatus:
    """
    Make what the API shows of how far an item is.

    :param states: the states of all items of its order
    """
    return ServiceOrderItemStatus.model_validate(
        {
            "state": item.state,
            "failure_type": item.failure_type,
            "reason": item.reason,
            "direct_dependencies": {str(dependency): states[dependency] for dependency in sorted(item.dependencies)},
            "validation_compile_id": item.validation_compile_id,
            "instance_state_label": item.instance_state_label,
            "service_identity_attribute_value": item.service_identity_attribute_value,
            "service_identity_display_name": item.service_identity_display_name,
        }
    )


def requested_edits(item: documents.OrderItem) -> list[PatchCallEdit] | None:
    """The edits of an item that updates an instance."""
    return None if item.edits is None else [PatchCallEdit(**edit) for edit in item.edits["edits"]]
