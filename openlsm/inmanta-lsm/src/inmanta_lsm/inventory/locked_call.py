"""What the calls that change a service instance have in common: finding it, and refusing what is out of date."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm.data.entities import load_entity
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.transaction import Transaction
from inmanta_lsm.lifecycle.decision import Decision
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.protocol.refusals import check_version, no_entity, no_instance


@dataclass(frozen=True, slots=True)
class LockedCall:
    """
    A call on a service instance, which nobody else changes until the end of the call.

    :param target: definition that its service has after the call: the same one, unless the call leads to another version
    """

    instance: Instance
    entity: ServiceEntity
    target: ServiceEntity
    transaction: Transaction

    @property
    def options(self) -> EnvironmentOptions:
        """What is to be known about the environment."""
        return self.transaction.options

    async def carry_out(self, decision: Decision) -> Instance:
        """
        Write what was decided.

        :return: the instance afterwards
        """
        return await self.transaction.carry_out(decision, self.target)


@asynccontextmanager
async def locked_call(
    engine: Engine,
    env: Environment,
    service_entity: str,
    service_id: uuid.UUID,
    current_version: int | None,
    target_entity_version: int | None = None,
) -> AsyncIterator[LockedCall]:
    """
    Lock the instance that a call is about, in a transaction that ends with the block.

    :param engine: carries out what is decided
    :param service_entity: name of the service entity of the instance
    :param current_version: version that the caller knows; None for a caller that does not care
    :param target_entity_version: version of the service entity that the call leads to; None for that of the instance
    :raises NotFound: there is no such instance, or no such version of the service entity
    :raises Conflict: the instance has another version
    :raises BadRequest: the instance is deleted
    """
    async with engine.transaction(env) as transaction:
        locked = await transaction.lock(service_id)
        if locked is None or locked[0].service_entity != service_entity:
            raise no_instance(env, service_id, service_entity)
        instance, entity = locked
        target = entity
        if target_entity_version is not None:
            # 404 before 409.
            found = await load_entity(transaction.connection, env.id, service_entity, target_entity_version)
            if found is None:
                raise no_entity(env, service_entity, target_entity_version)
            target = found
        check_version(env, service_id, instance.version, current_version)
        if instance.deleted:
            raise BadRequest(f"Service instance {service_id} is deleted and cannot be changed any more")
        yield LockedCall(instance, entity, target, transaction)
