"""The lifecycle engine in a running server: compiles and deployment reports move instances."""

import pytest
from service_lab import ServiceLab

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_instance_is_validated_exported_and_up_once_it_is_deployed(lab: ServiceLab) -> None:
    instance = await lab.create("a")
    creating = await lab.reaches(instance, "creating")
    await lab.report(instance)
    up = await lab.get(instance)

    assert (creating["version"], up["version"], up["state"]) == (3, 4, "up")
    assert up["active_attributes"] == {"name": "a", "size": 1, "vlan_id": None}
    assert up["candidate_attributes"] is None
    assert [entry["state"] for entry in await lab.log(instance)] == ["start", "acknowledged", "creating", "up"]
    await lab.idle()
    assert [requested.do_export for requested in await lab.compiles()] == [False, True, True]
