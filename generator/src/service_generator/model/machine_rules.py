"""What every lifecycle of a description has to satisfy, as the orchestrator checks it."""

from collections import Counter

from service_generator.errors import DescriptionError
from service_generator.model.lifecycles import State, StateMachine, Transfer
from service_generator.model.services import Lifecycle

_SETS = (None, "candidate", "active", "rollback")
_OPERATIONS = (None, "promote", "rollback", "clear candidate", "clear active", "clear rollback")
_LABELS = (None, "success", "info", "warning", "danger")


def check_machine(lifecycle: Lifecycle) -> None:
    """
    Check a lifecycle.

    :param lifecycle: the lifecycle
    :raises DescriptionError: the first rule that is broken
    """
    machine = lifecycle.machine
    where = lifecycle.variable.rpartition("::")[2]
    try:
        _check_states(machine)
        for transfer in machine.transfers:
            _check_transfer(transfer)
        _check_triggers(machine)
        _check_reached(machine)
    except DescriptionError as error:
        raise error.within(where).at(machine.place) from error


def _check_states(machine: StateMachine) -> None:
    if not machine.transfers:
        raise DescriptionError("the lifecycle has no transfers. Add at least one.")
    for name, times in Counter(state.name for state in machine.states).items():
        if times > 1:
            raise DescriptionError(f"{times} different states are called {name}. Use one State for all of its transfers.")
    for state in machine.states:
        _check_state(state)


def _check_state(state: State) -> None:
    for value in (state.validate_self, state.validate_others, state.previous_on_validate, state.previous_on_export):
        if value not in _SETS:
            raise DescriptionError(
                f"the state {state.name} names the attribute set {value!r}. Use candidate, active or rollback."
            )
    if state.label not in _LABELS:
        raise DescriptionError(f"the state {state.name} has the label {state.label!r}. Use success, info, warning or danger.")
    if state.deleted and state.exports:
        raise DescriptionError(f"the state {state.name} is deleted, and exports resources. Leave one of them out.")


def _check_transfer(transfer: Transfer) -> None:
    name = f"the transfer from {transfer.source.name} to {transfer.target.name}"
    triggers = (transfer.auto, transfer.on_update, transfer.on_delete, transfer.on_request, transfer.resource_based)
    if sum(triggers) != 1:
        raise DescriptionError(
            f"{name} has {sum(triggers)} triggers. Give it one of auto, on_update, on_delete, on_request and resource_based."
        )
    if transfer.validate and not (transfer.auto or transfer.on_request):
        raise DescriptionError(f"{name} validates, which only an automatic or requested one can. Take validate away.")
    if transfer.validate and transfer.error is None:
        raise DescriptionError(f"{name} validates, and has no error state to go to. Give it one.")
    if transfer.config is not None and not transfer.auto:
        raise DescriptionError(f"{name} can be switched off by {transfer.config}, which only an automatic one can.")
    for operation in (transfer.operation, transfer.error_operation):
        if operation not in _OPERATIONS:
            raise DescriptionError(f"{name} has the operation {operation!r}. Use promote, rollback or clear candidate.")
    for same, target in ((transfer.same_desired_state, transfer.target), (transfer.error_same_desired_state, transfer.error)):
        if same and target is not None and target.exports != transfer.source.exports:
            raise DescriptionError(f"{name} keeps the desired state, but only one of its states exports resources.")


def _check_triggers(machine: StateMachine) -> None:
    for trigger in ("resource_based", "on_update", "on_delete"):
        sources = Counter(transfer.source.name for transfer in machine.transfers if getattr(transfer, trigger))
        for name, times in sources.items():
            if times > 1:
                raise DescriptionError(f"{times} transfers with {trigger} leave the state {name}. Keep one.")


def _check_reached(machine: StateMachine) -> None:
    reached = {machine.initial, *machine.alternatives}
    while True:
        more = {
            state
            for transfer in machine.transfers
            if transfer.source in reached
            for state in (transfer.target, transfer.error)
            if state is not None and state not in reached
        }
        if not more:
            break
        reached |= more
    missing = [state.name for state in machine.states if state not in reached]
    if missing:
        raise DescriptionError(f"no way leads to the state {missing[0]}. Add a transfer to it, or leave it out.")
