"""The service instances that a new definition of their service has to fit, in the database."""

import json
import uuid
from collections.abc import Iterable

from asyncpg import Connection

from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.data import documents
from inmanta_lsm.data.instances import to_lifecycle_instance
from inmanta_lsm.lifecycle.edges import transfer_context
from inmanta_lsm.lifecycle.instance import InstanceSets
from inmanta_lsm.model import ServiceEntity

_TABLE = documents.ServiceInstance.table_name()


async def live_instances(connection: Connection, environment: uuid.UUID, name: str, version: int) -> list[InstanceSets]:
    """Load the instances of a version of a service entity that are not deleted."""
    records = await connection.fetch(
        f"SELECT id, state, candidate_attributes, active_attributes, rollback_attributes FROM {_TABLE}"
        " WHERE environment = $1 AND service_entity = $2 AND service_entity_version = $3 AND NOT deleted"
        " ORDER BY created_at, id",
        environment,
        name,
        version,
    )
    return [
        InstanceSets(
            record["id"],
            record["state"],
            AttributeSets(record["candidate_attributes"], record["active_attributes"], record["rollback_attributes"]),
        )
        for record in records
    ]


async def versions_in_use(connection: Connection, environment: uuid.UUID, name: str) -> set[int]:
    """Load which versions of a service entity have instances that are not deleted."""
    records = await connection.fetch(
        f"SELECT DISTINCT service_entity_version FROM {_TABLE} WHERE environment = $1 AND service_entity = $2 AND NOT deleted",
        environment,
        name,
    )
    return {record["service_entity_version"] for record in records}


async def store_sets(connection: Connection, environment: uuid.UUID, instances: Iterable[InstanceSets]) -> None:
    """
    Store rewritten attribute sets, and nothing else: the instances keep their version, their state and their log.

    :param connection: in a transaction
    :param instances: the instances with their new attribute sets
    """
    await connection.executemany(
        f"UPDATE {_TABLE} SET candidate_attributes = $3, active_attributes = $4, rollback_attributes = $5"
        " WHERE environment = $1 AND id = $2",
        [
            (
                environment,
                instance.id,
                *(
                    None if attributes is None else json.dumps(attributes)
                    for attributes in (instance.sets.candidate, instance.sets.active, instance.sets.rollback)
                ),
            )
            for instance in instances
        ],
    )


async def refresh_computed(connection: Connection, entity: ServiceEntity) -> None:
    """
    Compute again what is stored with the instances of a service entity and depends on its definition and config.

    That is the identity, and whether they are about to move by themselves.

    :param connection: in a transaction
    :param entity: the service entity as it is stored now
    """
    records = await connection.fetch(
        f"SELECT * FROM {_TABLE}"
        " WHERE environment = $1 AND service_entity = $2 AND service_entity_version = $3 AND NOT deleted",
        entity.environment,
        entity.name,
        entity.version,
    )
    changes: list[tuple[uuid.UUID, uuid.UUID, str, str | None]] = []
    for record in records:
        instance = to_lifecycle_instance(record)
        context = transfer_context(entity, instance)
        identity = instance.sets.identity(entity)
        if (context, identity) != (record["transfer_context"], record["service_identity_attribute_value"]):
            changes.append((instance.environment, instance.id, context, identity))
    await connection.executemany(
        f"UPDATE {_TABLE} SET transfer_context = $3, service_identity_attribute_value = $4 WHERE environment = $1 AND id = $2",
        changes,
    )
