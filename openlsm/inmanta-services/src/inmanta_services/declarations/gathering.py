"""What an orchestrator has, as far as a plan needs it."""

from collections.abc import Collection, Sequence

from inmanta_lsm.model import ServiceEntity

from inmanta_services.attributes.relations import targets
from inmanta_services.client import Client
from inmanta_services.declarations.documents import Declaration
from inmanta_services.declarations.state import State
from inmanta_services.errors import ServicesError


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
    schemas = {name: await client.catalog.schema(name) for name in sorted(declared)}
    return State(entities, instances, schemas, versions)
