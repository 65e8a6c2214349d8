"""A lifecycle in which an instance only moves when it is told to."""

from inmanta_lsm.model import AttributeOperation, Lifecycle, State, StateTransfer

STILL = Lifecycle(
    name="still",
    initial_state="start",
    alternative_initial_states=["imported"],
    states=[
        State(name="start", export_resources=False),
        State(name="imported", export_resources=True),
        State(name="changed", export_resources=False),
        State(name="cleared", export_resources=True),
        State(name="gone", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="start", target="start", on_update=True),
        StateTransfer(source="start", target="gone", on_delete=True),
        StateTransfer(source="start", target="changed", api_set_state=True),
        StateTransfer(source="start", target="imported", api_set_state=True, validate_=True),
        StateTransfer(
            source="start", target="cleared", api_set_state=True, target_operation=AttributeOperation.CLEAR_CANDIDATE
        ),
        StateTransfer(source="changed", target="imported", auto=True, config_name="auto_import"),
    ],
)
