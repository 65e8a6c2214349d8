"""What is checked before an order is accepted: an order with an invalid item fails at once, and nothing of it is executed."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Connection
from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest, BaseHttpException

from inmanta_lsm.attributes.changes import apply_edits, complete_for_create
from inmanta_lsm.attributes.sets import AttributeSets, identity_value
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.data import documents
from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.data.instances import find_instance, is_identity_taken
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.model.order import (
    CreateWritableServiceOrderItem,
    DeleteWritableServiceOrderItem,
    OrderItemFailureType,
    OrderItemState,
    UpdateWritableServiceOrderItem,
    WritableServiceOrderItemTypes,
)
from inmanta_lsm.order.plan import PlannedItem, dependencies, in_cycle, order_state
from inmanta_lsm.protocol.refusals import check_config

REFUSAL_PREFIXES = (
    "Invalid request",
    "Request or referenced resource does not exist",
    "Request conflicts with the current state of the resource",
)

IN_CYCLE = "The item waits for itself, directly or by way of others: the instances refer to each other."


class InvalidItemError(Exception):
    """An item that cannot be executed. The text says why."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """
    What is known about the items of an order.

    :param waits_for: the items that each item waits for
    :param invalid: why items cannot be executed, by their instance id
    :param entities: the service entity of each item that has one
    :param identities: the value that identifies the instance of an item to people
    """

    waits_for: Mapping[uuid.UUID, set[uuid.UUID]]
    invalid: Mapping[uuid.UUID, str]
    entities: Mapping[uuid.UUID, ServiceEntity]
    identities: Mapping[uuid.UUID, str | None]


class ItemChecker:
    """Checks the items of one order."""

    def __init__(self, connection: Connection, env: Environment) -> None:
        """:param connection: in a transaction in which the catalog does not change"""
        self._connection = connection
        self._env = env
        self._identities: dict[uuid.UUID, str | None] = {}
        self._entities: dict[uuid.UUID, ServiceEntity] = {}
        self._new_identities: dict[tuple[str, str], uuid.UUID] = {}

    async def check(self, items: Sequence[WritableServiceOrderItemTypes]) -> Acceptance:
        """Check all items, and find out in which order they are executed."""
        invalid: dict[uuid.UUID, str] = {}
        planned: list[PlannedItem] = []
        for item in items:
            instance = await find_instance(self._connection, self._env.id, item.instance_id)
            planned.append(
                PlannedItem(
                    item.instance_id,
                    item.action,
                    requested=_requested(item),
                    stored=[] if instance is None else _stored(instance),
                )
            )
            try:
                await self._check_item(item, instance)
            except InvalidItemError as error:
                invalid[item.instance_id] = str(error)
            except RuleViolationError as violation:
                invalid[item.instance_id] = str(violation)
            except BaseHttpException as refusal:
                invalid[item.instance_id] = sentence_of(refusal)
        waits_for = dependencies(planned)
        for instance_id in in_cycle(waits_for):
            invalid.setdefault(instance_id, IN_CYCLE)
        return Acceptance(waits_for, invalid, self._entities, self._identities)

    async def _check_item(self, item: WritableServiceOrderItemTypes, instance: Instance | None) -> None:
        version = None if instance is None else instance.service_entity_version
        entity = await load_entity(self._connection, self._env.id, item.service_entity, version)
        if instance is not None and instance.service_entity != item.service_entity:
            raise InvalidItemError(f"Instance {item.instance_id} is an instance of service entity {instance.service_entity}.")
        if entity is None:
            raise InvalidItemError(f"There is no service entity {item.service_entity}.")
        self._entities[item.instance_id] = entity
        if item.config:
            check_config(entity, item.config)
        if isinstance(item, CreateWritableServiceOrderItem):
            await self._check_create(item, entity, instance)
            return
        if instance is None:
            raise InvalidItemError(f"There is no service instance {item.instance_id}.")
        self._identities[item.instance_id] = instance.sets.identity(entity)
        if instance.deleted:
            raise InvalidItemError(f"Service instance {item.instance_id} is deleted.")
        if isinstance(item, UpdateWritableServiceOrderItem):
            if not entity.strict_modifier_enforcement:
                raise InvalidItemError(
                    f"Service entity {entity.name} has no strict modifier enforcement, which an update in an order requires."
                )
            apply_edits(entity, instance.sets.update_base or {}, item.edits)

    async def _check_create(
        self, item: CreateWritableServiceOrderItem, entity: ServiceEntity, instance: Instance | None
    ) -> None:
        if instance is not None:
            raise InvalidItemError(f"There is a service instance {item.instance_id} already.")
        attributes = complete_for_create(entity, item.attributes)
        identity = identity_value(entity, attributes)
        self._identities[item.instance_id] = identity
        if identity is None:
            return
        other = self._new_identities.setdefault((entity.name, identity), item.instance_id)
        taken = await is_identity_taken(self._connection, self._env.id, entity.name, identity)
        if taken or other != item.instance_id:
            raise InvalidItemError(
                f"There is a service instance of {entity.name} with {entity.service_identity} {identity} already."
            )


def check_request(items: Sequence[WritableServiceOrderItemTypes]) -> None:
    """
    Refuse a request that is no order at all.

    :raises BadRequest: there are none, or several for one instance
    """
    if not items:
        raise BadRequest("An order has at least one item")
    seen: set[uuid.UUID] = set()
    for item in items:
        if item.instance_id in seen:
            raise BadRequest(f"Instance {item.instance_id} has more than one item, which an order cannot tell the order of")
        seen.add(item.instance_id)


def sentence_of(refusal: BaseHttpException) -> str:
    """Why a call would have been refused, without the prefix of its status code."""
    # The exception doubles the percent signs of its message, as if it were a format.
    sentence = (refusal.log_message or str(refusal)).replace("%%", "%")
    for prefix in REFUSAL_PREFIXES:
        sentence = sentence.removeprefix(f"{prefix}: ")
    return sentence


def _requested(item: WritableServiceOrderItemTypes) -> Any:
    match item:
        case CreateWritableServiceOrderItem():
            return item.attributes
        case UpdateWritableServiceOrderItem():
            return [edit.value for edit in item.edits]
        case DeleteWritableServiceOrderItem():
            return None


def _stored(instance: Instance) -> list[Any]:
    sets: AttributeSets = instance.sets
    return [attributes for attributes in (sets.candidate, sets.active, sets.rollback) if attributes is not None]


def new_order(
    environment: uuid.UUID, order_id: uuid.UUID, description: str, items: Sequence[documents.OrderItem]
) -> documents.Order:
    """
    Make the row of an order. An order with an invalid item has ended already.

    :param description: what the order is for
    :param items: the rows of its items
    """
    now = datetime.datetime.now(datetime.UTC)
    has_ended = any(item.state == OrderItemState.failed.value for item in items)
    return documents.Order(
        environment=environment,
        id=order_id,
        description=description,
        created_at=now,
        completed_at=now if has_ended else None,
        state=order_state(OrderItemState(item.state) for item in items).value,
    )


def new_item(
    environment: uuid.UUID, order_id: uuid.UUID, item: WritableServiceOrderItemTypes, acceptance: Acceptance
) -> documents.OrderItem:
    """
    Make the row of an item. When any item is invalid, none is executed.

    :param item: the item as it is requested
    :param acceptance: what is known about the items of the order
    """
    state, failure, reason = OrderItemState.acknowledged, None, None
    if item.instance_id in acceptance.invalid:
        state, failure = OrderItemState.failed, OrderItemFailureType.INVALID_ORDER_ITEM
        reason = acceptance.invalid[item.instance_id]
    elif acceptance.invalid:
        state, failure = OrderItemState.failed, OrderItemFailureType.EXECUTION_SKIPPED
        reason = "The item was not executed, as another item of the order is invalid."
    entity = acceptance.entities.get(item.instance_id)
    return documents.OrderItem(
        environment=environment,
        order_id=order_id,
        instance_id=item.instance_id,
        service_entity=item.service_entity,
        action=item.action.value,
        config=item.config,
        attributes=item.attributes if isinstance(item, CreateWritableServiceOrderItem) else None,
        edits={"edits": [edit.model_dump() for edit in item.edits]}
        if isinstance(item, UpdateWritableServiceOrderItem)
        else None,
        metadata=item.metadata,
        dependencies=sorted(acceptance.waits_for[item.instance_id]),
        state=state.value,
        failure_type=None if failure is None else failure.value,
        reason=reason,
        service_identity_attribute_value=acceptance.identities.get(item.instance_id),
        service_identity_display_name=None
        if entity is None
        else entity.service_identity_display_name or entity.service_identity,
    )
