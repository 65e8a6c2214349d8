"""The life of instances, as the oldest of the stock clients takes them through it."""

import pytest
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


@pytest.mark.parametrize("partial_compile", [False], indirect=True)
def test_the_legacy_client_creates_updates_and_deletes_and_says_why_a_validation_failed(catalog: RemoteOrchestrator) -> None:
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
