"""Orders of a strict service, whose instances may have a parent."""

import uuid
from collections.abc import Sequence
from typing import Any

from inmanta_lsm.model import EditOperation, InterServiceRelation, PatchCallEdit
from inmanta_lsm.order.model import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderItemAction,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)

from .service_lab import ServiceLab, eventually

PARENT = InterServiceRelation(name="parent", entity_type="vlan", modifier="rw+", lower_limit=0, upper_limit=1)


def create(name: str, instance: uuid.UUID | None = None, **fields: Any) -> CreateWritableServiceOrderItem:
    """An item that creates an instance."""
    attributes = {"name": name} | fields.pop("attributes", {})
    return CreateWritableServiceOrderItem(
        instance_id=instance or uuid.uuid4(),
        service_entity="vlan",
        action=OrderItemAction.create,
        attributes=attributes,
        **fields,
    )


def update(instance: uuid.UUID, **values: Any) -> UpdateWritableServiceOrderItem:
    """An item that replaces attributes of an instance."""
    edits = [
        PatchCallEdit(edit_id=name, operation=EditOperation.replace, target=name, value=value) for name, value in values.items()
    ]
    return UpdateWritableServiceOrderItem(
        instance_id=instance, service_entity="vlan", action=OrderItemAction.update, edits=edits
    )


def delete(instance: uuid.UUID) -> DeleteWritableServiceOrderItem:
    """An item that deletes an instance."""
    return DeleteWritableServiceOrderItem(instance_id=instance, service_entity="vlan", action=OrderItemAction.delete)


class Ordering:
    """Orders of one environment, for a strict service whose instances may have a parent."""

    def __init__(self, lab: ServiceLab) -> None:
        self.lab = lab

    async def submit(self, *items: WritableServiceOrderItemTypes, code: int = 200, **arguments: Any) -> Any:
        """Order something; give the order, or the message of the refusal."""
        return await self.lab.call("lsm_order_create", code=code, service_order_items=list(items), **arguments)

    async def get(self, order: dict[str, Any]) -> dict[str, Any]:
        """Read an order."""
        found: dict[str, Any] = await self.lab.call("lsm_order_get", order_id=order["id"])
        return found

    async def reaches(self, order: dict[str, Any], state: str) -> dict[str, Any]:
        """Wait until an order is in a state."""
        found = order

        async def is_there() -> bool:
            nonlocal found
            found = await self.get(order)
            return bool(found["status"]["state"] == state)

        try:
            await eventually(is_there, state)
        except TimeoutError:
            raise AssertionError(f"the order is {found}") from None
        return found

    async def instance_reaches(self, instance: uuid.UUID, state: str) -> dict[str, Any]:
        """Wait until an instance exists and is in a state."""
        found: dict[str, Any] = {}

        async def is_there() -> bool:
            nonlocal found
            result = await self.lab.client.lsm_services_get_by_id(tid=self.lab.environment, service_id=instance)
            found = (result.result or {}).get("data", {})
            return bool(found.get("state") == state)

        try:
            await eventually(is_there, state)
        except TimeoutError:
            raise AssertionError(f"the instance is {found}") from None
        return found

    async def deploy(self, *instances: uuid.UUID, failing: Sequence[uuid.UUID] = ()) -> None:
        """Send the reports of the handlers, until each of the instances stays where it is."""
        for instance in instances:
            await self.instance_reaches(instance, "creating")
            for _ in range(2):
                await self.lab.report(instance, success=instance not in failing)

    async def up(self, name: str) -> uuid.UUID:
        """Create an instance that is up and stays so."""
        instance = await self.lab.up(name)
        await self.lab.report(instance)
        assert (await self.lab.get(instance))["transfer_context"] == "stable"
        return instance


def item_of(order: dict[str, Any], instance: uuid.UUID) -> dict[str, Any]:
    """The item of an instance."""
    found: dict[str, Any] = next(item for item in order["service_order_items"] if item["instance_id"] == str(instance))
    return found


def states_of(order: dict[str, Any]) -> dict[str, str]:
    """The state of each item, by instance id."""
    return {item["instance_id"]: item["status"]["state"] for item in order["service_order_items"]}
