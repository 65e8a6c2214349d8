"""A lifecycle in which a state can be set, as the acceptance scenarios describe it."""

from inmanta_lsm.model import AttributeOperation, Lifecycle, State, StateTransfer

STATE_SETTING = Lifecycle(
    name="frontend_model::simple-with-set-state",
    initial_state="start",
    states=[
        State(name="start", export_resources=False, validate_self="candidate"),
        State(name="rejected", label="danger", export_resources=False, validate_self="candidate"),
        State(name="terminated", export_resources=False, deleted=True),
        *(
            State(name=name, export_resources=True, validate_self="active", validate_others="active")
            for name in ("creating", "update_start", "update_inprogress", "setting_start", "setting_inprogress")
        ),
        State(name="up", label="success", export_resources=True, validate_self="active", validate_others="active"),
        State(name="failed", label="danger", export_resources=True, validate_self="active", validate_others="active"),
        State(name="deleting", export_resources=True, purge_resources=True, validate_self="active", validate_others="active"),
    ],
    transfers=[
        StateTransfer(
            source="start",
            target="creating",
            error="rejected",
            auto=True,
            validate_=True,
            target_operation=AttributeOperation.PROMOTE,
            config_name="auto_creating",
        ),
        StateTransfer(source="rejected", target="terminated", on_delete=True),
        StateTransfer(source="creating", target="up", error="failed", resource_based=True),
        StateTransfer(source="creating", target="deleting", on_delete=True),
        StateTransfer(source="up", target="up", error="failed", resource_based=True),
        StateTransfer(source="up", target="update_start", on_update=True),
        StateTransfer(source="up", target="deleting", on_delete=True),
        StateTransfer(source="up", target="setting_start", api_set_state=True),
        StateTransfer(source="failed", target="up", error="failed", resource_based=True),
        StateTransfer(source="failed", target="deleting", on_delete=True),
        StateTransfer(source="update_start", target="update_inprogress", auto=True, config_name="auto_update_inprogress"),
        StateTransfer(source="update_inprogress", target="up", error="failed", resource_based=True),
        StateTransfer(source="update_inprogress", target="deleting", on_delete=True),
        StateTransfer(source="setting_start", target="setting_inprogress", auto=True),
        StateTransfer(source="setting_inprogress", target="up", error="failed", resource_based=True),
        StateTransfer(source="deleting", target="terminated", error="deleting", resource_based=True),
    ],
)
