"""What has become of an item, judged by where its instance is."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.diagnose.model import Failure
from inmanta_lsm.model import EventType, ServiceInstanceEvent
from inmanta_lsm.order.judgement import ItemHistory, Verdict, judge
from inmanta_lsm.order.model import OrderItemAction, OrderItemFailureType
from inmanta_lsm.order.outcome import deployment_reason

from ..helpers.simple_lifecycle import SIMPLE, service

NOW = datetime.datetime(2026, 1, 10, 10, tzinfo=datetime.UTC)
AUTO, RESOURCE, FORCED = EventType.AUTO_TRANSITION, EventType.RESOURCE_TRANSITION, EventType.FORCE_UPDATE


def event(
    event_type: EventType, version: int, destination: str | None = "up", *, error: bool = False, failed: bool = False
) -> ServiceInstanceEvent:
    """The only event of a flow."""
    return ServiceInstanceEvent(
        id=uuid.uuid4(),
        service_instance_id=uuid.UUID(int=1),
        service_instance_version=version,
        service_desired_state_version=version,
        timestamp=NOW,
        destination=destination,
        message=f"event in {version}",
        event_correlation_id=uuid.uuid4(),
        severity=40 if failed else 20,
        event_type=event_type,
        is_error_transition=error,
    )


def history(
    *events: ServiceInstanceEvent,
    state: str = "up",
    action: OrderItemAction = OrderItemAction.create,
    deleted: bool = False,
    stable: bool = True,
    without_outcome: Sequence[ServiceInstanceEvent] = (),
) -> ItemHistory:
    """What happened to an instance. Each event is the outcome of its flow, except for those that are named."""
    return ItemHistory(
        action=action,
        entity=service(),
        version=9,
        state=state,
        deleted=deleted,
        stable=stable,
        events=events,
        outcomes=frozenset({one.id for one in events} - {one.id for one in without_outcome}),
    )


def test_an_instance_that_stays_in_a_good_state_completes_its_item() -> None:
    assert judge(history(event(AUTO, 1), event(RESOURCE, 2))) == Verdict()


def test_an_instance_that_is_about_to_move_is_waited_for() -> None:
    assert judge(history(event(AUTO, 1), stable=False)) is None


def test_a_flow_without_outcome_is_waited_for() -> None:
    validation = event(EventType.ON_UPDATE_TRANSITION, 3)

    assert judge(history(validation, without_outcome=[validation])) is None


def test_an_allocation_is_no_flow_to_wait_for() -> None:
    allocation = event(EventType.ALLOCATION_UPDATE, 1, None)

    assert judge(history(event(AUTO, 1), allocation, without_outcome=[allocation])) == Verdict()


@pytest.mark.parametrize(
    ("last", "failure"),
    [
        (event(RESOURCE, 2, "failed", error=True), OrderItemFailureType.EXECUTION_FAILED),
        (event(AUTO, 2, "rejected", error=True), OrderItemFailureType.VALIDATION_COMPILE_FAILED),
        (event(EventType.API_SET_STATE_TRANSITION, 2, "rejected", error=True), OrderItemFailureType.VALIDATION_COMPILE_FAILED),
    ],
)
def test_an_error_is_told_by_what_led_to_it(last: ServiceInstanceEvent, failure: OrderItemFailureType) -> None:
    verdict = judge(history(event(AUTO, 1), last, state=str(last.destination)))

    assert verdict is not None
    assert (verdict.failure, verdict.version) == (failure, 3)


def test_an_error_that_ends_in_a_state_without_label_is_one_all_the_same() -> None:
    verdict = judge(history(event(RESOURCE, 2, "deleting", error=True), state="deleting"))

    assert verdict is not None
    assert verdict.failure is OrderItemFailureType.EXECUTION_FAILED


def test_an_instance_that_recovered_completes_its_item() -> None:
    assert judge(history(event(RESOURCE, 2, "failed", error=True), event(RESOURCE, 3, "up"))) == Verdict()


def test_a_bad_label_without_any_error_is_a_failed_execution() -> None:
    assert judge(history(state="update_failed")) == Verdict(
        OrderItemFailureType.EXECUTION_FAILED, "The instance is in state update_failed, which means warning."
    )


def test_a_transfer_that_could_not_be_executed_is_a_failed_execution() -> None:
    assert judge(history(event(AUTO, 1, "creating", failed=True), state="start")) == Verdict(
        OrderItemFailureType.EXECUTION_FAILED, "event in 1"
    )


def test_a_deletion_is_completed_when_the_instance_is_deleted_and_only_then() -> None:
    deletion = OrderItemAction.delete

    assert judge(history(action=deletion, state="terminated", deleted=True)) == Verdict()
    assert judge(history(action=deletion, state="deleting", stable=False)) is None
    verdict = judge(history(action=deletion, state="up"))
    assert verdict is not None
    assert verdict.failure is OrderItemFailureType.EXECUTION_FAILED


def test_a_new_instance_that_is_deleted_fails_its_item() -> None:
    verdict = judge(history(state="terminated", deleted=True))

    assert verdict is not None
    assert verdict.failure is OrderItemFailureType.EXECUTION_FAILED


@pytest.mark.parametrize("action", list(OrderItemAction))
def test_what_an_expert_changed_tells_nothing(action: OrderItemAction) -> None:
    verdict = judge(history(event(FORCED, 1), action=action, stable=False))

    assert verdict is not None
    assert verdict.failure is OrderItemFailureType.INCONCLUSIVE


def test_a_failed_export_tells_nothing() -> None:
    compile_id = uuid.uuid4()

    verdict = judge(replace(history(stable=False), failed_exports=[compile_id]))

    assert verdict is not None
    assert verdict.failure is OrderItemFailureType.INCONCLUSIVE
    assert str(compile_id) in str(verdict.reason)


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(EventType),
        st.integers(1, 9),
        st.sampled_from(["up", "failed", None]),
        error=st.booleans(),
        failed=st.booleans(),
    ),
    max_size=4,
)


@given(
    events=EVENTS,
    state=st.sampled_from([state.name for state in SIMPLE.states]),
    action=st.sampled_from(OrderItemAction),
    deleted=st.booleans(),
)
def test_every_item_whose_instance_settled_has_an_end_with_a_reason(
    events: list[ServiceInstanceEvent], state: str, action: OrderItemAction, deleted: bool
) -> None:
    verdict = judge(history(*events, state=state, action=action, deleted=deleted))

    assert verdict is not None
    assert (verdict.failure is None) == (verdict.reason is None)


FILE = "fs::File[localhost,path=/a]"


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (
            [f"An error occurred during deployment of {FILE} (exception: no)"],
            f"An error occurred during deployment of {FILE} (exception: no)",
        ),
        (["no space left"], f"An error occurred during deployment: {FILE},v=2: no space left"),
        (["no", f"{FILE} is a folder"], f"An error occurred during deployment: {FILE},v=2: no; {FILE} is a folder"),
    ],
)
def test_the_reason_of_a_failed_deployment_is_what_the_handlers_said(messages: list[str], reason: str) -> None:
    failures = [
        Failure(resource_id=f"{FILE},v=2", instance_version=3, model_version=2, time=NOW, message=message)
        for message in messages
    ]

    assert deployment_reason(failures) == reason
