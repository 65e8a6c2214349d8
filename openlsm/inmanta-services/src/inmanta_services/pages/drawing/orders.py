"""The diagram of an order: its items, and which waits for which."""

from collections.abc import Callable

from inmanta_lsm.order.model import OrderItemState, OrderState, ServiceOrder, ServiceOrderItem

from inmanta_services.pages.drawing.graph import Arrow, Box, Graph, Tone

ITEM_TONES = {
    OrderItemState.acknowledged: Tone.NEUTRAL,
    OrderItemState.in_progress: Tone.INFO,
    OrderItemState.completed: Tone.SUCCESS,
    OrderItemState.failed: Tone.DANGER,
}
ORDER_TONES = {
    OrderState.in_progress: Tone.INFO,
    OrderState.success: Tone.SUCCESS,
    OrderState.partial: Tone.WARNING,
    OrderState.failed: Tone.DANGER,
}


def item_name(item: ServiceOrderItem) -> str:
    """
    What people call the instance that an item is about.

    :param item: the item.
    """
    return item.status.service_identity_attribute_value or str(item.instance_id)


def order_graph(order: ServiceOrder, link: Callable[[ServiceOrderItem], str]) -> Graph:
    """
    An order as a diagram: what has to be done first is above.

    :param link: gives where a click on an item leads.
    """
    boxes = [
        Box(
            str(item.instance_id),
            item_name(item),
            note=f"{item.action} {item.service_entity}",
            tone=ITEM_TONES[item.status.state],
            current=item.status.state is OrderItemState.in_progress,
            link=link(item),
        )
        for item in order.service_order_items
    ]
    arrows = [
        Arrow(
            dependency,
            str(item.instance_id),
            failure=state is OrderItemState.failed,
            passed=state is OrderItemState.completed,
            label=f"{item_name(item)} waits for this one, which is {state.replace('_', ' ')}",
        )
        for item in order.service_order_items
        for dependency, state in item.status.direct_dependencies.items()
    ]
    return Graph(boxes, arrows)
