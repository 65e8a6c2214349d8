"""The data model of orders, under its documented import path."""

from inmanta_lsm.model.order import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderItemAction,
    OrderItemFailureType,
    OrderItemState,
    OrderState,
    ServiceOrder,
    ServiceOrderItem,
    ServiceOrderItemStatus,
    ServiceOrderStatus,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)

__all__ = [
    "CreateWritableServiceOrderItem",
    "DeleteWritableServiceOrderItem",
    "OrderItemAction",
    "OrderItemFailureType",
    "OrderItemState",
    "OrderState",
    "ServiceOrder",
    "ServiceOrderItem",
    "ServiceOrderItemStatus",
    "ServiceOrderStatus",
    "UpdateWritableServiceOrderItem",
    "WritableServiceOrderItem",
    "WritableServiceOrderItemTypes",
]
