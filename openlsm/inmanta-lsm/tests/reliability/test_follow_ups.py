"""What follows from a transfer, an order, a callback, an allocation or a report, when the database fails in the middle."""

import json
import uuid
from typing import Any

import pytest
from inmanta import data as core
from inmanta_embedded import ports
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from ..helpers.database_faults import DatabaseFaults, Fault
from ..helpers.database_proxy import DatabaseProxy
from ..helpers.scripted_compiler import ProcessEnded
from ..helpers.service_lab import ServiceLab, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def order(lab: ServiceLab, instance: uuid.UUID) -> uuid.UUID:
    """Order an instance."""
    item = {
        "action": "create",
        "instance_id": str(instance),
        "service_entity": lab.entity.name,
        "attributes": {"name": "a"},
    }
    ordered = await lab.call("lsm_order_create", service_order_items=[item])
    return uuid.UUID(ordered["id"])


async def ends(lab: ServiceLab, order_id: uuid.UUID) -> str:
    """Wait for the end of an order, and give its state."""
    state = ""

    async def has_ended() -> bool:
        nonlocal state
        state = (await lab.call("lsm_order_get", order_id=order_id))["status"]["state"]
        return state not in ("acknowledged", "in_progress")

    await eventually(has_ended, lambda: f"the order is {state}")
    return state


async def deploy(lab: ServiceLab, instance: uuid.UUID) -> None:
    """Report that an instance is deployed, for the state that it is in and for the one that this leads to."""
    await lab.reaches(instance, "creating")
    await lab.report(instance)
    await lab.reaches(instance, "up")
    await lab.report(instance)


@pytest.mark.parametrize("fault", [Fault.CONNECTION_LOST, Fault.DISK_FULL], ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize(
    ("write", "table", "when"),
    [
        ("INSERT", "lsm_serviceinstance", "TRUE"),
        ("UPDATE", "lsm_orderitem", "NEW.state = 'in_progress'"),
        ("UPDATE", "lsm_orderitem", "NEW.state = 'completed'"),
        ("UPDATE", "lsm_order", "NEW.completed_at IS NOT NULL"),
    ],
    ids=["first transfer", "start of item", "end of item", "end of order"],
)
async def test_an_order_ends_after_a_fault_in_any_of_its_steps(
    lab: ServiceLab, faults: DatabaseFaults, write: str, table: str, when: str, fault: Fault
) -> None:
    await faults.fail(write, table, fault, times=2, when=when)
    instance = uuid.uuid4()
    order_id = await order(lab, instance)

    async def is_exported() -> bool:
        found = await core.Compile.get_list(environment=lab.environment, do_export=True)
        return any(one.handled for one in found)

    await eventually(is_exported, "the instance is exported")
    await deploy(lab, instance)
    assert await ends(lab, order_id) == "success"
    assert [row["state"] for row in await lab.log(instance)] == ["start", "acknowledged", "creating", "up"]
    assert await faults.happened(table) > 2


async def test_an_export_that_is_cut_off_decides_no_order(lab: ServiceLab) -> None:
    deaths = iter(range(1))

    async def die_once(request: core.Compile) -> bool:
        if request.do_export and next(deaths, None) is not None:
            raise ProcessEnded(-9)
        return True

    lab.compiler.scripts[lab.environment] = die_once
    instance = uuid.uuid4()
    order_id = await order(lab, instance)

    async def is_exported() -> bool:
        return any(one.do_export and one.success for one in await lab.compiles())

    await eventually(is_exported, "the export is repeated")
    await deploy(lab, instance)
    assert await ends(lab, order_id) == "success"


async def test_a_callback_gets_the_events_of_an_outage_in_their_order(lab: ServiceLab, proxy: DatabaseProxy) -> None:
    received: list[dict[str, Any]] = []

    class Receiver(RequestHandler):
        def post(self) -> None:
            received.append(json.loads(self.request.body))

    port = ports.free_port()
    receiver = HTTPServer(Application([("/", Receiver)]))
    receiver.listen(port, ports.LOOPBACK)
    try:
        await lab.call("lsm_callback_create", callback_url=f"http://127.0.0.1:{port}/", service_entity=lab.entity.name)
        instance = await lab.create()
        await proxy.cut_again_and_again(10)
        await lab.reaches(instance, "creating")

        async def are_received() -> bool:
            return len(received) == len(await lab.events(instance))

        await eventually(are_received, lambda: f"{len(received)} events came")
        assert [event["id"] for event in received] == [event["id"] for event in await lab.events(instance)]
    finally:
        receiver.stop()


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
async def test_a_report_and_an_allocation_that_fail_change_nothing_and_can_be_repeated(
    lab: ServiceLab, faults: DatabaseFaults, fault: Fault
) -> None:
    instance = await lab.create()
    await lab.reaches(instance, "creating")
    await lab.idle()
    before = await lab.get(instance)
    await faults.fail("UPDATE", "lsm_serviceinstance", fault)
    await lab.send_report(instance, before["version"] + 1, before["desired_state_version"] + 1, code=503)
    assert await lab.get(instance) == before
    await lab.report(instance)
    await lab.reaches(instance, "up")


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
async def test_an_allocation_that_fails_is_answered_with_503(lab: ServiceLab, faults: DatabaseFaults, fault: Fault) -> None:
    await lab.client.halt_environment(tid=lab.environment)
    instance = await lab.create()
    await faults.fail("UPDATE", "lsm_serviceinstance", fault)
    for code in (503, 200):
        await lab.on_instance("lsm_services_update_attributes", instance, code=code, current_version=1, attributes={"size": 7})
    assert (await lab.get(instance))["candidate_attributes"]["size"] == 7
