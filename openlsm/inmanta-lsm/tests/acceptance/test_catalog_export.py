"""The export of the service definitions by the server itself, after the environment was cleared."""

import pytest
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

from ..helpers.desired_state import DesiredState

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


def services(orchestrator: RemoteOrchestrator) -> dict[str, int]:
    """The services in the catalog, with the number of their instances."""
    answer = orchestrator.client.lsm_service_catalog_list(tid=orchestrator.environment, instance_summary=True)
    assert answer.code == 200, answer.result
    assert answer.result is not None
    return {service["name"]: service["instance_summary"]["total"] for service in answer.result["data"]}


@pytest.mark.parametrize("partial_compile", [False], indirect=True)
def test_the_server_rebuilds_the_catalog_each_time_the_environment_is_cleared(
    orchestrator: RemoteOrchestrator, desired_state: DesiredState
) -> None:
    for _ in range(2):
        orchestrator.clear_environment(soft=True)
        assert services(orchestrator) == {}
        assert desired_state.versions() == []

        # An update of the project asks the package index of the machine, on which no test should depend.
        exported = orchestrator.client.lsm_export_service_definition(tid=orchestrator.environment, force_update=False)
        assert exported.code == 200, exported.result
        desired_state.wait_for_compiles(2)
        assert services(orchestrator) == {"site": 0, "rack": 0}
        assert len(desired_state.versions()) == 1

    orchestrator.get_managed_instance("site").create({"name": "north"}, wait_for_state="up")
    desired_state.wait_for_compiles()
    assert services(orchestrator) == {"site": 1, "rack": 0}
    assert len(desired_state.versions()) == 3
