"""Drawings of lifecycles."""

import logging
import pathlib
import shutil
import subprocess

from inmanta_lsm.model import Lifecycle, LifecycleState, LifecycleTransfer

LOGGER = logging.getLogger(__name__)

COLORS = {None: "white", "info": "lightblue", "success": "palegreen", "warning": "khaki", "danger": "lightcoral"}


def to_dot(lifecycle: Lifecycle) -> str:
    """
    Describe a lifecycle in the language of graphviz: states are coloured by their label, the ones whose resources are
    exported have a solid border, and edges to error states are dashed.
    """
    lines = [f"digraph {_quote(lifecycle.name)} {{", "    node [shape=box];"]
    lines += [f"    {_state(lifecycle, state)}" for state in lifecycle.states]
    lines += [f"    {edge}" for transfer in lifecycle.transfers for edge in _edges(transfer)]
    return "\n".join([*lines, "}"]) + "\n"


def draw(lifecycle: Lifecycle, directory: pathlib.Path) -> pathlib.Path:
    """
    Draw a lifecycle into `fsm.svg`, or describe it in `fsm.dot` on a machine without graphviz.

    :param directory: where to write the file; an earlier drawing is replaced
    :return: the file
    """
    program = shutil.which("dot")
    if program is not None:
        drawing = directory / "fsm.svg"
        command = [program, "-Tsvg", "-o", str(drawing)]
        drawn = subprocess.run(command, input=to_dot(lifecycle), text=True, capture_output=True, check=False)
        if drawn.returncode == 0:
            return drawing
        reason = f"graphviz failed: {drawn.stderr.strip()}"
    else:
        reason = "the program dot is not installed, it is part of graphviz"
    description = directory / "fsm.dot"
    description.write_text(to_dot(lifecycle))
    LOGGER.warning("Lifecycle %s is described in %s instead of drawn: %s.", lifecycle.name, description, reason)
    return description


def _state(lifecycle: Lifecycle, state: LifecycleState) -> str:
    initial = state.name in (lifecycle.initial_state, *lifecycle.alternative_initial_states)
    style = "filled" if state.export_resources else "filled,dashed"
    attributes = [
        f'style="{style}"',
        f"fillcolor={COLORS[state.label]}",
        f"peripheries={2 if initial or state.deleted else 1}",
    ]
    return f"{_quote(state.name)} [{', '.join(attributes)}];"


def _edges(transfer: LifecycleTransfer) -> list[str]:
    edges = [_edge(transfer, transfer.target, transfer.target_operation, "solid")]
    if transfer.error is not None:
        edges.append(_edge(transfer, transfer.error, transfer.error_operation, "dashed"))
    return edges


def _edge(transfer: LifecycleTransfer, destination: str, operation: str | None, style: str) -> str:
    flags = {
        "on update": transfer.on_update,
        "on delete": transfer.on_delete,
        "set state": transfer.api_set_state,
        "resources": transfer.resource_based,
        "auto": transfer.auto,
        "validate": transfer.validate_,
    }
    label = ", ".join(flag for flag, is_set in flags.items() if is_set)
    if operation is not None:
        label += f"\n{operation}"
    return f"{_quote(transfer.source)} -> {_quote(destination)} [label={_quote(label)}, style={style}];"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
