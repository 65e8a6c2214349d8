"""What the stock access to an orchestrator does, on the embedded one."""

import pytest
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

pytestmark = pytest.mark.full


def test_only_a_soft_clear_of_the_environment_keeps_the_project(remote_orchestrator: RemoteOrchestrator) -> None:
    file = remote_orchestrator.remote_project_path / "files" / "kept"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("as it was")

    remote_orchestrator.clear_environment(soft=True)
    assert file.read_text() == "as it was"

    remote_orchestrator.clear_environment()
    assert not file.exists()
