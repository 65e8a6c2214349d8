"""Lifecycles that the catalog accepts, for tests that hold for any of them."""

from hypothesis import strategies as st
from inmanta_lsm.model import AttributeOperation, Lifecycle, State, StateTransfer

STATES = ["s0", "s1", "s2", "s3", "s4"]
OPERATIONS = st.sampled_from([None, None, None, *AttributeOperation])


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Draw a lifecycle in which each trigger has at most one edge from a state."""
    states = [State(name=name, export_resources=draw(st.booleans()), deleted=name == "s4") for name in STATES]
    exporting = {state.name: state.export_resources for state in states}
    names = st.sampled_from(STATES)
    transfers: list[StateTransfer] = []

    def edge(source: str, trigger: str, *, validate: bool = False) -> None:
        target, error = draw(names), draw(st.none() | names)
        # An auto edge that leads backwards without a compile in between could be followed for ever.
        if trigger == "auto" and not validate and target <= source:
            return
        transfers.append(
            StateTransfer(
                source=source,
                target=target,
                error=error,
                target_operation=draw(OPERATIONS),
                error_operation=draw(OPERATIONS),
                target_same_desired_state=exporting[source] == exporting[target] and draw(st.booleans()),
                error_same_desired_state=error is not None and exporting[source] == exporting[error] and draw(st.booleans()),
                validate_=validate,
                auto=trigger == "auto",
                api_set_state=trigger == "api_set_state",
                on_update=trigger == "on_update",
                on_delete=trigger == "on_delete",
                resource_based=trigger == "resource_based",
            )
        )

    for source in STATES[:-1]:
        if draw(st.booleans()):
            edge(source, "auto", validate=draw(st.booleans()))
        for trigger in ("on_update", "on_delete", "resource_based"):
            if draw(st.booleans()):
                edge(source, trigger)
        if draw(st.booleans()):
            edge(source, "api_set_state", validate=draw(st.booleans()))
    return Lifecycle(name="random", initial_state="s0", states=states, transfers=transfers)
