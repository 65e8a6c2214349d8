"""What an orchestrator has: the part of its catalog and inventory that a plan is made from."""

import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inmanta_lsm.model import ServiceEntity, ServiceInstance


@dataclass(frozen=True)
class State:
    """
    What an orchestrator has.

    :ivar entities: the default version of every service, by its name.
    :ivar versions: the other versions that instances have, by service and number.
    :ivar instances: the instances of the services that matter.
    :ivar schemas: the JSON schema of what an instance is created with, by service.
    :ivar used_ids: ids that no new instance can have, with the name of the instance that has or had each.
    """

    entities: Mapping[str, ServiceEntity]
    instances: Sequence[ServiceInstance]
    schemas: Mapping[str, Mapping[str, Any]]
    versions: Mapping[tuple[str, int], ServiceEntity]
    used_ids: Mapping[uuid.UUID, str] = field(default_factory=dict)

    def entity_of(self, instance: ServiceInstance) -> ServiceEntity:
        """
        The definition of the service of an instance, in the version that the instance has.

        :param instance: the instance.
        """
        default = self.entities[instance.service_entity]
        if instance.service_entity_version == default.version:
            return default
        return self.versions[instance.service_entity, instance.service_entity_version]

    def find(self, service: str, key: str) -> ServiceInstance | None:
        """
        An instance.

        :param service: its service.
        :param key: its identity or its id.
        """
        return self._by_key.get((service, key))

    @functools.cached_property
    def _by_key(self) -> dict[tuple[str, str], ServiceInstance]:
        """The instances by service and identity, and by service and id."""
        by_id = {(instance.service_entity, str(instance.id)): instance for instance in self.instances}
        by_identity = {
            (instance.service_entity, instance.service_identity_attribute_value): instance
            for instance in self.instances
            if instance.service_identity_attribute_value is not None
        }
        return {**by_id, **by_identity}
