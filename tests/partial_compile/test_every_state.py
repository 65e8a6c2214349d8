"""
Partial compile tests: a partial compile exports the resource sets of the services that changed, and may neither touch those
of others nor change a shared resource. Whether a model keeps to that can depend on the state a service is in, so the tests
take a service through every state of its lifecycle, and compile in each of them, with partial compile on and off. The stock
``post_partial_compile_validation`` checks what the orchestrator would check, and that a full compile gives the same.
"""

import inmanta_lsm.model
import pytest
from pytest_inmanta_lsm import lsm_project as lsm_project_module

from tests import orders

SHARED = [
    r"std::AgentConfig\[internal,agentname=localhost\]",
    r"fs::Directory\[localhost,path=/tmp/(orders|items)\]",
]
OWNED = [
    r"lsm::LifecycleTransfer\[.*\]",
    r"fs::Directory\[localhost,path=/tmp/orders/order-\d+(/items)?\]",
    r"fs::File\[localhost,path=/tmp/(orders/order-\d+/\w+|items/item-\d+)\.json\]",
    r"fs::Symlink\[localhost,dst=/tmp/orders/order-\d+/items/\w+\.json\]",
]
# The states of lsm::simple, in an order in which a service can pass through them.
STATES = (
    "start",
    "acknowledged",
    "rejected",
    "creating",
    "up",
    "failed",
    "update_start",
    "update_start_failed",
    "update_acknowledged",
    "update_acknowledged_failed",
    "update_rejected",
    "update_rejected_failed",
    "update_inprogress",
    "update_failed",
    "rollback",
    "deleting",
    "terminated",
)


def put_in_state(
    service: inmanta_lsm.model.ServiceInstance, state: str, old: orders.Attributes, new: orders.Attributes
) -> None:
    """
    Put an instance in a state, with the attribute sets that it has there.

    :param service: the instance
    :param state: the state
    :param old: its attributes before the update that some states are about
    :param new: its attributes after it
    """
    service.state = state
    service.deleted = state == "terminated"
    service.candidate_attributes, service.active_attributes, service.rollback_attributes = {
        "start": (old, None, None),
        "acknowledged": (old, None, None),
        "rejected": (old, None, None),
        "update_start": (new, old, None),
        "update_start_failed": (new, old, None),
        "update_acknowledged": (new, old, None),
        "update_acknowledged_failed": (new, old, None),
        "update_rejected": (new, old, None),
        "update_rejected_failed": (new, old, None),
        "update_inprogress": (None, new, old),
        "update_failed": (None, new, old),
        "rollback": (new, old, None),
    }.get(state, (None, old, None))


def updated_order(
    lsm: lsm_project_module.LsmProject,
) -> tuple[inmanta_lsm.model.ServiceInstance, orders.Attributes, orders.Attributes]:
    """:return: an order that was updated, with its attributes before and after: one item less, another one more"""
    service = lsm.create_service("ImportantCustomerService", orders.order("A1", "nut", "bolt"))
    service.state = "up"
    old = service.active_attributes
    assert old is not None
    lsm.update_service(service.id, orders.with_items(old, "bolt", "gear"))
    new = service.active_attributes
    assert new is not None
    return service, old, new


def test_the_states_are_those_of_the_lifecycle(lsm: lsm_project_module.LsmProject) -> None:
    for name in ("BasicService", "ImportantCustomerService"):
        assert {state.name for state in lsm.get_service_entity(name).lifecycle.states} == set(STATES)


@pytest.mark.parametrize("partial", [False, True], ids=["full compile", "partial compile"])
def test_every_state_is_safe_under_partial_compile(lsm: lsm_project_module.LsmProject, partial: bool) -> None:
    lsm.partial_compile = partial
    other = lsm.create_service("ImportantCustomerService", orders.order("B1", "nut"))
    other.state = "up"
    service, old, new = updated_order(lsm)

    for state in STATES:
        put_in_state(service, state, old, new)

        if partial:
            lsm.exporting_compile([service.id])
            lsm.post_partial_compile_validation(service.id, SHARED, OWNED, additional_services=[])
        else:
            lsm.exporting_compile()
            lsm_project_module.shared_resource_set_validation(lsm.project, lsm.shared_resource_set)
            assert lsm_project_module.get_resource_sets(lsm.project).keys() == lsm.exporting_resource_sets, state


@pytest.mark.parametrize("partial", [False, True], ids=["full compile", "partial compile"])
def test_every_state_can_be_validated(lsm: lsm_project_module.LsmProject, partial: bool) -> None:
    lsm.partial_compile = partial
    service, old, new = updated_order(lsm)

    for state in STATES:
        put_in_state(service, state, old, new)
        lsm.validating_compile(service.id)
