"""The data model of orders, as it travels over the API."""

import datetime
import uuid
from enum import StrEnum
from typing import Annotated, Any, Literal

from inmanta.data.model import BaseModel
from pydantic import Discriminator, Field, Tag

from inmanta_lsm.model.edit import PatchCallEdit
from inmanta_lsm.model.lifecycle import StateLabel


class OrderState(StrEnum):
    """How far an order is: in progress, or how its items ended."""

    success = "success"
    failed = "failed"
    partial = "partial"
    in_progress = "in_progress"


class OrderItemState(StrEnum):
    """How far an item of an order is."""

    acknowledged = "acknowledged"
    in_progress = "in_progress"
    completed = "completed"
    failed = "failed"


class OrderItemAction(StrEnum):
    """What an item of an order does with its instance."""

    create = "create"
    update = "update"
    delete = "delete"


class OrderItemFailureType(StrEnum):
    """Why an item of an order failed."""

    INVALID_ORDER_ITEM = "INVALID_ORDER_ITEM"
    VALIDATION_COMPILE_FAILED = "VALIDATION_COMPILE_FAILED"
    EXECUTION_FAILED = "EXECUTION_FAILED"
    EXECUTION_SKIPPED = "EXECUTION_SKIPPED"
    INCONCLUSIVE = "INCONCLUSIVE"


class WritableServiceOrderItem(BaseModel):
    """
    What every requested item of an order has.

    :param instance_id: the id of the instance, chosen by the client when the item creates it
    :param config: configuration options of the lifecycle to set on the instance
    :param metadata: what to store with the instance
    """

    instance_id: uuid.UUID
    service_entity: str
    config: dict[str, bool] | None = None
    metadata: dict[str, str] | None = None


class CreateWritableServiceOrderItem(WritableServiceOrderItem):
    """
    Create an instance.

    :param attributes: the attributes of the new instance
    """

    action: Literal[OrderItemAction.create] = OrderItemAction.create
    attributes: dict[str, Any]


class UpdateWritableServiceOrderItem(WritableServiceOrderItem):
    """
    Update the attributes of an instance.

    :param edits: the changes, applied in this order
    """

    action: Literal[OrderItemAction.update] = OrderItemAction.update
    edits: list[PatchCallEdit]


class DeleteWritableServiceOrderItem(WritableServiceOrderItem):
    """Delete an instance."""

    action: Literal[OrderItemAction.delete] = OrderItemAction.delete


def _action_of(item: object) -> str:
    """Tell which kind of item a request is about, so that its mistakes are those of one kind and not of three."""
    fields = item if isinstance(item, dict) else vars(item) if isinstance(item, BaseModel) else {}
    action = fields.get("action")
    if action is None:
        # The action may be left out where what is asked for tells it.
        action = "create" if "attributes" in fields else "update" if "edits" in fields else "delete"
    return str(action)


WritableServiceOrderItemTypes = Annotated[
    Annotated[CreateWritableServiceOrderItem, Tag("create")]
    | Annotated[UpdateWritableServiceOrderItem, Tag("update")]
    | Annotated[DeleteWritableServiceOrderItem, Tag("delete")],
    Discriminator(
        _action_of,
        custom_error_type="unknown_action",
        custom_error_message="The action of an item of an order is create, update or delete",
    ),
]


class ServiceOrderItemStatus(BaseModel):
    """
    How far an item of an order is, or how it ended.

    :param reason: why the item failed
    :param direct_dependencies: the state of the items this one waits for, by instance id
    :param validation_compile_id: the compile that validated the instance, if there was one
    :param instance_state_label: the label of the state the instance is in
    """

    state: OrderItemState
    failure_type: OrderItemFailureType | None = None
    reason: str | None = None
    direct_dependencies: dict[str, OrderItemState] = Field(default_factory=dict)
    validation_compile_id: uuid.UUID | None = None
    instance_state_label: StateLabel | None = None
    service_identity_attribute_value: str | None = None
    service_identity_display_name: str | None = None


class ServiceOrderItem(BaseModel):
    """
    An item of an order, as requested, with its status.

    :param attributes: the attributes of an instance to create, null otherwise
    :param edits: the changes of an instance to update, null otherwise
    """

    instance_id: uuid.UUID
    service_entity: str
    action: OrderItemAction
    config: dict[str, bool] = Field(default_factory=dict)
    attributes: dict[str, Any] | None = None
    edits: list[PatchCallEdit] | None = None
    metadata: dict[str, str] | None = None
    status: ServiceOrderItemStatus


class ServiceOrderStatus(BaseModel):
    """How far an order is, or how it ended."""

    state: OrderState


class ServiceOrder(BaseModel):
    """
    Several changes of service instances that were requested together.

    :param service_order_items: the items, ordered by instance id
    :param completed_at: when the last item ended, None while the order is in progress
    """

    id: uuid.UUID
    environment: uuid.UUID
    description: str = ""
    service_order_items: list[ServiceOrderItem]
    created_at: datetime.datetime
    completed_at: datetime.datetime | None = None
    status: ServiceOrderStatus
