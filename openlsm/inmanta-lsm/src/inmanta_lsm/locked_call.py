"""What the calls that change a service instance have in common: finding it, and refusing what is out of date."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm.call_errors import check_version, no_instance
from inmanta_lsm.decision import Decision
from inmanta_lsm.engine import Engine
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.snapshot import EnvironmentFacts, Instance
from inmanta_lsm.transaction import Transaction


@dataclass(frozen=True, slots=True)
class LockedCall:
    """
    A call on a service instance, which nobody else changes until the end of the call.

    :ivar instance: the instance.
    :ivar entity: definition of its service.
    :ivar transaction: of the call.
    """

    instance: Instance
    entity: ServiceEntity
    transaction: Transaction

    @property
    def facts(self) -> EnvironmentFacts:
        """What is to be known about the environment."""
        return self.transaction.facts

    async def carry_out(self, decision: Decision, entity: ServiceEntity | None = None) -> Instance:
        """
        Write what was decided.

        :param decision: the decision.
        :param entity: definition of the service that the instance has afterwards, when it is another one.
        :return: the instance afterwards.
        """
        return await self.transaction.carry_out(decision, entity or self.entity)


@asynccontextmanager
async def locked_call(
    engine: Engine, env: Environment, service_entity: str, service_id: uuid.UUID, current_version: int | None
) -> AsyncIterator[LockedCall]:
    """
    Lock the instance that a call is about, in a transaction that ends with the block.

    :param engine: carries out what is decided.
    :param env: the environment.
    :param service_entity: name of the service entity of the instance.
    :param service_id: id of the instance.
    :param current_version: version that the caller knows; None for a caller that does not care.
    :raises NotFound: there is no such instance.
    :raises Conflict: the instance has another version.
    :raises BadRequest: the instance is deleted.
    """
    async with engine.transaction(env) as transaction:
        locked = await transaction.lock(service_id)
        if locked is None or locked[0].service_entity != service_entity:
            raise no_instance(env, service_id, service_entity)
        instance, entity = locked
        check_version(env, service_id, instance.version, current_version)
        if instance.deleted:
            raise BadRequest(f"Service instance {service_id} is deleted and cannot be changed any more")
        yield LockedCall(instance, entity, transaction)
