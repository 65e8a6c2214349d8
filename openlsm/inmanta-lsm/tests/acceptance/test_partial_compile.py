"""What partial compiles export: a resource set for each service and all that it owns."""

import uuid

import pytest
from inmanta_lsm.order.model import OrderItemState, OrderState
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator
from pytest_inmanta_lsm.remote_order import RemoteOrder
from pytest_inmanta_lsm.remote_service_instance import RemoteServiceInstance

from ..helpers.desired_state import DesiredState

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


def resources(name: str, instance: RemoteServiceInstance) -> set[str]:
    """The resources of an instance: its own, with a name, and the one that reports about it."""
    return {
        f"unittest_lsm::Resource[internal,name={name}]",
        f"lsm::LifecycleTransfer[internal,instance_id={instance.instance_id}]",
    }


@pytest.mark.parametrize("partial_compile", [True], indirect=True)
def test_one_order_creates_a_site_with_a_rack_that_share_a_resource_set_as_long_as_they_exist(
    catalog: RemoteOrchestrator, desired_state: DesiredState
) -> None:
    north, south = (RemoteServiceInstance(catalog, "site", service_id=uuid.uuid4()) for _ in range(2))
    rack = RemoteServiceInstance(catalog, "rack", service_id=uuid.uuid4())
    order = RemoteOrder(catalog)
    order.add_create_instance(rack, {"position": 1, "site": str(north.instance_id)})
    order.add_create_instance(north, {"name": "north"})
    order.add_create_instance(south, {"name": "south"})

    done = order.create(description="A site with a rack, and one without.", wait_for_state=OrderState.success)

    assert {item.instance_id: (item.status.state, item.status.direct_dependencies) for item in done.service_order_items} == {
        north.instance_id: (OrderItemState.completed, {}),
        south.instance_id: (OrderItemState.completed, {}),
        rack.instance_id: (OrderItemState.completed, {str(north.instance_id): OrderItemState.completed}),
    }
    assert {instance.get().state for instance in (north, south, rack)} == {"up"}
    of_north, of_south = resources("site north null", north), resources("site south null", south)
    others: dict[str | None, set[str]] = {str(south.instance_id): of_south}
    desired_state.wait_for_compiles()
    assert desired_state.resource_sets() == {
        str(north.instance_id): of_north | resources("rack 1 of north", rack),
        **others,
    }

    rack.delete(wait_for_state="terminated")
    desired_state.wait_for_compiles()
    assert desired_state.resource_sets() == {str(north.instance_id): of_north, **others}

    north.delete(wait_for_state="terminated")
    desired_state.wait_for_compiles()
    assert desired_state.resource_sets() == others

    first, *newer = desired_state.versions()
    assert first["partial_base"] is None
    assert [version["partial_base"] for version in newer] == [version["version"] for version in [first, *newer][:-1]]
