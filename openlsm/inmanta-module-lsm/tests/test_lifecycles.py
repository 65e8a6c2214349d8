"""The built-in lifecycles are the documented ones."""

import json
import pathlib
from dataclasses import dataclass

import pytest
from inmanta_lsm.model import Lifecycle
from pytest_inmanta.plugin import Project


@dataclass(frozen=True)
class StateRow:
    """A state: `sets` are the attribute sets used to validate the instance itself and others."""

    name: str
    label: str | None
    exported: bool
    sets: tuple[str | None, str | None]
    purged: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class TransferRow:
    """A transfer: `triggers` are the flags that are set, `operation` the one on the way to the target."""

    source: str
    target: str
    error: str | None
    triggers: str
    operation: str | None
    description: str
    config_name: str | None = None


TABLES = json.loads(pathlib.Path(__file__).with_name("documented_lifecycles.json").read_text())


def states(table: str) -> list[StateRow]:
    return [StateRow(name, label, exported, tuple(sets), *flags) for name, label, exported, sets, *flags in TABLES[table]]


SIMPLE_STATES = states("simple_states")
SERVICE_STATES = states("more_service_states")
[DEALLOCATING] = states("deallocation_states")
SIMPLE_TRANSFERS = [TransferRow(*row) for row in TABLES["simple_transfers"]]
SERVICE_TRANSFERS = [TransferRow(*row) for row in TABLES["service_transfers"]]

# The states that a deletion that is validated starts from, with the label of the state of that validation.
VALIDATED_DELETIONS = {"creating": "info", "up": "success", "failed": "warning", "update_failed": "warning"}


def validated_deletion(state: str) -> StateRow:
    return StateRow(f"delete_validating_{state}", VALIDATED_DELETIONS[state], True, (None, "active"))


def with_validated_deletion(transfers: list[TransferRow]) -> list[TransferRow]:
    """An instance that is deleted is first validated without itself; when that fails it goes back to where it was."""
    changed = [
        TransferRow(row.source, validating, None, "on_delete", None, f"{row.source} to {validating}")
        if row.target == "deleting" and row.triggers == "on_delete"
        else row
        for row in transfers
        for validating in [f"delete_validating_{row.source}"]
    ]
    for state in VALIDATED_DELETIONS:
        name = f"delete_validating_{state}"
        changed.append(TransferRow(name, "deleting", state, "auto validate", None, "validating delete"))
        changed.append(TransferRow(name, name, name, "resource_based", None, f"{name} to {name}"))
    return changed


def with_deallocation(transfers: list[TransferRow]) -> list[TransferRow]:
    """Between the deletion of the resources and the end there is a state to give back values."""
    end = next(row for row in transfers if row.source == "deleting")
    position = transfers.index(end)
    return [
        *transfers[:position],
        TransferRow("deleting", "deallocating", "deleting", "resource_based", None, "deletion done"),
        TransferRow("deallocating", "terminated", "deallocating", "resource_based", None, "deallocation done"),
        *transfers[position + 1 :],
    ]


VALIDATING = [validated_deletion(state) for state in VALIDATED_DELETIONS]
SERVICE = [*SIMPLE_STATES, *SERVICE_STATES]
LIFECYCLES = {
    "simple": (SIMPLE_STATES, SIMPLE_TRANSFERS),
    "simple_with_delete_validate": ([*SIMPLE_STATES, *VALIDATING], with_validated_deletion(SIMPLE_TRANSFERS)),
    "simple_with_deallocation": ([*SIMPLE_STATES, DEALLOCATING], with_deallocation(SIMPLE_TRANSFERS)),
    "simple_with_deallocation_v2": ([*SIMPLE_STATES, DEALLOCATING], with_deallocation(SIMPLE_TRANSFERS)),
    "simple_with_deallocation_v2_and_delete_validate": (
        [*SIMPLE_STATES, *VALIDATING, DEALLOCATING],
        with_validated_deletion(with_deallocation(SIMPLE_TRANSFERS)),
    ),
    "service": (SERVICE, SERVICE_TRANSFERS),
    "service_with_delete_validate": ([*SERVICE, *VALIDATING], with_validated_deletion(SERVICE_TRANSFERS)),
    "service_with_deallocation": ([*SERVICE, DEALLOCATING], with_deallocation(SERVICE_TRANSFERS)),
    "service_with_deallocation_and_delete_validate": (
        [*SERVICE, *VALIDATING, DEALLOCATING],
        with_validated_deletion(with_deallocation(SERVICE_TRANSFERS)),
    ),
}
NUMBER_OF_STATES_AND_TRANSFERS = {
    "simple": (17, 29),
    "simple_with_delete_validate": (21, 37),
    "simple_with_deallocation": (18, 30),
    "simple_with_deallocation_v2": (18, 30),
    "simple_with_deallocation_v2_and_delete_validate": (22, 38),
    "service": (20, 53),
    "service_with_delete_validate": (24, 61),
    "service_with_deallocation": (21, 54),
    "service_with_deallocation_and_delete_validate": (25, 62),
}

# A validated update is compared with what is active.
COMPARED_ON_VALIDATE = {"update_start": "active", "update_start_failed": "active"}
COMPARED_ON_VALIDATE_OF_SERVICE = COMPARED_ON_VALIDATE | {
    "update_acknowledged": "active",
    "update_acknowledged_failed": "active",
}
# A deployed update is compared with what was active before, a rollback with what it undoes.
COMPARED_ON_EXPORT = {
    "update_inprogress": "rollback",
    "update_failed": "rollback",
    "delete_validating_update_failed": "rollback",
    "rollback": "candidate",
}

TRIGGERS = ("on_update", "on_delete", "api_set_state", "resource_based", "auto", "validate_")


@pytest.fixture(scope="module")
def compiled() -> dict[str, Lifecycle]:
    """The lifecycles by name, empty until the first test compiled them."""
    return {}


@pytest.fixture
def lifecycles(compiled: dict[str, Lifecycle], request: pytest.FixtureRequest) -> dict[str, Lifecycle]:
    if not compiled:
        project: Project = request.getfixturevalue("project")
        project.compile("import lsm::fsm")
        from inmanta_plugins.lsm.catalog.lifecycle_definition import read_lifecycle

        found = [read_lifecycle(lifecycle) for lifecycle in project.get_instances("lsm::LifecycleStateMachine")]
        compiled.update({lifecycle.name: lifecycle for lifecycle in found})
    return compiled


def test_there_are_nine_lifecycles_named_after_their_variables(lifecycles: dict[str, Lifecycle]) -> None:
    assert set(lifecycles) == {f"lsm::{name}" for name in LIFECYCLES}


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_states_are_the_documented_ones(lifecycles: dict[str, Lifecycle], name: str) -> None:
    lifecycle = lifecycles[f"lsm::{name}"]
    found = [
        StateRow(
            state.name,
            state.label,
            state.export_resources,
            (state.validate_self, state.validate_others),
            state.purge_resources,
            state.deleted,
        )
        for state in lifecycle.states
    ]
    expected, _ = LIFECYCLES[name]
    assert lifecycle.initial_state == "start"
    assert lifecycle.alternative_initial_states == []
    assert len(found) == NUMBER_OF_STATES_AND_TRANSFERS[name][0]
    assert sorted(found, key=lambda row: row.name) == sorted(expected, key=lambda row: row.name)
    assert all(state.values == {} for state in lifecycle.states)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_transfers_are_the_documented_ones_in_their_order(lifecycles: dict[str, Lifecycle], name: str) -> None:
    found = [
        TransferRow(
            transfer.source,
            transfer.target,
            transfer.error,
            " ".join(trigger.removesuffix("_") for trigger in TRIGGERS if getattr(transfer, trigger)),
            transfer.target_operation,
            transfer.description or "",
            transfer.config_name,
        )
        for transfer in lifecycles[f"lsm::{name}"].transfers
    ]
    _, expected = LIFECYCLES[name]
    assert len(found) == NUMBER_OF_STATES_AND_TRANSFERS[name][1]
    if name.startswith("simple"):
        assert found == expected
    else:
        # What the variants of this lifecycle replace moves to the end.
        assert sorted(found, key=str) == sorted(expected, key=str)
    assert name != "service" or found == expected
    assert all(transfer.error_operation is None for transfer in lifecycles[f"lsm::{name}"].transfers)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_an_edge_preserves_the_desired_state_when_no_attribute_set_and_no_flag_changes(
    lifecycles: dict[str, Lifecycle], name: str
) -> None:
    lifecycle = lifecycles[f"lsm::{name}"]

    def preserves(source: str, destination: str | None, operation: str | None) -> bool:
        if destination is None:
            return False
        ends = [lifecycle.get_state(source), lifecycle.get_state(destination)]
        return (
            ends[0].export_resources == ends[1].export_resources
            and not any(state.purge_resources or state.deleted for state in ends)
            and operation in (None, "clear candidate")
        )

    for transfer in lifecycle.transfers:
        expected = (
            preserves(transfer.source, transfer.target, transfer.target_operation),
            preserves(transfer.source, transfer.error, transfer.error_operation),
        )
        assert (transfer.target_same_desired_state, transfer.error_same_desired_state) == expected, transfer


def test_the_simple_lifecycle_has_nineteen_preserving_target_edges_and_thirteen_error_edges(
    lifecycles: dict[str, Lifecycle],
) -> None:
    transfers = lifecycles["lsm::simple"].transfers
    assert sum(transfer.target_same_desired_state for transfer in transfers) == 19
    assert sum(transfer.error_same_desired_state for transfer in transfers) == 13


@pytest.mark.parametrize("name", LIFECYCLES)
def test_updates_and_rollbacks_know_the_attribute_set_to_compare_with(lifecycles: dict[str, Lifecycle], name: str) -> None:
    validated = COMPARED_ON_VALIDATE if name.startswith("simple") else COMPARED_ON_VALIDATE_OF_SERVICE
    for state in lifecycles[f"lsm::{name}"].states:
        compared = (state.previous_attr_set_on_validate, state.previous_attr_set_on_export)
        assert compared == (validated.get(state.name), COMPARED_ON_EXPORT.get(state.name)), state.name


@pytest.mark.parametrize("name", LIFECYCLES)
def test_a_failed_validation_leads_to_a_rejected_state_or_back_to_where_the_deletion_started(
    lifecycles: dict[str, Lifecycle], name: str
) -> None:
    for transfer in lifecycles[f"lsm::{name}"].transfers:
        if transfer.validate_:
            origin = transfer.source.removeprefix("delete_validating_")
            assert transfer.error is not None
            assert "rejected" in transfer.error or (origin != transfer.source and transfer.error == origin)
