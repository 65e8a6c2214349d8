"""From a lifecycle in the model to its definition in the service catalog."""

from typing import Any

from inmanta.ast import Range
from inmanta.execute.proxy import DynamicProxy
from inmanta_lsm.model import Lifecycle, LifecycleState, LifecycleTransfer
from inmanta_plugins.lsm import bindings
from inmanta_plugins.lsm.json_values import to_json

TRIGGERS = ("on_update", "on_delete", "api_set_state", "resource_based", "auto")


def read_lifecycle(lifecycle: DynamicProxy) -> Lifecycle:
    """
    The definition of a lifecycle.

    The states are those that are mentioned, in the order of their first appearance: the initial state, then the source,
    target and error state of each transfer, then the alternative initial states. The transfers are in the order in which
    they are written in the model, which does not depend on the order in which the compiler created them.

    :param lifecycle: a `lsm::LifecycleStateMachine`
    :raises UnsetException: the lifecycle is not complete yet; the compiler tries again
    """
    model: Any = lifecycle
    transfers = sorted(model.transfers, key=_written_at)
    alternatives = sorted(model.alternative_initial_states, key=lambda state: str(state.name))
    # Proxies of one entity are equal.
    states = dict.fromkeys([model.initial_state])
    for transfer in transfers:
        error = bindings.optional(transfer, "error")
        states.update(dict.fromkeys([transfer.source, transfer.target, *([] if error is None else [error])]))
    states.update(dict.fromkeys(alternatives))
    return Lifecycle(
        name=model.name,
        initial_state=model.initial_state.name,
        alternative_initial_states=[state.name for state in alternatives],
        states=[_read_state(state) for state in states],
        transfers=[_read_transfer(transfer) for transfer in transfers],
    )


def _written_at(transfer: Any) -> tuple[object, ...]:
    """The key to sort transfers by. Transfers that are made in one place, by a loop, are told apart by what they are."""
    location = transfer._get_instance().get_location()
    place = (location.file, location.lnr, location.start_char if isinstance(location, Range) else 0)
    triggers = tuple(not getattr(transfer, trigger) for trigger in TRIGGERS)
    return (*place, transfer.source.name, triggers, transfer.target.name, transfer.description)


def _read_state(state: Any) -> LifecycleState:
    return LifecycleState(
        name=state.name,
        label=state.label,
        export_resources=state.export_resources,
        validate_self=state.validate_self,
        validate_others=state.validate_others,
        purge_resources=state.purge_resources,
        deleted=state.deleted,
        values=to_json(state.values),
        previous_attr_set_on_validate=state.previous_attr_set_on_validate,
        previous_attr_set_on_export=state.previous_attr_set_on_export,
        annotations=to_json(getattr(state, "__annotations")),
    )


def _read_transfer(transfer: Any) -> LifecycleTransfer:
    error = bindings.optional(transfer, "error")
    return LifecycleTransfer(
        source=transfer.source.name,
        target=transfer.target.name,
        error=None if error is None else error.name,
        on_update=transfer.on_update,
        on_delete=transfer.on_delete,
        api_set_state=transfer.api_set_state,
        resource_based=transfer.resource_based,
        auto=transfer.auto,
        validate_=transfer.validate,
        config_name=transfer.config_name,
        description=transfer.description,
        target_operation=transfer.target_operation,
        error_operation=transfer.error_operation,
        target_same_desired_state=transfer.target_same_desired_state,
        error_same_desired_state=transfer.error_same_desired_state,
        annotations=to_json(getattr(transfer, "__annotations")),
    )
