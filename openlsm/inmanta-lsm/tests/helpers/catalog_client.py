"""A service to put into a catalog, and a client for the catalog of one environment."""

import uuid
from typing import Any

from inmanta.protocol import Client
from inmanta_lsm.model import EmbeddedServiceEntity, ServiceAttribute, ServiceEntity

from .simple_lifecycle import SIMPLE

NAME = ServiceAttribute(name="name", modifier="rw", type="string")
SIZE = ServiceAttribute(name="size", modifier="rw+", type="int", default_value=1, default_value_set=True)
VLAN = ServiceAttribute(name="vlan_id", modifier="r", type="int?", description="The VLAN")
PORTS = EmbeddedServiceEntity(
    name="ports",
    type="Port",
    modifier="rw+",
    lower_limit=0,
    key_attributes=["number"],
    attributes=[ServiceAttribute(name="number", modifier="rw", type="int")],
)


def definition(name: str = "vlan", **fields: Any) -> ServiceEntity:
    """Describe a service."""
    described: dict[str, Any] = {
        "environment": uuid.UUID(int=0),
        "name": name,
        "attributes": [NAME, SIZE, VLAN],
        "embedded_entities": [PORTS],
        "lifecycle": SIMPLE,
        "service_identity": "name",
        "strict_modifier_enforcement": True,
    }
    return ServiceEntity(**(described | fields))


class CatalogClient:
    """Calls on the catalog of one environment."""

    def __init__(self, client: Client, environment: uuid.UUID) -> None:
        self.client = client
        self.environment = environment

    async def call(self, method: str, *, code: int = 200, **arguments: Any) -> Any:
        """Call a method, expect its status code, and give the data or the message of the answer."""
        result = await getattr(self.client, method)(tid=self.environment, **arguments)
        assert result.code == code, result.result
        answer = result.result or {}
        return answer.get("data") if code == 200 else answer["message"]

    async def create(self, entity: ServiceEntity, *, code: int = 200) -> Any:
        """Add a service entity."""
        return await self.call("lsm_service_catalog_create_entity", code=code, service_entity_definition=entity)

    async def update(self, entity: ServiceEntity, *, code: int = 200, **flags: Any) -> Any:
        """Replace the definition of a service entity."""
        return await self.call(
            "lsm_service_catalog_update_entity",
            code=code,
            service_entity=entity.name,
            service_entity_definition=entity,
            **flags,
        )

    async def versions(self, default: int, *entities: ServiceEntity, code: int = 200) -> Any:
        """Set the versions of a service entity."""
        return await self.call(
            "lsm_service_catalog_update_entity_versions",
            code=code,
            service_entity="vlan",
            service_entity_definitions=list(entities),
            default_version=default,
        )

    async def get(self, name: str = "vlan", *, code: int = 200, **arguments: Any) -> Any:
        """Read a service entity."""
        return await self.call("lsm_service_catalog_get_entity", code=code, service_entity=name, **arguments)

    async def instance(self, name: str, **attributes: Any) -> uuid.UUID:
        """Create an instance, in a halted environment: it stays in its initial state."""
        created = await self.call("lsm_services_create", service_entity="vlan", attributes={"name": name, **attributes})
        return uuid.UUID(created["id"])

    async def attributes(self, instance: uuid.UUID) -> dict[str, Any]:
        """Read the candidate attributes of an instance."""
        found: dict[str, Any] = await self.call("lsm_services_get_by_id", service_id=instance)
        assert found["version"] == 1
        attributes: dict[str, Any] = found["candidate_attributes"]
        return attributes
