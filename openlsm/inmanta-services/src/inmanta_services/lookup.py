"""From the names of instances to the instances, and back."""

from collections.abc import Callable, Mapping
from typing import Any

from inmanta_lsm.model import InterServiceRelation, ServiceEntity, ServiceInstance

from inmanta_services.attributes.members import Member
from inmanta_services.attributes.relations import Translate, key_in, translated, translated_value
from inmanta_services.client import Client
from inmanta_services.errors import NotFoundError, ServicesError
from inmanta_services.naming import InstanceName, as_id


async def find(
    client: Client, text: str, *, progress: bool = False, referenced_by: bool = False, metadata: bool = False
) -> ServiceInstance:
    """
    The instance that somebody names.

    :param client: of the environment.
    :param text: an id, or ``Service/identity``.
    :param progress: whether to tell the progress of its deployment.
    :param referenced_by: whether to tell which instances refer to it.
    :param metadata: whether to tell what clients stored with it.
    :raises ServicesError: when there is none.
    """
    name = InstanceName.parse(text)
    wanted = {"progress": progress, "referenced_by": referenced_by, "metadata": metadata}
    if name.service is None:
        instance = name.id
        assert instance is not None, "a name without service is an id"
        return await client.inventory.by_id(instance, **wanted)
    entity = await client.catalog.get(name.service)
    if entity.service_identity is not None:
        try:
            return await client.inventory.by_identity(name.service, entity.service_identity, name.key, **wanted)
        except NotFoundError:
            if name.id is None:
                raise
    if name.id is None:
        raise ServicesError(f"{name.service} has no identity: name its instances by their id, {name.service}/ID.")
    return await client.inventory.get(name.service, name.id, **wanted)


async def entity_of(client: Client, instance: ServiceInstance) -> ServiceEntity:
    """
    The definition of the service of an instance, in the version that the instance has.

    :param client: of the environment.
    :param instance: the instance.
    """
    return await client.catalog.get(instance.service_entity, version=instance.service_entity_version)


async def with_ids(client: Client, entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    Attributes with ids where they name other instances.

    :param client: of the environment.
    :param entity: the service.
    :param attributes: as people write them.
    :raises ServicesError: when there is no such instance.
    """
    return await _replaced(client, lambda translate: translated(entity, attributes, translate))


async def value_with_ids(client: Client, member: Member | None, value: Any) -> Any:
    """
    A value with ids where it names other instances.

    :param client: of the environment.
    :param member: what the value is of.
    :param value: as people write it.
    :raises ServicesError: when there is no such instance.
    """
    if member is None:
        return value
    return await _replaced(client, lambda translate: translated_value(member, value, translate))


async def _replaced[T](client: Client, translate: Callable[[Translate], T]) -> T:
    """
    Something with ids where it names other instances.

    :param client: of the environment.
    :param translate: gives it with other names for them.
    """
    names: set[tuple[str, str]] = set()

    def note(relation: InterServiceRelation, name: str) -> str:
        names.add((relation.entity_type, key_in(relation, name)))
        return name

    translate(note)
    ids = {
        (service, key): key if as_id(key) is not None else str((await find(client, f"{service}/{key}")).id)
        for service, key in sorted(names)
    }
    return translate(lambda relation, name: ids[relation.entity_type, key_in(relation, name)])


async def with_names(client: Client, entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    Attributes with names where they hold the ids of other instances.

    :param client: of the environment.
    :param entity: the service.
    :param attributes: as the orchestrator has them.
    """
    ids: set[tuple[str, str]] = set()

    def note(relation: InterServiceRelation, name: str) -> str:
        ids.add((relation.entity_type, name))
        return name

    translated(entity, attributes, note)
    names: dict[str, str] = {}
    for _, text in sorted(ids):
        identifier = as_id(text)
        if identifier is not None:
            other = await client.inventory.by_id(identifier)
            names[text] = other.service_identity_attribute_value or text
    return translated(entity, attributes, lambda _relation, name: names.get(name, name))
