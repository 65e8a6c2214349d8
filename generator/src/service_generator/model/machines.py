"""Lifecycles that a description defines, as statements."""

from collections.abc import Mapping

from service_generator.model.expressions import Constant, Construct, ListOf, Node, Variable, data_node
from service_generator.model.lifecycles import State, Transfer
from service_generator.model.names import snake_case
from service_generator.model.services import Lifecycle
from service_generator.model.statements import Assign, Gap, Statement


def machine(lifecycle: Lifecycle) -> tuple[Statement, ...]:
    """
    The statements that make a lifecycle.

    :param lifecycle: the lifecycle
    """
    variable = lifecycle.variable.rpartition("::")[2]
    names = {state: f"{variable}_{snake_case(state.name).replace('-', '_')}" for state in lifecycle.machine.states}
    place = lifecycle.machine.place
    statements: list[Statement] = [Assign(place, name, _state(state)) for state, name in names.items()]
    members: list[tuple[str, Node]] = [
        ("name", Constant(lifecycle.machine.name)),
        ("initial_state", Variable(names[lifecycle.machine.initial])),
        ("transfers", ListOf(tuple(_transfer(transfer, names) for transfer in lifecycle.machine.transfers))),
    ]
    if lifecycle.machine.alternatives:
        alternatives = tuple(Variable(names[state]) for state in lifecycle.machine.alternatives)
        members.append(("alternative_initial_states", ListOf(alternatives)))
    made = Construct("lsm::LifecycleStateMachine", tuple(members))
    comment = f"The lifecycle {lifecycle.machine.name}."
    return (*statements, Gap(place), Assign(place, variable, made, comment), Gap(place))


def _state(state: State) -> Construct:
    members: list[tuple[str, Node]] = [("name", Constant(state.name)), ("export_resources", Constant(state.exports))]
    optional = {
        "label": state.label,
        "validate_self": state.validate_self,
        "validate_others": state.validate_others,
        "purge_resources": state.purges or None,
        "deleted": state.deleted or None,
        "values": dict(state.values) or None,
        "previous_attr_set_on_validate": state.previous_on_validate,
        "previous_attr_set_on_export": state.previous_on_export,
        "__annotations": dict(state.annotations) or None,
    }
    return Construct("lsm::State", (*members, *_given(optional)))


def _transfer(transfer: Transfer, names: dict[State, str]) -> Construct:
    members: list[tuple[str, Node]] = [
        ("source", Variable(names[transfer.source])),
        ("target", Variable(names[transfer.target])),
    ]
    if transfer.error is not None:
        members.append(("error", Variable(names[transfer.error])))
    optional = {
        "auto": transfer.auto or None,
        "on_update": transfer.on_update or None,
        "on_delete": transfer.on_delete or None,
        "api_set_state": transfer.on_request or None,
        "resource_based": transfer.resource_based or None,
        "validate": transfer.validate or None,
        "config_name": transfer.config,
        "description": transfer.description or None,
        "target_operation": transfer.operation,
        "error_operation": transfer.error_operation,
        "target_same_desired_state": transfer.same_desired_state or None,
        "error_same_desired_state": transfer.error_same_desired_state or None,
        "__annotations": dict(transfer.annotations) or None,
    }
    return Construct("lsm::StateTransfer", (*members, *_given(optional)))


def _given(values: Mapping[str, object]) -> list[tuple[str, Node]]:
    return [(name, data_node(value)) for name, value in values.items() if value is not None]
