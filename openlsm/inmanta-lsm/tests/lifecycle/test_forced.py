"""What changes that do not follow the lifecycle do to an instance."""

import uuid

import pytest
from inmanta_lsm.attributes.sets import AttributeSets, ImpossibleOperationError
from inmanta_lsm.lifecycle import forced
from inmanta_lsm.lifecycle.instance import EnvironmentOptions, Instance
from inmanta_lsm.model import AttributeOperation, EventType, Lifecycle, ServiceEntity, State

from ..helpers.simple_lifecycle import service

OPTIONS = EnvironmentOptions(uuid.uuid4(), "lab")
SETS = AttributeSets(candidate={"size": 2}, active={"size": 1})
FLOW = uuid.uuid4()


def versions(*, export_before: bool, export_after: bool) -> tuple[ServiceEntity, ServiceEntity]:
    """Give two versions of a service, with one state each."""
    old, new = (
        Lifecycle(name="single", initial_state="here", states=[State(name="here", export_resources=exported)], transfers=[])
        for exported in (export_before, export_after)
    )
    return service(lifecycle=old, version=1), service(lifecycle=new, version=2)


def instance(entity: ServiceEntity) -> Instance:
    """Give an instance in version 3."""
    return Instance(
        id=uuid.uuid4(),
        environment=OPTIONS.id,
        service_entity=entity.name,
        service_entity_version=entity.version,
        version=3,
        desired_state_version=2,
        state="here",
        sets=SETS,
        auto_done=True,
        report_pending=True,
    )


@pytest.mark.parametrize("export_before", [False, True])
@pytest.mark.parametrize("export_after", [False, True])
def test_a_migration_is_exported_when_the_instance_was_exported_before_or_is_afterwards(
    export_before: bool, export_after: bool
) -> None:
    old, new = versions(export_before=export_before, export_after=export_after)
    decision = forced.migrate(instance(old), old, new, OPTIONS, "here", AttributeSets(active={"size": 5}), FLOW)

    assert (decision.compile is not None) is (export_before or export_after)
    after = decision.after
    assert (after.service_entity_version, after.version, after.desired_state_version) == (2, 4, 3)
    assert (after.sets, after.auto_done, after.report_pending) == (AttributeSets(active={"size": 5}), False, False)


def test_a_forced_state_comes_with_the_result_of_the_operation() -> None:
    entity, _ = versions(export_before=False, export_after=False)
    before = instance(entity)
    decision = forced.force_state(before, entity, OPTIONS, "here", AttributeOperation.PROMOTE, "why", FLOW)
    assert decision.after.sets == AttributeSets(active={"size": 2}, rollback={"size": 1})
    with pytest.raises(ImpossibleOperationError, match="no rollback attribute set"):
        forced.force_state(before, entity, OPTIONS, "here", AttributeOperation.ROLLBACK, "why", FLOW)


def test_a_forced_deletion_keeps_the_state_and_exports_nothing() -> None:
    entity, _ = versions(export_before=True, export_after=True)
    decision = forced.force_delete(instance(entity), "why", FLOW)
    after = decision.after
    assert (after.deleted, after.state, after.version, after.desired_state_version) == (True, "here", 4, 3)
    assert (decision.compile, after.report_pending) == (None, False)
    [event] = decision.events
    assert event.flow.event_type is EventType.FORCE_DELETE


def test_nothing_is_exported_for_a_forced_change_without_server_compile() -> None:
    entity, _ = versions(export_before=True, export_after=True)
    options = EnvironmentOptions(OPTIONS.id, "lab", server_compile=False)
    assert forced.force_state(instance(entity), entity, options, "here", None, "why", FLOW).compile is None
