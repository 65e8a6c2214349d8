"""
What services in the wild need, deployed: the descriptions of the folder ``showroom`` on a real orchestrator. It compiles, its
agents deploy, and the states follow from what really happened.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import pytest_inmanta.plugin
from inmanta_embedded import patience
from inmanta_lsm.model import PatchCallEdit, ServiceInstance
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator
from pytest_inmanta_lsm.remote_service_instance import RemoteServiceInstance

from tests.generator import libraries
from tests.kept_environment import KeptEnvironment

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("showroom")]

type Create = Callable[..., tuple[RemoteServiceInstance, ServiceInstance]]


@pytest.fixture
def orchestrator(
    project: pytest_inmanta.plugin.Project, remote_orchestrator: RemoteOrchestrator, kept: KeptEnvironment
) -> Iterator[RemoteOrchestrator]:
    """An orchestrator with the services of the module in its catalog."""

    def export() -> None:
        with libraries.showroom(project._test_project_dir):
            project.compile(libraries.SHOWROOM, no_dedent=False)
            remote_orchestrator.export_service_entities()

    kept.fill("orchestrator", export)
    yield remote_orchestrator
    kept.hand_on("orchestrator")


@pytest.fixture
def create(orchestrator: RemoteOrchestrator) -> Create:
    """Create an instance, of the default version or of another one, and wait until it is up; gives it as it is then."""

    def created(
        service: str, attributes: dict[str, Any], version: int | None = None
    ) -> tuple[RemoteServiceInstance, ServiceInstance]:
        if version is None:
            instance = RemoteServiceInstance(orchestrator, service)
            return instance, instance.create(attributes, wait_for_state="up")
        answer = orchestrator.client.lsm_services_create(
            tid=orchestrator.environment, service_entity=service, attributes=attributes, service_entity_version=version
        )
        assert answer.code == 200, answer.result
        assert answer.result is not None
        instance = RemoteServiceInstance(orchestrator, service, uuid.UUID(answer.result["data"]["id"]))
        return instance, instance.wait_for_state("up", start_version=1)

    return created


def deployed(orchestrator: RemoteOrchestrator) -> dict[str, str]:
    """How the resources of the last version are, by the value that identifies each; transfers and what is gone are left out."""
    found = orchestrator.client.resource_list(tid=orchestrator.environment, limit=1000)
    assert found.code == 200, found.result
    assert found.result is not None
    resources = [
        one
        for one in found.result["data"]
        if one["status"] != "orphaned" and not one["id_details"]["resource_type"].startswith("lsm::")
    ]
    return {one["id_details"]["resource_id_value"]: one["status"] for one in resources}


def wait_until_gone(orchestrator: RemoteOrchestrator, *names: str) -> None:
    """Wait until the last version, which may still be compiled, is without these resources."""
    patience.wait_until(lambda: not set(names) & set(deployed(orchestrator)), f"{', '.join(names)} are gone")


def change(target: str, value: object) -> PatchCallEdit:
    """The edit that gives an attribute another value."""
    return PatchCallEdit(edit_id=target, operation="replace", target=target, value=value)


def set_of(attributes: dict[str, Any] | None) -> dict[str, Any]:
    """A set of attributes that is there."""
    assert attributes is not None
    return attributes


def is_purged(orchestrator: RemoteOrchestrator, name: str) -> bool:
    """Whether the last version that had a resource purged it."""
    resource = f"std::testing::NullResource[internal,name={name}]"
    found = orchestrator.client.resource_history(tid=orchestrator.environment, rid=resource)
    assert found.code == 200, found.result
    assert found.result is not None
    purged: bool = found.result["data"][0]["attributes"]["purged"]
    return purged


def test_a_router_is_deployed_renamed_without_orphans_and_deleted(orchestrator: RemoteOrchestrator, create: Create) -> None:
    name = f"r{uuid.uuid4().hex[:12]}"
    path = f"/tmp/{name}.json"
    port = {"number": 1, "speed": "10G", "mtu": 9000, "addresses": [{"network": "10.0.0.1/24", "primary": True}]}
    attributes = {"name": name, "location": "ams", "alias": "edge", "banners": ["hello"], "ports": [port]}
    router, state = create("router", attributes)
    lines = {f"{name}-1-10.0.0.1/24-primary", f"{name}-1-mtu-9000", f"unit-{name}-1", f"unit-{name}-2"}

    first = deployed(orchestrator)
    written = json.loads(orchestrator.run_command(["cat", path]))
    updated = router.update([change("alias", "core"), change("banners", ["bye"])], wait_for_state="up")
    second = deployed(orchestrator)
    gone = {one: is_purged(orchestrator, one) for one in ("router-edge", f"banner-{name}-hello", "router-core")}
    router.delete(wait_for_state="terminated")

    assert set_of(state.active_attributes)["number"] == 1
    assert set(first.values()) == set(second.values()) == {"deployed"}
    assert set(first) >= {"site-ams", "router-edge", f"banner-{name}-hello", path, *lines}
    assert (written["name"], written["addresses"]) == (name.upper(), ["10.0.0.1/24"])
    assert set_of(updated.active_attributes)["alias"] == "core"
    assert {"router-core", f"banner-{name}-bye", *lines} <= set(second)
    assert gone == {"router-edge": True, f"banner-{name}-hello": True, "router-core": False}
    wait_until_gone(orchestrator, "router-core", path, f"banner-{name}-bye", *lines)
    # Also of what the description has unless the router is being deleted.
    orchestrator.run_command(["test", "!", "-e", path])


def test_a_vpn_and_what_it_refers_to_are_deployed_and_deleted(orchestrator: RemoteOrchestrator, create: Create) -> None:
    router, first = create("router", {"name": f"r{uuid.uuid4().hex[:12]}", "location": "ams", "ports": []})
    customer, payer = create("Customer", {"number": 7})
    endpoint = {"router": str(first.id), "slot": "a", "neighbours": [{"address": "192.0.2.1"}], "place": None}
    seat = {"city": "Ghent"}
    wishes = {"name": "blue", "customer": str(payer.id), "seat": seat, "endpoints": [endpoint], "reserves": []}
    vpn, state = create("l3-vpn", wishes)
    usage, used = create("Usage", {"name": "u", "vpn": str(state.id)})
    attributes = set_of(state.active_attributes)

    resources = deployed(orchestrator)
    for instance in (usage, vpn, router, customer):
        instance.delete(wait_for_state="terminated")

    numbers = [set_of(payer.active_attributes)["vlan"], attributes["endpoints"][0]["vlan"]]
    assert sorted(numbers) == [100, 101]
    assert attributes["target"] == f"65000:{attributes['vrf']}"
    assert set_of(used.active_attributes)["mark"] == "blue/u/"
    name = set_of(first.active_attributes)["name"]
    assert {"ring-blue", f"entry-blue-{name}-a-{numbers[1]}-somewhere", "probe-u-blue/u/"} <= set(resources)
    assert set(resources.values()) == {"deployed"}
    wait_until_gone(orchestrator, *(name for name in resources if name.startswith(("ring-", "entry-", "core-", "probe-"))))


def test_a_firewall_is_deployed_by_its_own_handler_and_reviewed(orchestrator: RemoteOrchestrator, create: Create) -> None:
    rules = [{"position": 1, "source": "any", "allow": False}]
    firewall, state = create("Firewall", {"name": "wall", "rules": rules})

    up = deployed(orchestrator)
    firewall.set_state("review", wait_for_state="review")
    patience.wait_until(lambda: deployed(orchestrator).get("review-wall") == "deployed", "the review is deployed")
    firewall.set_state("up", wait_for_state="up")
    moved = firewall.update([change("region", "east")], wait_for_state="up")
    firewall.delete(wait_for_state="terminated")

    assert set_of(state.active_attributes)["notes"] == "# wall\nwest"
    assert (up["main"], up["audit-wall"]) == ("deployed", "deployed")
    assert "review-wall" not in up
    assert set_of(moved.active_attributes)["notes"] == "# wall\neast"
    wait_until_gone(orchestrator, "main", "audit-wall", "review-wall")


def test_versions_of_a_machine_are_deployed_side_by_side(orchestrator: RemoteOrchestrator, create: Create) -> None:
    first, old = create("machine", {"name": "m1"}, version=0)
    second, _ = create("machine", {"name": "m2", "users": [{"login": "a"}]}, version=2)
    backup, kept = create("Backup", {"machine": str(old.id)})

    resources = deployed(orchestrator)
    for instance in (backup, first, second):
        instance.delete(wait_for_state="terminated")

    assert set_of(kept.active_attributes)["shelf"] == "shelf-of-Backup"
    assert {"first-m1-4", "later-m2-1", "backup-m1-shelf-of-Backup-0"} <= set(resources)
    assert set(resources.values()) == {"deployed"}
    wait_until_gone(orchestrator, "first-m1-4", "later-m2-1", "backup-m1-shelf-of-Backup-0")
