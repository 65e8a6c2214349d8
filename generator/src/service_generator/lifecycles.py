"""What the lifecycles of the installed lsm module look like, found by compiling them: only drawings need to know."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service_generator.errors import DescriptionError

_TRIGGERS = ("auto", "resource_based", "api_set_state", "on_update", "on_delete")


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


def lifecycle_graph(variable: str) -> LifecycleGraph:
    """
    The states and transfers of a lifecycle.

    :param variable: the full name of the variable that holds it, like ``lsm::fsm::simple``
    :raises DescriptionError: the there is no such lifecycle
    """
    # Late, as everything that is only needed here.
    from inmanta import compiler
    from inmanta.ast import NotFoundException
    from inmanta.execute.proxy import DynamicProxy
    from inmanta.execute.runtime import ResultVariable
    from inmanta.module import Project

    namespace, _, name = variable.rpartition("::")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "libs").mkdir()
        Path(folder, "project.yml").write_text("name: lifecycle\nmodulepath: libs\n", encoding="utf-8")
        Path(folder, "main.cf").write_text(f"import {namespace}\n\nlifecycle = {variable}\n", encoding="utf-8")
        Project.set(Project(folder))
        try:
            _, root = compiler.do_compile()
        except NotFoundException as error:
            raise DescriptionError(f"there is no lifecycle {name} in {namespace}.") from error
    main = root.get_child("__config__")
    assert main is not None
    found = main.get_scope().lookup("lifecycle")
    assert isinstance(found, ResultVariable)
    return _graph(DynamicProxy.return_value(found.get_value()))


def _graph(machine: Any) -> LifecycleGraph:
    edges: list[Edge] = []
    for transfer in machine.transfers:
        trigger = next((trigger for trigger in _TRIGGERS if getattr(transfer, trigger)), "")
        if transfer.validate:
            trigger = f"{trigger}, validate"
        edges.append(Edge(transfer.source.name, transfer.target.name, trigger, on_error=False))
        error = _error_of(transfer)
        if error is not None:
            edges.append(Edge(transfer.source.name, error, trigger, on_error=True))
    return LifecycleGraph(machine.initial_state.name, tuple(edges))


def _error_of(transfer: Any) -> str | None:
    from inmanta.ast import OptionalValueException

    try:
        return None if transfer.error is None else str(transfer.error.name)
    except OptionalValueException:
        return None
