"""What an orchestrator has, as far as a plan needs it."""

import uuid
from collections.abc import AsyncIterator, Collection, Sequence

from inmanta_lsm.model import ServiceEntity

from inmanta_services.attributes.relations import targets
from inmanta_services.client import Client
from inmanta_services.declarations.documents import Declaration
from inmanta_services.declarations.state import State
from inmanta_services.errors import NotFoundError, ServicesError
from inmanta_services.naming import name_of


async def gather(client: Client, declarations: Sequence[Declaration], services: Collection[str] = ()) -> State:
    """
    Read the services that files declare instances of, with those that they may refer to.

    :param client: of the environment.
    :param declarations: what the files declare.
    :param services: more services to read.
    :raises ServicesError: when one of those does not exist.
    """
    entities = {entity.name: entity for entity in await client.catalog.all()}
    unknown = sorted(set(services) - set(entities))
    if unknown:
        known = ", ".join(sorted(entities)) or "none"
        raise ServicesError(f"There is no service {', '.join(unknown)}; the catalog has {known}.")
    declared = {declaration.service for declaration in declarations} & set(entities)
    involved = declared | set(services)
    involved |= {target for name in involved for target in targets(entities[name])} & set(entities)
    instances = [instance for name in sorted(involved) async for instance in client.inventory.all(name)]
    versions: dict[tuple[str, int], ServiceEntity] = {}
    for instance in instances:
        version = (instance.service_entity, instance.service_entity_version)
        if version[1] != entities[version[0]].version and version not in versions:
            versions[version] = await client.catalog.get(version[0], version=version[1])
    there = {instance.id for instance in instances}
    chosen = {declaration.id for declaration in declarations if declaration.id is not None} - there
    used = {identifier: name async for identifier, name in _used(client, chosen)}
    schemas = {name: await client.catalog.schema(name) for name in sorted(declared)}
    return State(entities, instances, schemas, versions, used)


async def _used(client: Client, ids: Collection[uuid.UUID]) -> AsyncIterator[tuple[uuid.UUID, str]]:
    """
    Which ids instances have or had that are in no list, with their names.

    :param client: of the environment.
    :param ids: the ids.
    """
    for identifier in sorted(ids):
        try:
            instance = await client.inventory.by_id(identifier)
        except NotFoundError:
            continue
        yield identifier, f"{name_of(instance)}, which is deleted" if instance.deleted else name_of(instance)
