"""
Interference tests are full tests with several instances of several services side by side in one environment: they find what
one instance does to another, such as shared resources that differ, ids that are handed out twice, or an update of one that
redeploys or removes what belongs to another.
"""

import asyncio

import inmanta_lsm.model
import pytest
from pytest_inmanta_lsm import remote_orchestrator as remote_orchestrator_module
from pytest_inmanta_lsm import remote_service_instance_async

from tests import deployment, orders

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]


@pytest.mark.parametrize("partial_compile", [False, True], ids=["full compile", "partial compile"], indirect=True)
def test_services_that_live_side_by_side_do_not_disturb_each_other(
    remote_orchestrator: remote_orchestrator_module.RemoteOrchestrator, deployed: deployment.Deployment
) -> None:
    def instance(service_entity: str) -> remote_service_instance_async.RemoteServiceInstance:
        return remote_service_instance_async.RemoteServiceInstance(remote_orchestrator, service_entity)

    first, second, third = (instance("ImportantCustomerService") for _ in range(3))
    basics = [instance("BasicService") for _ in range(2)]

    async def live() -> None:
        # All at once: their ids are allocated while the others are on their way.
        states = await asyncio.gather(
            first.create(orders.order("A1", "nut", "bolt"), wait_for_state="up"),
            second.create(orders.order("A2", "nut"), wait_for_state="up"),
            third.create(orders.order("A3"), wait_for_state="up"),
            *(basic.create({"name": f"basic{i}"}, wait_for_state="up") for i, basic in enumerate(basics)),
        )
        attributes = [state.active_attributes for state in states if state.active_attributes is not None]
        assert sorted(service["service_id"] for service in attributes[:3]) == [0, 1, 2]
        assert sorted(item["service_item_id"] for service in attributes[:3] for item in service["items"]) == [
            deployed.first_item_id + number for number in range(3)
        ]
        assert sorted(service["unique_id"] for service in attributes[3:]) == [0, 1]
        deployed.assert_deployed(*attributes[:3])

        # One is updated, one deleted, one left alone; what is left alone does not change.
        untouched = await third.get()
        updated, _, _ = await asyncio.gather(
            first.update(
                [
                    inmanta_lsm.model.PatchCallEdit(edit_id="1", operation="remove", target="items[name=nut]"),
                    inmanta_lsm.model.PatchCallEdit(edit_id="2", operation="merge", target="items", value=[{"name": "gear"}]),
                ],
                wait_for_state="up",
            ),
            second.delete(wait_for_state="terminated"),
            basics[0].delete(wait_for_state="terminated"),
        )
        assert updated.active_attributes is not None
        assert untouched.active_attributes is not None
        assert [log.state for log in await third.history()].count("failed") == 0
        assert (await third.get()).active_attributes == untouched.active_attributes
        deployed.assert_deployed(updated.active_attributes, untouched.active_attributes)

        await asyncio.gather(
            first.delete(wait_for_state="terminated"),
            third.delete(wait_for_state="terminated"),
            basics[1].delete(wait_for_state="terminated"),
        )
        deployed.assert_deployed()

    asyncio.run(live())
