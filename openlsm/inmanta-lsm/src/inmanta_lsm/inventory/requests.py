"""What a user asks for: to create, update and delete a service instance, inside of a transaction."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import asyncpg
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm.attributes.changes import complete_for_create
from inmanta_lsm.attributes.sets import Attributes, AttributeSets
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.engine.transaction import Transaction
from inmanta_lsm.inventory.locked_call import LockedCall
from inmanta_lsm.lifecycle import edges, transfers
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.protocol.refusals import no_entity, taken_is_conflict, violation_is_bad_request


async def create(
    transaction: Transaction,
    entity: ServiceEntity,
    attributes: Mapping[str, Any],
    instance_id: uuid.UUID,
    initial_state: str | None = None,
    config: Mapping[str, bool] | None = None,
) -> Instance:
    """
    Create an instance.

    :param transaction: what it is created in
    :param attributes: of the instance; what is missing takes its default
    :param initial_state: the state to create it in; that of the lifecycle by default
    :param config: options of the lifecycle for the instance
    :raises BadRequest: the attributes do not fit, or the state is no initial state
    :raises Conflict: the id or the identity is taken
    :raises NotFound: the service entity was removed in the meantime
    """
    states = [entity.lifecycle.initial_state, *entity.lifecycle.alternative_initial_states]
    state = states[0] if initial_state is None else initial_state
    if state not in states:
        raise BadRequest(f"An instance of {entity.name} cannot be created in state {state}, only in {' or '.join(states)}")
    with violation_is_bad_request():
        sets = AttributeSets(candidate=complete_for_create(entity, attributes))
    new = Instance(
        id=instance_id,
        environment=transaction.options.id,
        service_entity=entity.name,
        service_entity_version=entity.version,
        version=1,
        desired_state_version=1,
        state=state,
        sets=sets,
        config=config or {},
    )
    decision = transfers.create(new, entity, transaction.options, uuid.uuid4())
    try:
        with taken_is_conflict(entity, new.id, sets):
            return await transaction.carry_out(decision, entity)
    except asyncpg.ForeignKeyViolationError as exception:
        raise no_entity(transaction.options, entity.name, entity.version) from exception


async def update(call: LockedCall, change: Callable[[Attributes], Attributes], comment: str | None = None) -> Instance:
    """
    Store a new candidate set and follow the edge of the update.

    :param change: makes the new candidate set from what the update starts from
    :param comment: of the caller
    :raises BadRequest: the state does not allow an update, or the change breaks a rule
    """
    instance, entity = call.instance, call.entity
    edge = edges.find(entity.lifecycle, instance.state, TransferTrigger.ON_UPDATE)
    if edge is None:
        raise BadRequest(
            f"Service instance {instance.id} cannot be updated in state {instance.state}: its lifecycle has no such transfer"
        )
    with violation_is_bad_request():
        sets = replace(instance.sets, candidate=change(instance.sets.update_base or {}))
    return await call.carry_out(
        transfers.request(
            instance, entity, call.options, TransferTrigger.ON_UPDATE, edge, uuid.uuid4(), remark=comment, sets=sets
        )
    )


async def delete(call: LockedCall) -> Instance:
    """
    Follow the edge that deletes an instance.

    :raises BadRequest: the state does not allow a deletion
    """
    instance, entity = call.instance, call.entity
    edge = edges.find(entity.lifecycle, instance.state, TransferTrigger.ON_DELETE)
    if edge is None:
        raise BadRequest(f"Cannot delete service instance {instance.id}")
    return await call.carry_out(
        transfers.request(instance, entity, call.options, TransferTrigger.ON_DELETE, edge, uuid.uuid4())
    )
