"""The definition that the service catalog gets of a lifecycle."""

import json

from pytest_inmanta_lsm.lsm_project import LsmProject

LIFECYCLE = """
import lsm

start = lsm::State(name="start", export_resources=false, validate_self="candidate")
creating = lsm::State(name="creating", export_resources=true, validate_self="active", validate_others="active")
up = lsm::State(
    name="set-state-up", label="success", export_resources=true, validate_self="active", validate_others="active",
    values={"tier": 1}, __annotations={"web_label": "{{ label }}"},
)
failed = lsm::State(name="failed", export_resources=true, validate_self="active", validate_others="active")
deleting = lsm::State(
    name="deleting", export_resources=true, validate_self="active", validate_others="active", purge_resources=true
)
rejected = lsm::State(name="rejected", export_resources=false, deleted=true)
terminated = lsm::State(name="terminated", export_resources=false, deleted=true)
imported = lsm::State(name="imported", export_resources=true, validate_self="candidate")
label = "Up and running"

lifecycle = lsm::LifecycleStateMachine(
    name="testing::simple-with-set-state",
    initial_state=start,
    alternative_initial_states=[imported],
    transfers=[
        lsm::StateTransfer(
            source=start, target=creating, error=rejected, auto=true, validate=true, target_operation="promote",
            error_same_desired_state=true, __annotations={"web_icon": "go"},
        ),
        lsm::StateTransfer(
            source=creating, target=up, error=creating, resource_based=true, target_same_desired_state=true,
            error_same_desired_state=true,
        ),
        lsm::StateTransfer(
            source=up, target=up, error=failed, resource_based=true, target_same_desired_state=true,
            error_same_desired_state=true,
        ),
        lsm::StateTransfer(
            source=failed, target=up, error=failed, resource_based=true, target_same_desired_state=true,
            error_same_desired_state=true,
        ),
        lsm::StateTransfer(source=up, target=deleting, error=null, on_delete=true),
        lsm::StateTransfer(
            source=deleting, target=terminated, error=deleting, resource_based=true, error_same_desired_state=true
        ),
    ],
)
entity Service extends lsm::ServiceEntity:
end
implement Service using parents
lsm::ServiceEntityBindingV2(service_entity="__config__::Service", service_entity_name="my-service", lifecycle=lifecycle)
"""


def test_a_lifecycle_of_ones_own_is_exported_as_it_is_written(lsm_project: LsmProject) -> None:
    lsm_project.export_service_entities(LIFECYCLE)

    lifecycle = lsm_project.get_service_entity("my-service").lifecycle
    assert lifecycle.name == "testing::simple-with-set-state"
    assert lifecycle.initial_state == "start"
    assert lifecycle.alternative_initial_states == ["imported"]
    names = ["start", "creating", "rejected", "set-state-up", "failed", "deleting", "terminated", "imported"]
    assert [state.name for state in lifecycle.states] == names
    up = lifecycle.get_state("set-state-up")
    assert (up.values, up.annotations) == ({"tier": 1}, {"web_label": "Up and running"})
    edges = [(transfer.source, transfer.target, transfer.error) for transfer in lifecycle.transfers]
    assert edges[0] == ("start", "creating", "rejected")
    assert edges[-2:] == [("set-state-up", "deleting", None), ("deleting", "terminated", "deleting")]
    assert lifecycle.transfers[0].annotations == {"web_icon": "go"}
    assert json.loads(lifecycle.transfers[0].model_dump_json(by_alias=True))["validate"] is True
    assert [transfer.description for transfer in lifecycle.transfers] == [""] * 6
