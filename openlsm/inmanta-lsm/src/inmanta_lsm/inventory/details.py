"""What can be asked for besides the row of a service instance."""

import uuid

from inmanta_lsm.attributes.writable import without_read_only
from inmanta_lsm.data import documents
from inmanta_lsm.data.entities import load_all, load_entity
from inmanta_lsm.data.instances import to_instance
from inmanta_lsm.deployment.progress import deployment_progress
from inmanta_lsm.inventory.references import referring_instances, relation_paths
from inmanta_lsm.model import AttributeSetName, ServiceInstance


async def detailed_instance(
    record: documents.ServiceInstance,
    *,
    include_deployment_progress: bool,
    exclude_read_only_attributes: bool,
    include_referenced_by: bool,
    include_metadata: bool,
) -> ServiceInstance:
    """
    Make an instance from its row, with what was asked for besides.

    :param include_deployment_progress: whether to count its resources
    :param exclude_read_only_attributes: whether to leave out the attributes that only the allocation writes
    :param include_referenced_by: whether to list the instances that refer to it
    :param include_metadata: whether to add what clients stored with it
    """
    instance = to_instance(record.to_dict())
    if include_deployment_progress:
        instance.deployment_progress = (await deployment_progress(record.environment, [record.id])).get(record.id)
    if exclude_read_only_attributes:
        await _exclude_read_only_attributes(instance)
    if include_referenced_by:
        instance.referenced_by = await _referring_instances(record)
    if include_metadata:
        stored = await documents.ServiceInstanceMetadata.get_list(
            environment=record.environment, service_instance_id=record.id, order_by_column="key"
        )
        instance.metadata = {metadata.key: metadata.value for metadata in stored}
    return instance


async def _exclude_read_only_attributes(instance: ServiceInstance) -> None:
    """Leave out the attributes of an instance that only the allocation writes."""
    async with documents.ServiceEntity.get_connection() as connection:
        entity = await load_entity(connection, instance.environment, instance.service_entity, instance.service_entity_version)
    assert entity is not None, "an instance refers to its service entity with a foreign key"
    for name in AttributeSetName:
        attributes = getattr(instance, name)
        if attributes is not None:
            setattr(instance, name, without_read_only(entity, attributes))


async def _referring_instances(record: documents.ServiceInstance) -> list[uuid.UUID]:
    """Find the instances that refer to an instance."""
    async with documents.ServiceEntity.get_connection() as connection:
        entities = await load_all(connection, record.environment)
        paths = {(entity.name, entity.version): list(relation_paths(entity, record.service_entity)) for entity in entities}
        return await referring_instances(record.environment, paths, record.id, connection)
