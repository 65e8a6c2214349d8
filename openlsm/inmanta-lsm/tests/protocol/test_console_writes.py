"""What the pages of the web console send when somebody does something, as they send it, and what they make of the answer."""

import uuid
from typing import Any

import pytest
import pytest_asyncio

from ..helpers.http_request import request
from ..helpers.ordering import Ordering
from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.simple_lifecycle import service
from ..helpers.state_setting_lifecycle import STATE_SETTING

pytestmark = pytest.mark.asyncio(loop_scope="session")

CATALOG = "/lsm/v1/service_catalog/port"
INVENTORY = "/lsm/v1/service_inventory/port"


class Console:
    """The web console on the pages of the service ``port``."""

    def __init__(self, lab: ServiceLab) -> None:
        """:param lab: the service"""
        self.lab = lab

    async def sends(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send a request that succeeds; give the data of the answer, None when it has none."""
        code, answer = await request(path, method=method, environment=self.lab.environment, headers=headers, body=body)
        assert code == 200, answer
        return answer["data"] if isinstance(answer, dict) and "data" in answer else None

    async def creates(self, name: str) -> uuid.UUID:
        """Fill in the form for a new instance, and wait until it is deployed."""
        created = await self.sends("POST", INVENTORY, {"attributes": {"name": name}})
        instance = uuid.UUID(created["id"])
        await self.lab.reaches(instance, "creating")
        await self.lab.report(instance)
        await self.lab.reaches(instance, "up")
        return instance

    async def reads(self, instance: uuid.UUID) -> Any:
        """Look at the details of an instance."""
        return await self.sends("GET", f"{INVENTORY}/{instance}?include_deployment_progress=true")


@pytest_asyncio.fixture(loop_scope="session")
async def console(lab: ServiceLab) -> Console:
    """The console, and a service of which an instance can be set to another state."""
    await lab.export(service("port", STATE_SETTING))
    return Console(lab)


async def test_an_instance_is_created_edited_and_deleted(console: Console) -> None:
    instance = await console.creates("a")
    await console.sends("PATCH", f"{INVENTORY}/{instance}?current_version=3", {"attributes": {"size": 2}})
    await console.lab.reaches(instance, "update_inprogress")
    edited = await console.reads(instance)
    await console.lab.report(instance)
    up = await console.lab.reaches(instance, "up")

    await console.sends("DELETE", f"{INVENTORY}/{instance}?current_version={up['version']}")

    assert edited["candidate_attributes"]["size"] == 2
    await console.lab.reaches(instance, "deleting")


async def test_a_whole_attribute_set_is_put_around_what_was_allocated(console: Console) -> None:
    instance = await console.creates("a")
    whole = (await console.reads(instance))["active_attributes"] | {"size": 3}
    body = {"put_id": str(uuid.uuid4()), "current_version": 3, "attributes": whole, "ignore_read_only_attributes": True}

    await console.sends("PUT", f"{INVENTORY}/{instance}", body)

    await console.lab.reaches(instance, "update_inprogress")
    assert (await console.reads(instance))["candidate_attributes"]["size"] == 3


async def test_a_state_is_set_with_the_name_of_who_did_it(console: Console) -> None:
    instance = await console.creates("a")
    body = {"current_version": 3, "target_state": "setting_start", "message": "Triggered from the console by admin"}

    await console.sends("POST", f"{INVENTORY}/{instance}/state", body)

    await console.lab.reaches(instance, "setting_inprogress")
    events = await console.sends("GET", f"{INVENTORY}/{instance}/events?limit=20&sort=timestamp.desc")
    assert any("Triggered from the console by admin" in event["message"] for event in events)


async def test_an_option_is_switched_for_a_service_and_for_one_instance(console: Console) -> None:
    instance = await console.creates("a")
    before = await console.sends("GET", f"{CATALOG}/config")

    switched = await console.sends("POST", f"{CATALOG}/config", {"values": {**before, "auto_update_inprogress": False}})
    own = await console.sends(
        "POST", f"{INVENTORY}/{instance}/config?current_version=3", {"values": {"auto_update_inprogress": True}}
    )

    assert before == {"auto_creating": True, "auto_update_inprogress": True}
    assert switched == {"auto_creating": True, "auto_update_inprogress": False}
    assert switched == await console.sends("GET", f"{CATALOG}/config")
    assert switched == (await console.sends("GET", f"{CATALOG}?instance_summary=True"))["config"]
    assert own == {"auto_update_inprogress": True} == await console.sends("GET", f"{INVENTORY}/{instance}/config")


async def test_instances_inherit_the_options_of_their_service_unless_they_have_their_own(console: Console) -> None:
    inheriting, deviating = await console.creates("a"), await console.creates("b")
    await console.sends("POST", f"{CATALOG}/config", {"values": {"auto_update_inprogress": False}})
    await console.sends(
        "POST", f"{INVENTORY}/{deviating}/config?current_version=3", {"values": {"auto_update_inprogress": True}}
    )

    for instance in (inheriting, deviating):
        await console.sends("PATCH", f"{INVENTORY}/{instance}?current_version=3", {"attributes": {"size": 2}})

    await console.lab.reaches(deviating, "update_inprogress")
    waiting = await console.reads(inheriting)
    assert (waiting["state"], waiting["transfer_context"]) == ("update_start", "stable")
    await console.sends("POST", f"{CATALOG}/config", {"values": {"auto_update_inprogress": True}})
    await console.lab.reaches(inheriting, "update_inprogress")


async def test_an_expert_forces_attributes_around_what_was_allocated_then_a_state_and_the_end(console: Console) -> None:
    await console.lab.call("set_setting", id="enable_lsm_expert_mode", value=True)
    instance = await console.creates("a")
    path = f"/lsm/v2/service_inventory/port/{instance}/expert"
    whole = (await console.reads(instance))["active_attributes"] | {"vlan_id": 12, "size": 4}
    edit = {"edit_id": f"{instance}_version=3", "operation": "replace", "target": ".", "value": whole}
    body = {"attribute_set_name": "active_attributes", "edit": [edit], "patch_id": str(uuid.uuid4()), "comment": "by admin"}

    await console.sends("PATCH", f"{path}?current_version=3", body)
    edited = await console.reads(instance)
    forced = {"current_version": edited["version"], "target_state": "failed", "message": "by admin", "operation": None}
    await console.sends("POST", f"{INVENTORY}/{instance}/expert/state", forced)
    failed = await console.reads(instance)
    await console.sends("DELETE", f"{path}?current_version={failed['version']}", message="by admin")

    assert edited["active_attributes"] == whole
    assert failed["state"] == "failed"
    assert (await console.reads(instance))["deleted"] is True


async def test_a_callback_is_added_listed_and_removed(console: Console) -> None:
    wish = {"callback_url": "http://127.0.0.1:9/", "callback_id": None, "service_entity": "port", "minimal_log_level": "INFO"}

    added = await console.sends("POST", "/lsm/v1/callbacks", {**wish, "event_types": ["CREATE_TRANSITION"]})
    listed = await console.sends("GET", "/lsm/v1/callbacks")
    await console.sends("DELETE", f"/lsm/v1/callbacks/{added}")

    assert [(one["callback_id"], one["service_entity"], one["minimal_log_level"]) for one in listed] == [
        (added, "port", "INFO")
    ]
    assert await console.sends("GET", "/lsm/v1/callbacks") == []


async def test_an_order_is_sent_and_looked_at(console: Console) -> None:
    item = {"service_entity": "port", "config": {}, "action": "create", "attributes": {"name": "ordered"}, "edits": None}
    instance = str(uuid.uuid4())
    body = {
        "description": "Requested with Instance Composer",
        "service_order_items": [{**item, "instance_id": instance, "metadata": {"coordinates": "{}"}}],
    }

    order = await console.sends("POST", "/lsm/v2/order", body)
    await Ordering(console.lab).deploy(uuid.UUID(instance))

    async def is_done() -> bool:
        shown = await console.sends("GET", f"/lsm/v2/order/{order['id']}")
        return bool(shown["status"]["state"] == "success")

    await eventually(is_done, "the order is done")
    [listed] = await console.sends("GET", "/lsm/v2/order?limit=20&sort=created_at.desc")
    assert (listed["id"], listed["description"]) == (order["id"], body["description"])


async def test_the_catalog_is_updated_by_a_request_without_a_body_and_a_service_is_removed(console: Console) -> None:
    await console.sends("POST", "/lsm/v1/exporter/export_service_definition")
    await console.sends("DELETE", CATALOG)

    left = await console.sends("GET", "/lsm/v1/service_catalog?instance_summary=True")
    assert "port" not in {entity["name"] for entity in left}
