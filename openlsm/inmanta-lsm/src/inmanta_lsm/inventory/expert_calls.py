"""The expert calls: changes that bypass the rules of the lifecycle."""

import uuid

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.exceptions import Forbidden

from inmanta_lsm import environment_settings, methods
from inmanta_lsm.attributes.changes import apply_expert_edits
from inmanta_lsm.attributes.sets import check_identity
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.inventory.locked_call import locked_call
from inmanta_lsm.lifecycle import forced
from inmanta_lsm.model import AttributeOperation, AttributeSetName, PatchCallEdit
from inmanta_lsm.protocol.refusals import check_argument, check_state, taken_is_conflict, violation_is_bad_request


class ExpertCalls:
    """Answers the expert calls, for the slice of the inventory to inherit from."""

    engine: Engine

    @handle(methods.lsm_services_expert_set_state, env="tid")
    async def force_state(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        target_state: str,
        message: str,
        current_version: int | None,
        operation: AttributeOperation | None,
    ) -> None:
        """Put an instance into a state."""
        await _check_allowed(env)
        check_argument("message", message)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            check_state(call.entity, target_state)
            with violation_is_bad_request():
                decision = forced.force_state(
                    call.instance, call.entity, call.options, target_state, operation, message, uuid.uuid4()
                )
                check_identity(call.entity, decision.after.sets.newest)
            with taken_is_conflict(call.entity, service_id, decision.after.sets):
                await call.carry_out(decision)

    @handle(methods.lsm_services_expert_update, env="tid")
    async def force_attributes(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        attribute_set_name: AttributeSetName,
        edit: list[PatchCallEdit],
        patch_id: str,
        current_version: int | None,
        comment: str | None,
    ) -> None:
        """Edit an attribute set."""
        await _check_allowed(env)
        check_argument("comment", comment)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            sets = call.instance.sets
            with violation_is_bad_request():
                edited = apply_expert_edits(call.entity, sets.get(attribute_set_name), edit)
                sets = sets.with_set(attribute_set_name, edited)
                check_identity(call.entity, sets.newest)
            decision = forced.force_attributes(
                call.instance, call.entity, call.options, sets, attribute_set_name, comment, uuid.uuid4()
            )
            with taken_is_conflict(call.entity, service_id, sets):
                await call.carry_out(decision)

    @handle(methods.lsm_services_expert_delete, env="tid")
    async def force_delete(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int | None, message: str
    ) -> None:
        """Take an instance out of the inventory."""
        await _check_allowed(env)
        check_argument("message", message)
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            await call.carry_out(forced.force_delete(call.instance, message, uuid.uuid4()))


async def _check_allowed(env: Environment) -> None:
    if not await env.get(environment_settings.EXPERT_MODE):
        raise Forbidden(
            f"Expert calls are not allowed in environment {env.name}({env.id}): "
            f"set the environment setting {environment_settings.EXPERT_MODE} to allow them"
        )
