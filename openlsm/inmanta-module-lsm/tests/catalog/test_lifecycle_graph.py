"""Drawings of lifecycles."""

import logging
import pathlib

import pytest
from inmanta_lsm.model import AttributeOperation, Lifecycle, LifecycleState, LifecycleTransfer
from inmanta_plugins.lsm.catalog.lifecycle_graph import draw, to_dot
from pytest_inmanta.plugin import Project

LIFECYCLE = Lifecycle(
    name="my-module::life",
    initial_state="start",
    states=[
        LifecycleState(name="start", export_resources=False),
        LifecycleState(name='the "up" state', label="success", export_resources=True),
        LifecycleState(name="rejected", label="danger", export_resources=False, deleted=True),
    ],
    transfers=[
        LifecycleTransfer(
            source="start",
            target='the "up" state',
            error="rejected",
            auto=True,
            validate_=True,
            target_operation=AttributeOperation.PROMOTE,
        ),
    ],
)


def stand_in_for_dot(directory: pathlib.Path, script: str) -> str:
    program = directory / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(directory)


def test_states_and_both_edges_of_a_transfer_are_drawn() -> None:
    assert to_dot(LIFECYCLE) == "\n".join(
        [
            'digraph "my-module::life" {',
            "    node [shape=box];",
            '    "start" [style="filled,dashed", fillcolor=white, peripheries=2];',
            '    "the \\"up\\" state" [style="filled", fillcolor=palegreen, peripheries=1];',
            '    "rejected" [style="filled,dashed", fillcolor=lightcoral, peripheries=2];',
            '    "start" -> "the \\"up\\" state" [label="auto, validate\\npromote", style=solid];',
            '    "start" -> "rejected" [label="auto, validate", style=dashed];',
            "}",
            "",
        ]
    )


def test_graphviz_draws_into_fsm_svg(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in_for_dot(tmp_path, 'while [ "$1" != -o ]; do shift; done; /bin/cat > "$2"')
    monkeypatch.setenv("PATH", path)

    drawing = draw(LIFECYCLE, tmp_path)

    assert drawing == tmp_path / "fsm.svg"
    assert drawing.read_text() == to_dot(LIFECYCLE)


def test_without_graphviz_the_lifecycle_is_described_in_fsm_dot(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with caplog.at_level(logging.WARNING):
        drawing = draw(LIFECYCLE, tmp_path)

    assert drawing == tmp_path / "fsm.dot"
    assert drawing.read_text() == to_dot(LIFECYCLE)
    assert "the program dot is not installed" in caplog.text


def test_a_failure_of_graphviz_is_reported(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", stand_in_for_dot(tmp_path, "echo out of ink >&2; exit 1"))

    drawing = draw(LIFECYCLE, tmp_path)

    assert drawing == tmp_path / "fsm.dot"
    assert "out of ink" in caplog.text


@pytest.mark.parametrize("order", ["lsm::render_dot(lifecycle)", "render_graph"])
def test_a_model_can_have_its_lifecycle_drawn(project: Project, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    monkeypatch.setenv("PATH", "")
    drawn = order == "render_graph"
    project.compile(f"""
        import lsm
        up = lsm::State(name="up", export_resources=true)
        lifecycle = lsm::LifecycleStateMachine(
            name="drawn by {order}", initial_state=up, render_graph={str(drawn).lower()},
            transfers=[lsm::StateTransfer(source=up, target=up, error=null, on_update=true)],
        )
        {"" if drawn else order}
    """)

    description = pathlib.Path(project._test_project_dir, "fsm.dot").read_text()
    assert f'digraph "drawn by {order}"' in description
    assert '"up" -> "up" [label="on update", style=solid];' in description
