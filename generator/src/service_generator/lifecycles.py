"""What installed lifecycles consist of, found by a compile: needed for drawings, and for lifecycles that differ from them."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from service_generator.errors import DescriptionError
from service_generator.model.lifecycles import State, StateMachine, Transfer
from service_generator.projects import compiled_project

_TRIGGERS = {
    "auto": "auto",
    "resource_based": "resource_based",
    "api_set_state": "on_request",
    "on_update": "on_update",
    "on_delete": "on_delete",
}


@dataclass(frozen=True)
class Edge:
    """One way from a state to another, and what makes an instance take it."""

    source: str
    target: str
    trigger: str
    on_error: bool


@dataclass(frozen=True)
class LifecycleGraph:
    """A lifecycle, as a graph."""

    initial: str
    edges: tuple[Edge, ...]


@cache
def read_machine(variable: str) -> StateMachine:
    """
    An installed lifecycle, found by a compile.

    :param variable: the full name of the variable that holds it, like ``lsm::fsm::simple``
    :raises DescriptionError: there is no such lifecycle
    """
    # Late, as everything that is only needed here.
    from inmanta import compiler
    from inmanta.ast import NotFoundException
    from inmanta.execute.proxy import DynamicProxy
    from inmanta.execute.runtime import ResultVariable

    namespace, _, name = variable.rpartition("::")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "libs").mkdir()
        Path(folder, "project.yml").write_text("name: lifecycle\nmodulepath: libs\n", encoding="utf-8")
        Path(folder, "main.cf").write_text(f"import {namespace}\n\nlifecycle = {variable}\n", encoding="utf-8")
        with compiled_project(Path(folder)):
            try:
                _, root = compiler.do_compile()
            except NotFoundException as error:
                raise DescriptionError(f"there is no lifecycle {name} in {namespace}. Use one of fsm.") from error
    main = root.get_child("__config__")
    assert main is not None
    found = main.get_scope().lookup("lifecycle")
    assert isinstance(found, ResultVariable)
    return machine_of(DynamicProxy.return_value(found.get_value()))


def lifecycle_graph(machine: StateMachine) -> LifecycleGraph:
    """
    The states and transfers of a lifecycle, to be drawn.

    :param machine: the lifecycle
    """
    edges: list[Edge] = []
    for transfer in machine.transfers:
        trigger = next((name for name, attribute in _TRIGGERS.items() if getattr(transfer, attribute)), "")
        if transfer.validate:
            trigger = f"{trigger}, validate"
        edges.append(Edge(transfer.source.name, transfer.target.name, trigger, on_error=False))
        if transfer.error is not None:
            edges.append(Edge(transfer.source.name, transfer.error.name, trigger, on_error=True))
    return LifecycleGraph(machine.initial.name, tuple(edges))


def machine_of(found: Any) -> StateMachine:
    """
    A lifecycle of a compiled model.

    :param found: the instance of ``lsm::LifecycleStateMachine``
    """
    return StateMachine(
        found.name,
        initial=_state(found.initial_state),
        transfers=[_transfer(transfer) for transfer in sorted(found.transfers, key=_written_at)],
        alternatives=[_state(state) for state in found.alternative_initial_states],
    )


def _written_at(transfer: Any) -> tuple[object, ...]:
    # The compiler makes them in any order; people read them in the one in which they are written.
    location = transfer._get_instance().get_location()
    return location.file, location.lnr, getattr(location, "start_char", 0)


def _state(found: Any) -> State:
    return State(
        name=found.name,
        label=found.label,
        exports=found.export_resources,
        validate_self=found.validate_self,
        validate_others=found.validate_others,
        purges=found.purge_resources,
        deleted=found.deleted,
        values=dict(found.values),
        previous_on_validate=found.previous_attr_set_on_validate,
        previous_on_export=found.previous_attr_set_on_export,
        annotations=dict(found.__getattr__("__annotations")),
    )


def _transfer(found: Any) -> Transfer:
    return Transfer(
        source=_state(found.source),
        target=_state(found.target),
        error=_error_of(found),
        auto=found.auto,
        on_update=found.on_update,
        on_delete=found.on_delete,
        on_request=found.api_set_state,
        resource_based=found.resource_based,
        validate=found.validate,
        config=found.config_name,
        description=found.description,
        operation=found.target_operation,
        error_operation=found.error_operation,
        same_desired_state=found.target_same_desired_state,
        error_same_desired_state=found.error_same_desired_state,
        annotations=dict(found.__getattr__("__annotations")),
    )


def _error_of(transfer: Any) -> State | None:
    from inmanta.ast import OptionalValueException

    try:
        return None if transfer.error is None else _state(transfer.error)
    except OptionalValueException:
        return None
