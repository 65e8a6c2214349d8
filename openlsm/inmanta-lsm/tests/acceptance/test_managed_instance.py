"""
The life of instances, as the oldest of the stock clients takes them through it, with compiles as the test run asks for: what it
says about warm or cold ones is about such.
"""

import pytest
import requests
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import patient
from inmanta_embedded.testing import compiles
from pytest_inmanta_lsm.exceptions import BadStateError
from pytest_inmanta_lsm.managed_service_instance import ManagedServiceInstance
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


def history(instance: ManagedServiceInstance) -> list[str]:
    """All states that an instance went through, the first one first."""
    states = {state.version: state.name for state in instance.get_states()}
    return [states[version] for version in range(1, len(states) + 1)]


def active_attributes(instance: ManagedServiceInstance) -> object:
    """What an instance is deployed with."""
    orchestrator = instance.remote_orchestrator
    answer = orchestrator.client.lsm_services_get(
        tid=orchestrator.environment, service_entity=instance.service_entity_name, service_id=instance.instance_id
    )
    assert answer.code == 200, answer.result
    assert answer.result is not None
    return answer.result["data"]["active_attributes"]


def warm_compiles(orchestrator: Orchestrator) -> int | None:
    """How many compiles ran from a warm process; None when the server knows nothing of such."""
    url, headers = f"{orchestrator.url}/api/v1/serverstatus", orchestrator.headers()
    slices = requests.get(url, headers=headers, timeout=patient()).json()["data"]["slices"]
    return next((int(one["status"]["warm_compiles"]) for one in slices if one["name"] == "warm_compiler.processes"), None)


@pytest.mark.parametrize("partial_compile", [False], indirect=True)
def test_the_legacy_client_creates_updates_and_deletes_and_says_why_a_validation_failed(
    catalog: RemoteOrchestrator, embedded_orchestrator: Orchestrator
) -> None:
    warm_before = warm_compiles(embedded_orchestrator)
    site = catalog.get_managed_instance("site")
    site.create({"name": "north"}, wait_for_state="up", version=4)
    assert active_attributes(site) == {"name": "north", "note": None}

    duplicate = catalog.get_managed_instance("site")
    with pytest.raises(BadStateError, match="rejected"):
        duplicate.create({"name": "north"})
    message = duplicate.get_validation_failure_message()
    assert message is not None
    assert "value set twice" in message
    assert str(site.instance_id) in message
    assert str(duplicate.instance_id) in message
    duplicate.delete()
    assert history(duplicate) == ["start", "rejected", "terminated"]

    site.update(attribute_updates={"note": "rebuilt"}, wait_for_state="up", new_version=8)
    assert active_attributes(site) == {"name": "north", "note": "rebuilt"}

    site.delete(wait_for_state="terminated", version=10)
    created = ["start", "acknowledged", "creating", "up"]
    updated = ["update_start", "update_acknowledged", "update_inprogress", "up"]
    assert history(site) == [*created, *updated, "deleting", "terminated"]

    # It takes an environment and a catalog, so that there is no test for it alone.
    if compiles.are_cold():
        assert warm_before is None
    else:
        assert warm_before is not None
        assert (warm_compiles(embedded_orchestrator) or 0) > warm_before
