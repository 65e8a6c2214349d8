"""The calls that change the service inventory along the lifecycle."""

import uuid
from dataclasses import replace
from typing import Any

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.exceptions import BadRequest, Conflict

from inmanta_lsm import methods
from inmanta_lsm.attributes.changes import apply_edits, apply_put, apply_update, complete_for_migration
from inmanta_lsm.attributes.sets import Attributes, AttributeSets
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.data.instances import get_instance, set_metadata
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.inventory.locked_call import locked_call
from inmanta_lsm.inventory.requests import create, delete, update
from inmanta_lsm.lifecycle import edges, forced, transfers
from inmanta_lsm.lifecycle.decision import Decision
from inmanta_lsm.model import PatchCallEdit, ServiceEntity, ServiceInstance
from inmanta_lsm.protocol.refusals import (
    check_argument,
    check_config,
    check_state,
    no_entity,
    taken_is_conflict,
    violation_is_bad_request,
)

_LONGEST_KEY = 1000  # bytes; what fits into an index of the database


class InventoryWrites:
    """Answers the calls that change the inventory, for the slice of the inventory to inherit from."""

    engine: Engine

    @handle(methods.lsm_services_create, env="tid")
    async def create_instance(
        self,
        env: Environment,
        service_entity: str,
        attributes: dict[str, Any],
        service_instance_id: uuid.UUID | None,
        initial_state: str | None,
        service_entity_version: int | None,
    ) -> ServiceInstance:
        """Create an instance."""
        check_argument("service_entity", service_entity)
        async with self.engine.transaction(env) as transaction:
            entity = await load_entity(transaction.connection, env.id, service_entity, service_entity_version)
            if entity is None:
                raise no_entity(env, service_entity, service_entity_version)
            created = await create(transaction, entity, attributes, service_instance_id or uuid.uuid4(), initial_state)
            return await get_instance(transaction.connection, env.id, created.id)

    @handle(methods.lsm_services_update, env="tid")
    async def update_instance(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, attributes: dict[str, Any], current_version: int
    ) -> None:
        """Replace top-level attributes."""
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await update(call, lambda base: apply_update(call.entity, base, attributes))

    @handle(methods.lsm_services_patch, env="tid")
    async def patch_instance(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        current_version: int,
        patch_id: str,
        edit: list[PatchCallEdit],
        comment: str | None,
    ) -> None:
        """Edit the attributes."""
        check_argument("comment", comment)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await update(call, lambda base: apply_edits(call.entity, base, edit), comment)

    @handle(methods.lsm_services_put, env="tid")
    async def put_instance(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        put_id: str,
        current_version: int,
        attributes: dict[str, Any],
        ignore_read_only_attributes: bool,
        comment: str | None,
    ) -> None:
        """Replace all attributes."""
        check_argument("comment", comment)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await update(
                call,
                lambda base: apply_put(call.entity, base, attributes, ignore_read_only=ignore_read_only_attributes),
                comment,
            )

    @handle(methods.lsm_services_delete, env="tid")
    async def delete_instance(self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int) -> None:
        """Follow the edge that deletes an instance."""
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await delete(call)

    @handle(methods.lsm_services_set_state, env="tid")
    async def set_instance_state(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        current_version: int,
        target_state: str,
        message: str,
    ) -> None:
        """Follow an edge that the API may follow."""
        check_argument("message", message)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            edge = edges.find(call.entity.lifecycle, call.instance.state, TransferTrigger.API_SET_STATE, target_state)
            if edge is None:
                raise BadRequest(
                    f"Service instance {service_id} is in state {call.instance.state}, "
                    f"from which state {target_state} cannot be set: its lifecycle has no such transfer"
                )
            decision = transfers.request(
                call.instance,
                call.entity,
                call.options,
                TransferTrigger.API_SET_STATE,
                edge,
                uuid.uuid4(),
                remark=message,
            )
            await call.carry_out(decision)
        if edge.validate_ and not call.options.server_compile:
            raise Conflict(
                f"The transfer {edge.source} -> {edge.target} of service instance {service_id} needs a validation, which is not"
                f" possible because server_compile is disabled in environment {env.name}({env.id})"
            )

    @handle(methods.lsm_services_set_config, env="tid")
    async def set_instance_config(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int, values: dict[str, bool]
    ) -> dict[str, bool]:
        """Set options of the lifecycle for one instance."""
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            check_config(call.entity, values)
            config = {**call.instance.config, **values}
            await call.carry_out(Decision(call.instance, replace(call.instance, config=config)))
        self.engine.fire_auto(env.id, service_id)
        return config

    @handle(methods.lsm_services_set_metadata, env="tid")
    async def set_instance_metadata(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, key: str, current_version: int, value: str
    ) -> None:
        """Store a text with an instance."""
        check_argument("key", key, longest=_LONGEST_KEY)
        check_argument("value", value)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await set_metadata(call.transaction.connection, call.instance, key, value)

    @handle(methods.lsm_services_update_entity_version, env="tid")
    async def migrate_instance(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        current_version: int,
        target_entity_version: int,
        state: str,
        candidate_attributes: dict[str, Any] | None,
        active_attributes: dict[str, Any] | None,
        rollback_attributes: dict[str, Any] | None,
    ) -> None:
        """Move an instance to another version of its service entity."""
        sets = AttributeSets(candidate_attributes, active_attributes, rollback_attributes)
        if sets.newest is None:
            raise BadRequest("At least one of candidate_attributes, active_attributes and rollback_attributes has to be given")
        async with locked_call(self.engine, env, service_entity, service_id, current_version, target_entity_version) as call:
            check_state(call.target, state)
            with violation_is_bad_request():
                sets = AttributeSets(*(_migrated(call.target, given) for given in (sets.candidate, sets.active, sets.rollback)))
            with taken_is_conflict(call.target, service_id, sets):
                await call.carry_out(
                    forced.migrate(call.instance, call.entity, call.target, call.options, state, sets, uuid.uuid4())
                )


def _migrated(entity: ServiceEntity, attributes: Attributes | None) -> Attributes | None:
    return None if attributes is None else complete_for_migration(entity, attributes)
