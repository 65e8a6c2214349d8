"""The compiles of these tests run as the test run asks for: what it says about warm or cold ones is about such."""

import uuid

import pytest
import requests
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import patient, wait_until
from inmanta_embedded.testing import compiles
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


def warm_compiles(orchestrator: Orchestrator) -> int | None:
    """How many compiles ran from a warm process; None when the server knows nothing of such."""
    url, headers = f"{orchestrator.url}/api/v1/serverstatus", orchestrator.headers()
    slices = requests.get(url, headers=headers, timeout=patient()).json()["data"]["slices"]
    return next((int(one["status"]["warm_compiles"]) for one in slices if one["name"] == "warm_compiler.processes"), None)


@pytest.mark.parametrize("partial_compile", [False], indirect=True)
def test_compiles_are_warm_unless_the_test_run_asks_for_cold_ones(
    catalog: RemoteOrchestrator, embedded_orchestrator: Orchestrator
) -> None:
    before = warm_compiles(embedded_orchestrator)
    environment = uuid.UUID(str(catalog.environment))

    assert catalog.client.notify_change(id=environment, update=False).code == 200
    wait_until(lambda: catalog.client.is_compiling(id=environment).code == 204, "the compile does not end")

    if compiles.are_cold():
        assert before is None
    else:
        assert before is not None
        assert (warm_compiles(embedded_orchestrator) or 0) > before
