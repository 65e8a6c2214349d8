"""What the engine expects of core when it asks for the removal of resource sets."""

import uuid
from typing import Any

import pytest

from ..helpers.service_lab import ServiceLab

pytestmark = pytest.mark.asyncio(loop_scope="session")


RESOURCE = "std::testing::NullResource[internal,name={}]"


def resource(name: str, version: int) -> dict[str, Any]:
    """Describe a resource as the exporter does."""
    return {
        "id": f"{RESOURCE.format(name)},v={version}",
        "agentname": "internal",
        "name": name,
        "requires": [],
        "send_event": False,
        "purged": False,
        "purge_on_delete": False,
    }


async def test_a_partial_export_may_remove_a_resource_set_that_does_not_exist(lab: ServiceLab) -> None:
    """An instance that is deleted before it was ever exported has no resource set; its last export asks for the removal."""
    client, environment = lab.client, lab.environment
    version: Any = await client.reserve_version(environment).value()
    kept, removed = str(uuid.uuid4()), str(uuid.uuid4())
    full = await client.put_version(
        tid=environment,
        version=version,
        resources=[resource("a", version), resource("b", version)],
        module_version_info={},
        resource_sets={RESOURCE.format("a"): kept, RESOURCE.format("b"): removed},
    )
    partial = await client.put_partial(
        tid=environment,
        resources=[],
        resource_state={},
        unknowns=[],
        version_info={},
        resource_sets={},
        module_version_info={},
        removed_resource_sets=[removed, str(uuid.uuid4())],
    )
    left: Any = await client.get_resources_in_version(environment, version + 1).value()

    assert (full.code, partial.code) == (200, 200)
    assert [found.resource_id for found in left] == [RESOURCE.format("a")]
