"""The start of an item of an order: its first transfer, and the note that it was executed, in one transaction."""

import uuid
from dataclasses import replace

from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm.attributes.changes import apply_edits
from inmanta_lsm.attributes.modifiers import same
from inmanta_lsm.data import documents
from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.data.instances import set_metadata
from inmanta_lsm.data.orders import requested_edits
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.transaction import Transaction
from inmanta_lsm.inventory import requests
from inmanta_lsm.inventory.locked_call import LockedCall, locked_call
from inmanta_lsm.lifecycle.decision import Decision
from inmanta_lsm.lifecycle.edges import transfer_context
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.model.order import OrderItemAction, OrderItemState
from inmanta_lsm.order.outcome import ItemOutcome, describe
from inmanta_lsm.protocol.refusals import check_config, no_entity, violation_is_bad_request


class NotYetError(Exception):
    """The instance of an item is about to move by itself: the item has to wait."""


async def start_item(engine: Engine, env: Environment, item: documents.OrderItem) -> None:
    """
    Execute the first transfer of an item whose dependencies are completed.

    :param engine: carries out the transfer
    :param item: the item, which was not started
    :raises NotYetError: the item has to wait for its instance
    :raises BaseHttpException: A call of the user to do the same would be refused. Nothing is changed.
    """
    if OrderItemAction(item.action) is OrderItemAction.create:
        async with engine.transaction(env) as transaction:
            entity = await load_entity(transaction.connection, env.id, item.service_entity)
            if entity is None:
                raise no_entity(env, item.service_entity, None)
            config = item.config or {}
            check_config(entity, config)
            created = await requests.create(transaction, entity, item.attributes or {}, item.instance_id, config=config)
            await _note(transaction, item, entity, created)
        return
    async with locked_call(engine, env, item.service_entity, item.instance_id, None) as call:
        if transfer_context(call.entity, call.instance) != "stable":
            raise NotYetError
        configured = await _configured(call, item)
        if OrderItemAction(item.action) is OrderItemAction.delete:
            await _note(call.transaction, item, call.entity, await requests.delete(configured))
        else:
            await _update(configured, item)


async def _update(call: LockedCall, item: documents.OrderItem) -> None:
    edits = requested_edits(item) or []
    base = call.instance.sets.update_base or {}
    with violation_is_bad_request():
        is_unchanged = same(dict(base), apply_edits(call.entity, base, edits))
    if is_unchanged:
        await _note(call.transaction, item, call.entity, call.instance, OrderItemState.completed)
        return
    updated = await requests.update(call, lambda attributes: apply_edits(call.entity, attributes, edits))
    await _note(call.transaction, item, call.entity, updated)


async def _configured(call: LockedCall, item: documents.OrderItem) -> LockedCall:
    """Set the options of the item on its instance."""
    check_config(call.entity, item.config or {})
    config = {**call.instance.config, **(item.config or {})}
    if config == dict(call.instance.config):
        return call
    instance = await call.carry_out(Decision(call.instance, replace(call.instance, config=config)))
    return replace(call, instance=instance)


async def _note(
    transaction: Transaction,
    item: documents.OrderItem,
    entity: ServiceEntity,
    instance: Instance,
    state: OrderItemState = OrderItemState.in_progress,
) -> None:
    """Store that an item is started, and what it brings besides attributes."""
    for key, value in (item.metadata or {}).items():
        await set_metadata(transaction.connection, instance, key, value)
    outcome = ItemOutcome(state, description=describe(entity, instance))
    await item.update_fields(connection=transaction.connection, start_version=instance.version, **outcome.columns())
    _check_moved(transaction, item.instance_id)


def _check_moved(transaction: Transaction, instance_id: uuid.UUID) -> None:
    """
    Refuse a start whose transfer was not executed.

    :raises BadRequest: the transfer could not be executed
    """
    for change in transaction.changes:
        if change.decision.failed and change.decision.before.id == instance_id:
            raise BadRequest(change.events[-1].message)
