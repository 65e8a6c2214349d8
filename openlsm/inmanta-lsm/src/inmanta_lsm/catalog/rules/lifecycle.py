"""Which lifecycles are sound."""

from collections import Counter
from collections.abc import Hashable, Iterable

from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.model import Lifecycle, StateTransfer


def check_lifecycle(lifecycle: Lifecycle) -> None:
    """
    Refuse a lifecycle that is wrong whatever its instances do.

    :raises RuleViolationError: a state is defined twice or not at all, an edge validates that cannot, a trigger has several
        edges to follow, or an edge that is to keep the desired state changes whether the instance is part of it
    """
    for name in repeated(state.name for state in lifecycle.states):
        raise RuleViolationError(f"Lifecycle {lifecycle.name} defines state {name} more than once.")
    known = {state.name for state in lifecycle.states}
    for role, name in _mentioned_states(lifecycle):
        if name not in known:
            raise RuleViolationError(f"Lifecycle {lifecycle.name} has no state {name}, which is {role}.")
    for transfer in lifecycle.transfers:
        if transfer.validate_ and not (transfer.auto or transfer.api_set_state):
            raise RuleViolationError(
                f"Lifecycle {lifecycle.name}: {named(transfer)} cannot validate, only auto and api_set_state transfers can."
            )
        _check_same_desired_state(lifecycle, transfer)
    _check_unique_edges(lifecycle)


def doubtful_flows(lifecycle: Lifecycle) -> list[str]:
    """
    Find the edges behind which an instance may get stuck.

    When transfers that keep the desired state are not exported, the resource that reports the deployment is not deployed
    again after such a transfer: the next resource-based transfer then waits for a report that nobody sends.

    :param lifecycle: the lifecycle, which has to be sound
    :return: a sentence for each such edge
    """
    onward = {
        transfer.source: transfer.target
        for transfer in lifecycle.transfers
        if transfer.has_trigger(TransferTrigger.RESOURCE_BASED)
    }
    return [
        f"Lifecycle {lifecycle.name}: {named(transfer)} keeps the desired state, so with transfer optimization the"
        f" resource-based transfer from {transfer.target} to {onward[transfer.target]} gets no report to follow."
        for transfer in lifecycle.transfers
        if transfer.resource_based
        and transfer.target_same_desired_state
        and onward.get(transfer.target, transfer.target) != transfer.target
    ]


def named(transfer: StateTransfer) -> str:
    """How messages call an edge."""
    return f"the transfer {transfer.source} -> {transfer.target}"


def repeated[T: Hashable](values: Iterable[T]) -> list[T]:
    """The values that occur more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def _mentioned_states(lifecycle: Lifecycle) -> Iterable[tuple[str, str]]:
    yield "the initial state", lifecycle.initial_state
    for name in lifecycle.alternative_initial_states:
        yield "an alternative initial state", name
    for transfer in lifecycle.transfers:
        yield f"the source of {named(transfer)}", transfer.source
        yield f"the target of {named(transfer)}", transfer.target
        if transfer.error is not None:
            yield f"the error state of {named(transfer)}", transfer.error


def _check_same_desired_state(lifecycle: Lifecycle, transfer: StateTransfer) -> None:
    source = lifecycle.get_state(transfer.source)
    for keeps, end in (
        (transfer.target_same_desired_state, transfer.target),
        (transfer.error_same_desired_state, transfer.error),
    ):
        if keeps and end is not None and lifecycle.get_state(end).export_resources != source.export_resources:
            raise RuleViolationError(
                f"Lifecycle {lifecycle.name}: {named(transfer)} cannot keep the desired state on the way from {source.name} to"
                f" {end}, as only one of these states exports resources."
            )


def _check_unique_edges(lifecycle: Lifecycle) -> None:
    for trigger in (TransferTrigger.ON_UPDATE, TransferTrigger.ON_DELETE, TransferTrigger.RESOURCE_BASED):
        for source in repeated(transfer.source for transfer in lifecycle.transfers if transfer.has_trigger(trigger)):
            raise RuleViolationError(
                f"Lifecycle {lifecycle.name} has more than one {trigger.value.lower()} transfer from state {source}."
            )
    edges = ((transfer.source, transfer.target) for transfer in lifecycle.transfers if transfer.api_set_state)
    for source, target in repeated(edges):
        raise RuleViolationError(
            f"Lifecycle {lifecycle.name} has more than one api_set_state transfer from state {source} to state {target}."
        )
