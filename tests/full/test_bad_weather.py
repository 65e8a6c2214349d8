"""
Full tests of what goes wrong: creations and updates that are refused or rejected, deployments that fail and recover or are
rolled back, and deletion from every state that allows it. See ``test_basic_service.py`` for what full tests are good for.
"""

import inspect

import inmanta_lsm.methods
import inmanta_lsm.model
import pytest
from inmanta import const
from inmanta.protocol import methods
from inmanta_embedded.patience import wait_until
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module
from pytest_inmanta_lsm import remote_service_instance

from tests import configuration_file, deployment, orders

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


def add_item(name: str) -> list[inmanta_lsm.model.PatchCallEdit]:
    """:return: an update that adds an item to an order"""
    return [inmanta_lsm.model.PatchCallEdit(edit_id=name, operation="merge", target="items", value=[{"name": name}])]


def deploy_again(
    orchestrator: remote_orchestrator_module.RemoteOrchestrator,
    method: const.AgentTriggerMethod = const.AgentTriggerMethod.push_incremental_deploy,
) -> None:
    """
    Let the agents deploy once more, as an operator does who has removed the cause of a failure.

    :param orchestrator: the orchestrator
    :param method: whether only what is known not to be as it should be, or everything
    """
    result = orchestrator.client.deploy(orchestrator.environment, agent_trigger_method=method)
    assert result.code == 200, result.result


def settle(instance: remote_service_instance.RemoteServiceInstance) -> None:
    """
    Wait until an instance knows how it fares in its state. The export of that state may still be on its way: an instance whose
    obstacle is taken away before it has come recovers by itself.

    :param instance: the instance
    """
    wait_until(lambda: instance.get().transfer_context == "stable", "the instance does not settle")


def delete(instance: remote_service_instance.RemoteServiceInstance) -> None:
    """
    Delete an instance whose obstacle was taken away. A deployment that is on its way may let it recover between the look at its
    version and the call, which is refused then.

    :param instance: the instance
    """
    versions: list[int] = []

    def is_accepted() -> bool:
        versions.append(instance.get().version)
        answer = instance.remote_orchestrator.client.lsm_services_delete(
            tid=instance.remote_orchestrator.environment,
            service_entity=instance.service_entity_name,
            service_id=instance.instance_id,
            current_version=versions[-1],
        )
        assert answer.code in (200, 409), answer.result
        return bool(answer.code == 200)

    wait_until(is_accepted, "no deletion is accepted")
    instance.wait_for_state("terminated", start_version=versions[-1])


def test_refused_and_rejected_calls_leave_everything_as_it_was(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator,
    configure: configuration_file.Configure,
    deployed: deployment.Deployment,
) -> None:
    configure({**deployed.configuration(), "basic_service": {"unique_id_range": {"start": 4, "end": 4}}})
    remote_orchestrator.sync_project()
    first = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "BasicService")
    up = first.create({"name": "first"}, wait_for_state="up")

    # The identity is taken: refused, nothing is stored.
    duplicate = remote_orchestrator.client.lsm_services_create(
        tid=remote_orchestrator.environment, service_entity="BasicService", attributes={"name": "first"}
    )
    assert duplicate.code == 409, duplicate.result

    # No id is left: accepted, and rejected by its validation, which says why.
    second = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "BasicService")
    rejected = second.create({"name": "second"}, wait_for_state="rejected", bad_states=[])
    (rejection,) = second.diagnose(version=rejected.version).rejections
    assert any("unique_id" in error.message for error in rejection.errors)

    # A caller that has not seen the latest version may not change anything.
    stale = remote_orchestrator.client.lsm_services_delete(
        tid=remote_orchestrator.environment,
        service_entity="BasicService",
        service_id=first.instance_id,
        current_version=up.version - 1,
    )
    assert stale.code == 409, stale.result

    unchanged = first.get()
    assert (unchanged.version, unchanged.state, unchanged.active_attributes) == (up.version, "up", up.active_attributes)
    second.delete(wait_for_state="terminated")
    first.delete(wait_for_state="terminated")


def test_a_deployment_that_fails_recovers_and_a_failed_one_can_be_deleted(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    item_file = deployed.item_file()
    deployed.obstruct(item_file)
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")

    failed = instance.create(orders.order("A1", "nut"), wait_for_state="failed", bad_states=[])
    failures = instance.diagnose(version=failed.version).failures
    assert any(str(item_file) in group.resource_id for group in failures)

    deployed.clear(item_file)
    deploy_again(remote_orchestrator)
    up = instance.wait_for_state("up", start_version=failed.version, bad_states=[])
    assert up.active_attributes is not None
    deployed.assert_deployed(up.active_attributes)

    # A repair run finds that the file is not what it should be any more, and cannot mend it.
    deployed.obstruct(item_file)
    deploy_again(remote_orchestrator, const.AgentTriggerMethod.push_full_deploy)
    instance.wait_for_state("failed", start_version=up.version, bad_states=[])
    settle(instance)
    deployed.clear(item_file)
    delete(instance)
    deployed.assert_deployed()


def test_a_failed_deployment_is_tried_again_when_another_service_is_created(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    item_file = deployed.item_file()
    deployed.obstruct(item_file)
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")
    failed = instance.create(orders.order("A1", "nut"), wait_for_state="failed", bad_states=[])
    deployed.clear(item_file)

    other = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "BasicService")
    other.create({"name": "other"}, wait_for_state="up")

    up = instance.wait_for_state("up", start_version=failed.version, bad_states=[])
    assert up.active_attributes is not None
    deployed.assert_deployed(up.active_attributes)
    other.delete(wait_for_state="terminated")
    instance.delete(wait_for_state="terminated")


def test_a_retry_with_the_same_desired_state_ends_as_it_goes_now_and_not_as_it_went_before(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    settings = remote_orchestrator.client.set_setting(
        tid=remote_orchestrator.environment, id="enable_lsm_expert_mode", value=True
    )
    assert settings.code == 200, settings.result
    item_file = deployed.item_file()
    deployed.obstruct(item_file)
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")
    failed = instance.create(orders.order("A1", "nut"), wait_for_state="failed", bad_states=[])

    def retry() -> None:
        # The export of the state in which it is may still be on its way, and let it recover before it is told to.
        while (now := instance.get()).state == "failed":
            retried = remote_orchestrator.client.lsm_services_expert_set_state(
                tid=remote_orchestrator.environment,
                service_entity="ImportantCustomerService",
                service_id=instance.instance_id,
                current_version=now.version,
                target_state="creating",
                message="try again",
            )
            if retried.code == 200:
                return
            assert retried.code == 409, retried.result

    retry()
    failed_again = instance.wait_for_state("failed", start_version=failed.version, bad_states=["up"])

    deployed.clear(item_file)
    retry()
    up = instance.wait_for_state("up", start_version=failed_again.version, bad_states=["failed"])

    assert up.active_attributes is not None
    deployed.assert_deployed(up.active_attributes)
    instance.delete(wait_for_state="terminated")


@pytest.mark.skipif(not hasattr(inmanta_lsm.methods, "lsm_services_repair"), reason="this LSM repairs no single instance")
def test_a_single_service_is_repaired(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    obstacles = [deployed.item_file(number) for number in range(2)]
    for obstacle in obstacles:
        deployed.obstruct(obstacle)
    repaired, other = (
        remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService") for _ in obstacles
    )
    failed = repaired.create(orders.order("A1", "nut"), wait_for_state="failed", bad_states=[])
    other_failed = other.create(orders.order("A2", "bolt"), wait_for_state="failed", bad_states=[])
    for obstacle in obstacles:
        deployed.clear(obstacle)

    answer = remote_orchestrator.client.lsm_services_repair(
        tid=remote_orchestrator.environment, service_entity="ImportantCustomerService", service_id=repaired.instance_id
    )
    if "resources" in inspect.signature(methods.trigger).parameters:
        assert answer.code == 200, answer.result
        deployed_again = (answer.result or {})["data"]
        assert f"lsm::LifecycleTransfer[internal,instance_id={repaired.instance_id}]" in deployed_again
        assert [any(str(obstacle) in resource for resource in deployed_again) for obstacle in obstacles] == [True, False]
    else:
        assert answer.code == 400, answer.result
        deploy_again(remote_orchestrator)
    repaired.wait_for_state("up", start_version=failed.version, bad_states=[])

    # What follows from that is an export, with which the other one recovers, too.
    other.wait_for_state("up", start_version=other_failed.version, bad_states=[])
    for instance in (repaired, other):
        instance.delete(wait_for_state="terminated")
    deployed.assert_deployed()


def test_a_failed_update_is_rolled_back_or_deleted_and_a_refused_one_changes_nothing(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    instance = remote_service_instance.RemoteServiceInstance(remote_orchestrator, "ImportantCustomerService")
    before = instance.create(orders.order("A1", "nut"), wait_for_state="up").active_attributes
    assert before is not None

    # Two items of one name: the API refuses it, since an item's name is its identity.
    refused = remote_orchestrator.client.lsm_services_update(
        tid=remote_orchestrator.environment,
        service_entity="ImportantCustomerService",
        service_id=instance.instance_id,
        attributes={"items": [{"name": "gear"}, {"name": "gear"}]},
        current_version=instance.get().version,
    )
    assert refused.code == 400, refused.result
    assert instance.get().state == "up"

    obstacle = deployed.item_file(1)
    deployed.obstruct(obstacle)
    instance.update(add_item("gear"), wait_for_state="update_failed", bad_states=[])
    settle(instance)
    deployed.clear(obstacle)

    rolled_back = instance.set_state("rollback", wait_for_state="up", bad_states=["failed"])
    assert rolled_back.active_attributes == before
    deployed.assert_deployed(before)

    # Once more, and deleted instead.
    deployed.obstruct(obstacle)
    instance.update(add_item("gear"), wait_for_state="update_failed", bad_states=[])
    settle(instance)
    deployed.clear(obstacle)
    delete(instance)
    deployed.assert_deployed()
