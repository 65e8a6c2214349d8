"""What each trigger does to an instance, one example for each rule."""

import logging
import uuid
from dataclasses import replace
from typing import Any

import pytest
from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle import edges, reports, transfers
from inmanta_lsm.lifecycle.decision import CompileQueued, Decision, Event, ExportRequest, Flow, ValidationRequest
from inmanta_lsm.lifecycle.edges import Branch
from inmanta_lsm.lifecycle.instance import DeploymentReport, EnvironmentOptions, Instance
from inmanta_lsm.model import AttributeOperation, EventType, Lifecycle, ServiceEntity, State, StateTransfer

from ..helpers.lifecycle_world import World
from ..helpers.simple_lifecycle import SIMPLE, service

ENVIRONMENT = uuid.UUID("36cd8f2c-6b1c-4a1d-9a0c-5f0d4a4b8f11")
INSTANCE = uuid.UUID("5e0c3b53-9a34-4a5c-8f1b-0c5d0d9a4f6e")
FLOW = uuid.UUID("d3b0a9a2-3e6f-4b1c-8b8f-2f6f3f0a7c55")
COMPILE = uuid.UUID("11111111-2222-4333-8444-555555555555")
OPTIONS = EnvironmentOptions(ENVIRONMENT, "lab")
OPTIMIZED = replace(OPTIONS, transfer_optimization=True)
FULL = AttributeSets(candidate={"size": 2}, active={"size": 1}, rollback={"size": 0})


def instance(state: str, **fields: Any) -> Instance:
    """Give an instance with all three sets, in version 3."""
    values: dict[str, Any] = {
        "id": INSTANCE,
        "environment": ENVIRONMENT,
        "service_entity": "vlan",
        "service_entity_version": 0,
        "version": 3,
        "desired_state_version": 3,
        "state": state,
        "sets": FULL,
    }
    return Instance(**(values | fields))


def two_states(*transfers: StateTransfer, export: bool = True) -> ServiceEntity:
    """Give a service with the states a and b and some edges."""
    states = [State(name=name, export_resources=export) for name in "ab"]
    return service(lifecycle=Lifecycle(name="two", initial_state="a", states=states, transfers=list(transfers)))


def request(before: Instance, entity: ServiceEntity, options: EnvironmentOptions, edge: StateTransfer, **more: Any) -> Decision:
    """Ask for a transfer as the trigger of the edge does."""
    trigger = next(trigger for trigger in TransferTrigger if edge.has_trigger(trigger))
    return transfers.request(before, entity, options, trigger, edge, FLOW, **more)


def events(decision: Decision) -> list[Event]:
    """Give the events as they are written."""
    return [event.event(COMPILE) if isinstance(event, CompileQueued) else event for event in decision.events]


def messages(decision: Decision) -> list[str]:
    """Give the messages of the events."""
    return [event.message for event in events(decision)]


@pytest.mark.parametrize(
    ("edge", "error"),
    [
        pytest.param(edge, error, id=f"{edge.source} to {edge.error if error else edge.target}, {position}")
        for position, edge in enumerate(SIMPLE.transfers)
        for error in ([False, True] if edge.error else [False])
    ],
)
def test_every_edge_of_the_simple_lifecycle_is_followed(edge: StateTransfer, error: bool) -> None:
    before, entity = instance(edge.source), service()
    if edge.validate_:
        validation = ValidationRequest(Flow(FLOW, EventType.AUTO_TRANSITION), TransferTrigger.AUTO, edge)
        decision = transfers.decide_on_validation(before, entity, OPTIONS, validation, version=3, success=not error)
    elif edge.resource_based:
        decision = reports.decide_on_report(before, entity, OPTIONS, DeploymentReport(4, 4, not error), FLOW)
    else:
        decision = request(before, entity, OPTIONS, edge)

    branch = Branch.of_error(edge) if error else Branch.target(edge)
    assert branch is not None
    assert decision.after.state == branch.destination
    assert decision.is_transfer is not branch.is_noop
    assert decision.after.sets == (FULL if branch.is_noop else FULL.apply(branch.operation))
    assert decision.after.deleted is (branch.destination == "terminated")


def test_an_auto_transfer_with_validation_announces_itself_and_the_compile_and_waits() -> None:
    before = instance("start", version=1, desired_state_version=1)
    decision = transfers.auto(before, service(), OPTIONS, FLOW)

    assert decision is not None
    assert decision.after == before
    assert messages(decision) == [
        f"Auto transition triggered for service instance {INSTANCE} in environment lab ({ENVIRONMENT})",
        f"Validation compile request queued with id {COMPILE}",
    ]
    assert {(event.source, event.destination, event.is_error) for event in events(decision)} == {
        ("start", "acknowledged", False)
    }
    assert {event.flow.correlation_id for event in events(decision)} == {uuid.uuid3(INSTANCE, "1/AUTO")}
    assert isinstance(decision.compile, ValidationRequest)


def test_a_successful_validation_ends_with_the_executed_transfer_to_the_target() -> None:
    [edge] = [edge for edge in SIMPLE.transfers if edge.source == "update_start" and edge.validate_]
    decision = validated(instance("update_start"), edge, success=True)

    assert messages(decision) == [
        f"compile request queued with id {COMPILE}",
        f"Service instance {INSTANCE} successfully executed transfer update_start -> update_acknowledged (error=False)",
    ]
    assert [event.is_error for event in events(decision)] == [False, False]


def test_only_the_last_event_of_a_failed_validation_is_an_error() -> None:
    [edge] = [edge for edge in SIMPLE.transfers if edge.source == "update_start" and edge.validate_]
    decision = validated(instance("update_start"), edge, success=False)

    assert [(event.destination, event.is_error) for event in events(decision)] == [
        ("update_rejected", False),
        ("update_rejected", True),
    ]
    assert "(error=True)" in messages(decision)[-1]


def test_a_rejected_instance_is_not_exported() -> None:
    [edge] = [edge for edge in SIMPLE.transfers if edge.source == "start"]
    assert validated(instance("start"), edge, success=False).compile is None


def test_a_resource_based_transfer_has_three_events_and_an_export() -> None:
    decision = reports.decide_on_report(instance("creating"), service(), OPTIONS, DeploymentReport(4, 4, True), FLOW)

    assert messages(decision) == [
        f"Resource-based transition triggered for service instance {INSTANCE} in environment lab ({ENVIRONMENT})",
        f"compile request queued with id {COMPILE}",
        f"Service instance {INSTANCE} successfully executed transfer creating -> up (error=False)",
    ]
    assert {event.flow.event_type for event in events(decision)} == {EventType.RESOURCE_TRANSITION}
    assert isinstance(decision.compile, ExportRequest)


def test_all_events_of_a_failed_deployment_are_errors() -> None:
    decision = reports.decide_on_report(instance("creating"), service(), OPTIONS, DeploymentReport(4, 4, False), FLOW)
    assert [(event.destination, event.is_error) for event in events(decision)] == [("failed", True)] * 3


def test_the_message_of_a_caller_is_in_the_event_of_his_trigger() -> None:
    [edge] = [edge for edge in SIMPLE.transfers if edge.source == "update_rejected" and edge.api_set_state]
    decision = request(instance("update_rejected"), service(), OPTIONS, edge, remark="give up")
    assert messages(decision)[0] == (
        f"Set state transition triggered for service instance {INSTANCE} in environment lab ({ENVIRONMENT}): give up"
    )


def test_an_export_is_never_announced_as_a_validation() -> None:
    texts = [
        message for edge in SIMPLE.transfers for message in messages(request(instance(edge.source), service(), OPTIONS, edge))
    ]
    assert not [text for text in texts if "validat" in text.lower() and text.startswith("compile")]


def test_a_creation_is_logged_in_version_0() -> None:
    new = instance("start", version=1, desired_state_version=1)
    decision = transfers.create(new, service(), OPTIONS, FLOW)

    assert decision.creates
    assert decision.before.version == 0
    assert messages(decision) == [f"Creation trigger received for service instance {INSTANCE}.", "Creation complete"]
    assert {(event.source, event.destination) for event in events(decision)} == {(None, "start")}
    assert decision.compile is None


def test_a_creation_in_an_exporting_state_is_exported() -> None:
    entity = two_states(StateTransfer(source="a", target="b", resource_based=True))
    decision = transfers.create(instance("a", version=1, desired_state_version=1), entity, OPTIONS, FLOW)
    assert isinstance(decision.compile, ExportRequest)
    assert decision.after.report_pending


def test_an_impossible_operation_leaves_the_instance_alone_and_logs_an_error() -> None:
    before = instance("acknowledged", sets=AttributeSets())
    decision = transfers.auto(before, service(), OPTIONS, FLOW)

    assert decision is not None
    assert decision.after == replace(before, auto_done=True)
    assert messages(decision)[-1] == (
        f"Service instance {INSTANCE} failed to execute transfer acknowledged -> creating: "
        "there is no candidate attribute set to promote"
    )
    assert events(decision)[-1].severity == logging.ERROR


def test_an_auto_transfer_that_failed_is_only_tried_again_when_it_is_retried() -> None:
    before = instance("acknowledged", auto_done=True)
    assert transfers.auto(before, service(), OPTIONS, FLOW) is None
    retried = transfers.auto(before, service(), OPTIONS, FLOW, retry=True)
    assert retried is not None
    assert retried.after.state == "creating"


def test_the_result_of_a_validation_of_an_old_version_is_ignored() -> None:
    [edge] = [edge for edge in SIMPLE.transfers if edge.source == "update_start" and edge.validate_]
    before = instance("update_start_failed", version=4)
    decision = validated(before, edge, success=True)

    assert decision.after == before
    [event] = events(decision)
    assert (event.ignored, event.severity) == (True, logging.WARNING)
    assert event.message == (
        f"Transfer update_start -> update_acknowledged of service instance {INSTANCE} ignored: "
        "it was requested in version 3, the current version is 4"
    )


def test_a_failed_validation_without_error_state_leaves_the_instance_where_it_is() -> None:
    edge = StateTransfer(source="a", target="b", auto=True, validate_=True)
    decision = validated(instance("a"), edge, success=False, entity=two_states(edge))
    assert decision.after == replace(instance("a"), auto_done=True)
    assert "failed to execute transfer a -> b" in messages(decision)[0]


def test_a_validated_transfer_to_the_same_state_ends_without_a_new_version() -> None:
    edge = StateTransfer(source="a", target="a", error="b", auto=True, validate_=True)
    decision = validated(instance("a"), edge, success=True, entity=two_states(edge))
    assert not decision.is_transfer
    assert not decision.failed
    assert messages(decision) == [f"Validation succeeded, service instance {INSTANCE} stays in state a"]
    assert edges.transfer_context(two_states(edge), decision.after) == "stable"


def test_the_result_of_a_validation_for_an_edge_that_is_gone_is_a_failure() -> None:
    edge = StateTransfer(source="a", target="b", auto=True, validate_=True)
    decision = validated(instance("a"), edge, success=True, entity=two_states())
    assert not decision.is_transfer
    assert decision.failed
    assert "the lifecycle does not have this transfer any more" in messages(decision)[0]


def test_a_report_about_a_transfer_to_the_same_state_only_ends_the_wait() -> None:
    before = instance("up", report_pending=True)
    decision = reports.decide_on_report(before, service(), OPTIONS, DeploymentReport(4, 4, True), FLOW)
    assert decision.after == replace(before, report_pending=False)
    assert not decision.events


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (DeploymentReport(3, 4, True), "creating"),
        (DeploymentReport(4, 3, True), "creating"),
        (DeploymentReport(5, 4, True), "up"),
    ],
)
def test_a_report_about_another_version_is_ignored(report: DeploymentReport, state: str) -> None:
    before = instance(state, report_pending=True)
    decision = reports.decide_on_report(before, service(), OPTIONS, report, FLOW)
    assert decision.after == before
    [event] = events(decision)
    assert (event.flow.event_type, event.ignored) == (EventType.RESOURCE_EVENT, True)
    assert event.message.startswith(f"Deployment report for service instance {INSTANCE} ignored: it is about ")


def test_a_report_in_a_state_without_resource_based_edge_is_ignored_and_ends_the_wait() -> None:
    decision = reports.decide_on_report(
        instance("a", report_pending=True), two_states(), OPTIONS, DeploymentReport(4, 4, True), FLOW
    )
    assert decision.after == instance("a")
    assert events(decision)[0].ignored


def test_a_failure_report_on_an_edge_without_error_state_is_ignored() -> None:
    entity = two_states(StateTransfer(source="a", target="b", resource_based=True))
    decision = reports.decide_on_report(instance("a"), entity, OPTIONS, DeploymentReport(4, 4, False), FLOW)
    assert decision.after == instance("a")
    assert events(decision)[0].ignored


def test_a_failure_from_before_the_transfer_changes_nothing_but_one_that_is_new_does() -> None:
    before = instance("creating", report_pending=True)
    report = DeploymentReport(4, 4, False, ("a", "b"))

    outdated = reports.decide_on_report(before, service(), OPTIONS, report, FLOW, ["b", "a"])
    partly_new = reports.decide_on_report(before, service(), OPTIONS, report, FLOW, ["a"])

    assert (outdated.after, list(outdated.events)) == (before, [])
    assert partly_new.after.state == "failed"


def test_with_transfer_optimization_a_report_of_an_older_version_counts_but_only_once() -> None:
    entity = two_states(
        StateTransfer(source="a", target="b", resource_based=True, target_same_desired_state=True),
        StateTransfer(source="b", target="a", error="a", resource_based=True, error_same_desired_state=True),
    )
    report = DeploymentReport(3, 4, True)
    moved = reports.decide_on_report(instance("a"), entity, OPTIMIZED, report, FLOW)
    repeated = reports.decide_on_report(moved.after, entity, OPTIMIZED, report, FLOW)
    another = reports.decide_on_report(moved.after, entity, OPTIMIZED, replace(report, success=False), FLOW)

    assert (moved.after.state, moved.after.version, moved.after.desired_state_version) == ("b", 4, 3)
    assert moved.compile is None
    assert (repeated.after, list(repeated.events)) == (moved.after, [])
    assert another.after.state == "a"


def test_without_server_compile_a_validating_transfer_fails_and_others_are_not_exported() -> None:
    options = replace(OPTIONS, server_compile=False)
    validating = transfers.auto(instance("start"), service(), options, FLOW)
    direct = request(instance("up"), service(), options, next(e for e in SIMPLE.transfers if e.source == "up" and e.on_delete))

    assert validating is not None
    assert messages(validating)[-1].endswith("validation is not possible because server_compile is disabled")
    assert validating.compile is None
    assert (direct.after.state, direct.compile, direct.after.report_pending) == ("deleting", None, False)


def test_a_direct_transfer_to_the_same_state_is_not_executed_but_an_update_is() -> None:
    delete = StateTransfer(source="a", target="a", on_delete=True)
    update = StateTransfer(source="a", target="a", on_update=True)
    entity = two_states(delete, update)
    stay = request(instance("a"), entity, OPTIONS, delete)
    move = request(instance("a"), entity, OPTIONS, update, sets=AttributeSets({"size": 5}))
    assert (stay.is_transfer, stay.failed) == (False, True)
    assert (move.is_transfer, move.failed) == (True, False)


@pytest.mark.parametrize(
    ("instance_config", "entity_config", "expected"),
    [({}, {}, True), ({}, {"go": False}, False), ({"go": True}, {"go": False}, True), ({"go": False}, {"go": True}, False)],
)
def test_the_config_of_an_instance_wins_from_that_of_its_service(
    instance_config: dict[str, bool], entity_config: dict[str, bool], expected: bool
) -> None:
    entity = two_states(StateTransfer(source="a", target="b", auto=True, config_name="go"))
    entity = entity.model_copy(update={"config": entity_config})
    assert (transfers.auto(instance("a", config=instance_config), entity, OPTIONS, FLOW) is not None) is expected


def test_the_first_enabled_auto_edge_is_followed() -> None:
    entity = two_states(
        StateTransfer(source="a", target="a", auto=True, target_operation=AttributeOperation.PROMOTE, config_name="off"),
        StateTransfer(source="a", target="b", auto=True),
    )
    decision = transfers.auto(instance("a", config={"off": False}), entity, OPTIONS, FLOW)
    assert decision is not None
    assert decision.after.state == "b"


def test_an_instance_settles_after_its_own_reports() -> None:
    world = World.create(service(), OPTIONS)
    world.settle()
    seen = [context(world)]
    world.finish_validation(next(iter(world.validations)), success=True)
    seen.append(context(world))
    world.report(world.current_report())
    seen.append(context(world))
    world.report(world.current_report())
    seen.append(context(world))

    assert world.instance.state == "up"
    assert seen == ["auto", "auto", "auto", "stable"]


def context(world: World) -> str:
    """Give the transfer context of the instance."""
    return edges.transfer_context(world.entity, world.instance)


def validated(before: Instance, edge: StateTransfer, *, success: bool, entity: ServiceEntity | None = None) -> Decision:
    """Deliver the result of the validation of an auto edge that was requested in version 3."""
    requested = ValidationRequest(Flow(FLOW, EventType.AUTO_TRANSITION), TransferTrigger.AUTO, edge)
    return transfers.decide_on_validation(before, entity or service(), OPTIONS, requested, version=3, success=success)
