"""What an instance is said to wait for."""

import pytest
from inmanta_lsm.model import DeploymentProgress, Lifecycle, State, StateTransfer
from inmanta_services.lifecycle import failure_states, waiting_for

LIFECYCLE = Lifecycle(
    name="example",
    initial_state="start",
    states=[
        State(name=name, export_resources=name not in ("start", "ready"), purge_resources=name == "deleting")
        for name in ("start", "ready", "creating", "up", "failed", "deleting", "gone")
    ],
    transfers=[
        StateTransfer(source="start", target="ready", error="failed", auto=True, validate_=True),
        StateTransfer(source="ready", target="creating", auto=True),
        StateTransfer(source="creating", target="up", error="failed", resource_based=True),
        StateTransfer(source="up", target="up", error="failed", resource_based=True),
        StateTransfer(source="failed", target="up", error="failed", resource_based=True),
        StateTransfer(source="up", target="deleting", on_delete=True),
        StateTransfer(source="deleting", target="gone", error="deleting", resource_based=True),
    ],
)

EXPORT = "a compile that exports it, and its deployment"


@pytest.mark.parametrize(
    ("state", "progress", "expected"),
    [
        ("start", None, "a compile that validates it"),
        ("ready", None, "the orchestrator"),
        ("creating", None, "a compile that exports it, and its deployment"),
        (
            "creating",
            DeploymentProgress(total=7, failed=0, deployed=7, waiting=0),
            "a compile that exports it, and its deployment",
        ),
        ("creating", DeploymentProgress(total=7, failed=0, deployed=2, waiting=5), "its resources: 2 of 7 deployed"),
        ("creating", DeploymentProgress(total=7, failed=1, deployed=6, waiting=0), "its resources: 6 of 7 deployed"),
        ("deleting", DeploymentProgress(total=7, failed=0, deployed=2, waiting=5), "its resources: 2 of 7 removed"),
        ("up", None, ""),
        ("failed", None, ""),
        ("gone", None, ""),
    ],
)
def test_each_state_says_what_it_waits_for(state: str, progress: DeploymentProgress | None, expected: str) -> None:
    assert waiting_for(LIFECYCLE, state, progress) == expected


def test_a_state_is_a_failure_when_only_something_wrong_leads_to_it() -> None:
    assert failure_states(LIFECYCLE) == {"failed"}
