"""The calls of compiles and handlers that change the inventory: allocated values and deployment reports."""

import uuid
from dataclasses import replace
from typing import Any

from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm import methods
from inmanta_lsm.attributes.changes import apply_allocation, apply_allocation_edits
from inmanta_lsm.attributes.sets import Attributes
from inmanta_lsm.deployment.interruption import interrupted
from inmanta_lsm.deployment.redeployment import not_failed_since
from inmanta_lsm.deployment.scheduler import TAKES_RESOURCES, Scheduler
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.inventory.locked_call import LockedCall, locked_call
from inmanta_lsm.lifecycle import forced, reports
from inmanta_lsm.lifecycle.instance import DeploymentReport
from inmanta_lsm.model import PatchCallEdit
from inmanta_lsm.protocol.refusals import check_argument, no_instance, taken_is_conflict, violation_is_bad_request


class CompilerCalls:
    """Answers the calls of compiles and handlers, for the slice of the inventory to inherit from."""

    engine: Engine
    scheduler: Scheduler

    @handle(methods.lsm_services_update_attributes, env="tid")
    async def allocate(
        self, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int, attributes: dict[str, Any]
    ) -> None:
        """Store allocated attributes."""
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            base = _base(call)
            with violation_is_bad_request():
                candidate = apply_allocation(call.entity, base, attributes)
            await _allocate(call, candidate)

    @handle(methods.lsm_services_update_attributes_v2, env="tid")
    async def allocate_edits(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        current_version: int,
        patch_id: str,
        edit: list[PatchCallEdit],
        comment: str | None,
    ) -> None:
        """Store allocated values, given as edits."""
        async with locked_call(self.engine, env, service_entity, service_id, current_version) as call:
            base = _base(call)
            with violation_is_bad_request():
                candidate = apply_allocation_edits(call.entity, base, edit)
            await _allocate(call, candidate)

    @handle(methods.lsm_services_report_deployment, env="tid")
    async def report_deployment(
        self,
        env: Environment,
        service_entity: str,
        service_id: uuid.UUID,
        next_version: int,
        next_desired_state_version: int,
        success: bool,
        failed_resources: list[str],
    ) -> None:
        """Take the result of a deployment."""
        for resource in failed_resources:
            check_argument("failed_resources", resource)
        again: list[str] = []
        async with self.engine.transaction(env) as transaction:
            locked = await transaction.lock(service_id)
            if locked is None:
                raise no_instance(env, service_id)
            instance, entity = locked
            if instance.service_entity != service_entity:
                decision = reports.ignored_report(instance, uuid.uuid4(), f"it is not an instance of {service_entity}")
            else:
                report = DeploymentReport(next_version, next_desired_state_version, success, tuple(failed_resources))
                if failed_resources:
                    again = await interrupted(transaction.connection, instance, failed_resources)
                if failed_resources and TAKES_RESOURCES:
                    again += await not_failed_since(transaction.connection, instance, failed_resources)
                decision = reports.decide_on_report(instance, entity, transaction.options, report, uuid.uuid4(), again)
            await transaction.carry_out(decision, entity)
        # Before the answer: as the transfer resource is still being deployed then, the scheduler runs it again after these.
        await self.scheduler.repair(env.id, again)


def _base(call: LockedCall) -> Attributes:
    """Give the set that allocated values go to: the candidate, or a copy of what is active."""
    sets = call.instance.sets
    base = sets.candidate if sets.candidate is not None else sets.active
    if base is None:
        raise BadRequest(
            f"Service instance {call.instance.id} has neither candidate nor active attributes to add allocated values to"
        )
    return base


async def _allocate(call: LockedCall, candidate: Attributes) -> None:
    sets = replace(call.instance.sets, candidate=candidate)
    with taken_is_conflict(call.entity, call.instance.id, sets):
        await call.carry_out(forced.allocate(call.instance, sets, uuid.uuid4()))
