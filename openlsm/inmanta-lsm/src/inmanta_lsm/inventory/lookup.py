"""Finding a service instance for a call that reads it."""

import uuid

from inmanta.data import Environment
from inmanta.protocol.exceptions import BadRequest

from inmanta_lsm.data import documents
from inmanta_lsm.inventory.instance_order import ServiceIdentity
from inmanta_lsm.protocol.paging import bad_query_is_bad_request
from inmanta_lsm.protocol.refusals import no_entity, no_instance


async def service_identity(env: Environment, service_entity: str) -> ServiceIdentity | None:
    """
    Read which attribute identifies the instances of a service entity.

    :return: the attribute, None if the service has no identity
    :raises NotFound: there is no such service entity
    """
    query = f"""
        SELECT
            definition->>'service_identity' AS name,
            EXISTS (
                SELECT FROM json_array_elements(definition->'attributes') AS attribute
                WHERE attribute->>'name' = definition->>'service_identity' AND attribute->>'type' = 'int'
            ) AS is_number
        FROM {documents.ServiceEntity.table_name()}
        WHERE environment = $1 AND name = $2 AND is_default
    """
    with bad_query_is_bad_request():
        records = await documents.ServiceEntity.select_query(query, [env.id, service_entity], no_obj=True)
    if not records:
        raise no_entity(env, service_entity, None)
    record = records[0]
    return None if record["name"] is None else ServiceIdentity(record["name"], record["is_number"])


async def instance_by_id(
    env: Environment, service_id: uuid.UUID, service_entity: str | None = None
) -> documents.ServiceInstance:
    """
    Read an instance, also a deleted one.

    :param service_entity: the name of its service entity, None for any
    :raises NotFound: there is no such service entity or no such instance
    """
    record = await documents.ServiceInstance.get_one(environment=env.id, id=service_id)
    if record is not None and service_entity in (None, record.service_entity):
        return record
    if service_entity is not None:
        await service_identity(env, service_entity)
    raise no_instance(env, service_id, service_entity)


async def instance_by_id_or_identity(env: Environment, service_entity: str, id_or_identity: str) -> documents.ServiceInstance:
    """
    Read an instance by its id, or by ``<service identity>=<value>`` if it is not deleted.

    :param id_or_identity: what the instance is looked for by
    :raises BadRequest: it is neither an id nor the identity of the service
    :raises NotFound: there is no such service entity or no such instance
    """
    attribute, is_identity, value = id_or_identity.partition("=")
    if not is_identity:
        try:
            return await instance_by_id(env, uuid.UUID(id_or_identity), service_entity)
        except ValueError as error:
            raise BadRequest(
                f"{id_or_identity!r} is no id of a service instance, give a uuid or <service identity>=<value>"
            ) from error
    identity = await service_identity(env, service_entity)
    if identity is None:
        raise BadRequest(f"Service entity {service_entity} has no service identity, give the id of the instance instead")
    if attribute != identity.name:
        raise BadRequest(f"{attribute} is not the service identity of service entity {service_entity}, that is {identity.name}")
    with bad_query_is_bad_request():
        record = await documents.ServiceInstance.get_one(
            environment=env.id, service_entity=service_entity, service_identity_attribute_value=value, deleted=False
        )
    if record is None:
        raise no_instance(env, id_or_identity, service_entity)
    return record
