"""What the catalog of an environment holds, at one moment."""

from collections.abc import Iterable, Mapping

from inmanta.data import Environment

from inmanta_lsm.catalog.summary import StateCounts, summarize
from inmanta_lsm.data.entities import default_versions, load_all, owned_entities
from inmanta_lsm.lifecycle import edges
from inmanta_lsm.model import Lifecycle, ServiceEntity, ServiceEntityVersions
from inmanta_lsm.protocol.refusals import check_argument, no_entity


class Catalog:
    """The service entities of an environment, at one moment."""

    def __init__(self, env: Environment, entities: Iterable[ServiceEntity], defaults: Mapping[str, int]) -> None:
        """
        :param entities: the service entities, in all versions
        :param defaults: the default version by the name of the service entity
        """
        self._env = env
        self._defaults = defaults
        self._entities = {(entity.name, entity.version): entity for entity in entities}

    @classmethod
    async def load(cls, env: Environment, name: str | None = None) -> "Catalog":
        """
        Load the service entities of an environment.

        :param name: the name of a service entity, to load only that one
        """
        check_argument("service_entity", name)
        async with (
            Environment.get_connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            owned = await owned_entities(connection, env.id)
            entities = [
                entity.model_copy(update={"owned_entities": owned.get(entity.name, []), "config": edges.options(entity)})
                for entity in await load_all(connection, env.id, name)
            ]
            return cls(env, entities, await default_versions(connection, env.id))

    @property
    def names(self) -> list[str]:
        """The names of the service entities, sorted."""
        return sorted(self._defaults)

    def default(self, name: str) -> ServiceEntity:
        """
        The default version of a service entity.

        :param name: the name of the service entity, which exists
        """
        return self._entities[name, self._defaults[name]]

    def get(self, name: str, version: int | None = None) -> ServiceEntity:
        """
        A version of a service entity.

        :param version: the version, the default one if None
        :raises NotFound: there is no such service entity, or no such version of it
        """
        wanted = self._defaults.get(name) if version is None else version
        entity = None if wanted is None else self._entities.get((name, wanted))
        if entity is None:
            raise no_entity(self._env, name, version)
        return entity

    def versions(self, name: str) -> ServiceEntityVersions:
        """
        All versions of a service entity.

        :raises NotFound: there is no such service entity
        """
        default = self.get(name).version
        versions = [entity for (owner, _), entity in sorted(self._entities.items()) if owner == name]
        return ServiceEntityVersions(versions=versions, default_version=default)

    def with_summary(self, entity: ServiceEntity, counts: StateCounts) -> ServiceEntity:
        """
        A service entity with the number of its instances, of all versions.

        :param counts: the number of instances per state
        """
        others = (version.lifecycle for version in self.versions(entity.name).versions if version is not entity)
        lifecycles: list[Lifecycle] = [entity.lifecycle, *others]
        return entity.model_copy(update={"instance_summary": summarize(lifecycles, counts)})
