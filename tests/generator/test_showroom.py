"""
What services in the wild need: descriptions in the style of network and data centre models (see the folder ``showroom``) give
the catalog that they should, and their services go through their lives.
"""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_inmanta.plugin
from inmanta.ast import VariableShadowWarning
from inmanta_lsm.model import ServiceInstance
from pytest_inmanta_lsm.lsm_project import LsmProject

from tests.generator import libraries
from tests.generator.lives import active, required, set_state

CATALOG = libraries.FOLDER / "showroom" / "catalog.json"


@pytest.fixture
def lsm(project: pytest_inmanta.plugin.Project, lsm_project: LsmProject) -> Iterator[LsmProject]:
    """A project with the services of the module in its catalog."""
    with libraries.showroom(project._test_project_dir):
        lsm_project.export_service_entities(libraries.SHOWROOM)
        yield lsm_project


def catalog(lsm: LsmProject) -> dict[str, Any]:
    """The catalog as plain data, without what differs from one test to the next."""
    assert lsm.service_entity_versions is not None
    return {
        f"{name} {number}": json.loads(version.model_dump_json(exclude={"environment"}))
        for (name, number), version in sorted(lsm.service_entity_versions.items())
        if name != "BasicService"
    }


def deployed(lsm: LsmProject, purged: bool | None = None) -> dict[str, Any]:
    """What a full compile deploys, by the name of the resource; files and transfers are left out."""
    lsm.compile()
    resources: dict[str, Any] = {str(found.id.attribute_value): found for found in lsm.project.resources.values()}
    return {
        name: found
        for name, found in resources.items()
        if found.id.entity_type in ("std::testing::NullResource", "showroom::services::firewall::Policy")
        and (purged is None or found.purged is purged)
    }


ROUTER: dict[str, Any] = {
    "name": "r1",
    "location": "ams",
    "slot": 12,
    "alias": "the-edge",
    "banners": ["hello", "bye"],
    "options": {"color": "red", "size": 3},
    "ports": [
        {"number": 1, "speed": "10G", "mtu": 9000, "addresses": [{"network": "10.0.0.1/24", "primary": True}]},
        {"number": 2, "speed": "auto", "addresses": [{"network": "10.0.1.1/24"}, {"network": "10.0.2.1/24"}]},
    ],
}


def router(lsm: LsmProject, **changes: Any) -> ServiceInstance:
    """A router that is up."""
    instance = lsm.create_service("router", ROUTER | changes, auto_transfer=True)
    set_state(lsm, instance, "up")
    return instance


def test_the_catalog_is_what_is_described(lsm: LsmProject) -> None:
    expected = json.loads(CATALOG.read_text())

    assert catalog(lsm) == expected


def test_no_variable_of_a_model_hides_another_one(lsm: LsmProject) -> None:
    router(lsm)

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        lsm.compile()

    assert [str(one.message) for one in found if one.category is VariableShadowWarning] == []


def test_there_is_a_resource_for_each_element(lsm: LsmProject) -> None:
    router(lsm)

    names = set(deployed(lsm))

    assert names == {
        "site-ams",
        "router-the-edge",
        "banner-r1-hello",
        "banner-r1-bye",
        "r1-color-red",
        "r1-size-3",
        "unit-r1-12",
        "unit-r1-13",
        "r1-1-10.0.0.1/24-primary",
        "r1-2-10.0.1.1/24-secondary",
        "r1-2-10.0.2.1/24-secondary",
        "r1-1-mtu-9000",
    }


def test_what_is_shared_by_key_is_made_once_for_each_key(lsm: LsmProject) -> None:
    router(lsm, alias="")
    router(lsm, name="r2", slot=20, alias="")
    router(lsm, name="r3", location="bru", alias="")

    names = deployed(lsm)

    assert {name for name in names if name.startswith("site-")} == {"site-ams", "site-bru"}
    assert [required(names[f"router-{name}"]) for name in ("r1", "r2", "r3")] == [{"site-ams"}, {"site-ams"}, {"site-bru"}]
    exporter = lsm.project._exporter
    assert exporter is not None
    assert not [key for key in exporter._resource_sets if "site-" in key]


def test_expressions_are_what_python_says(lsm: LsmProject) -> None:
    router(lsm)

    lsm.compile()
    (file,) = lsm.project.get_instances("fs::File")

    assert json.loads(file.content) == {
        "name": "R1",
        "contact": "nobody",
        "ports": 2,
        "fast": [1],
        "addresses": ["10.0.0.1/24", "10.0.1.1/24", "10.0.2.1/24"],
        "has jumbo": True,
        "all numbered": True,
        "banners": "bye, hello",
        "first banner": "hello",
        "known": True,
        "load": (12 * 2 + 1) % 7,
        "level": "high",
        "color": "red",
        "words": ["the", "edge"],
        "weight": "0.50",
        "slot": "12",
    }


def test_nothing_is_left_of_what_is_only_described_until_a_service_is_deleted(lsm: LsmProject) -> None:
    instance = router(lsm)
    set_state(lsm, instance, "deleting")

    resources = deployed(lsm)
    (file,) = lsm.project.get_instances("fs::File")

    assert (file.path, file.purged) == ("/tmp/r1.json", True)
    assert file.path in required(resources["router-the-edge"])


def test_an_update_purges_what_has_another_name_now(lsm: LsmProject) -> None:
    instance = router(lsm)
    before = active(lsm, instance)

    lsm.update_service(
        instance.id, before | {"alias": "core", "banners": ["hello", "new"], "options": {"color": "blue"}}, auto_transfer=True
    )
    resources = deployed(lsm)

    gone = {name for name, found in resources.items() if found.purged}
    assert lsm.get_service(instance.id).state == "update_inprogress"
    assert gone == {"router-the-edge", "banner-r1-bye", "r1-color-red", "r1-size-3"}
    assert {"router-core", "banner-r1-hello", "banner-r1-new", "r1-color-blue"} <= set(resources) - gone
    assert "router-the-edge" in required(resources["router-core"])
    assert "banner-r1-bye" in required(resources["router-the-edge"])


def test_nothing_is_left_when_the_update_is_done(lsm: LsmProject) -> None:
    instance = router(lsm)
    lsm.update_service(instance.id, active(lsm, instance) | {"alias": "core"}, auto_transfer=True)
    set_state(lsm, instance, "up")

    assert "router-the-edge" not in deployed(lsm)


def test_nothing_is_left_when_a_failed_update_is_rolled_back(lsm: LsmProject) -> None:
    instance = router(lsm)
    lsm.update_service(instance.id, active(lsm, instance) | {"alias": "core"}, auto_transfer=True)
    service = lsm.get_service(instance.id)
    service.candidate_attributes, service.active_attributes = service.active_attributes, service.rollback_attributes
    service.rollback_attributes = None
    service.state = "rollback"

    resources = deployed(lsm)

    assert resources["router-core"].purged
    assert not resources["router-the-edge"].purged


def test_nothing_is_left_when_a_service_is_deleted_after_a_failed_update(lsm: LsmProject) -> None:
    instance = router(lsm)
    lsm.update_service(instance.id, active(lsm, instance) | {"alias": "core"}, auto_transfer=True)
    set_state(lsm, instance, "deleting")

    resources = deployed(lsm)

    assert resources["router-core"].purged
    assert resources["router-the-edge"].purged
    assert not resources["site-ams"].purged


@pytest.mark.parametrize("partial_compile", [False, True])
def test_a_vpn_finds_the_services_that_it_refers_to(lsm: LsmProject, partial_compile: bool) -> None:
    lsm.partial_compile = partial_compile
    first, second = router(lsm), router(lsm, name="r2", slot=20, alias="")
    customer = lsm.create_service("Customer", {"number": 7}, auto_transfer=True)
    vpn = {
        "name": "blue",
        "customer": str(customer.id),
        "seat": {"city": "Brussels"},
        "backup": str(second.id),
        "endpoints": [
            {"router": str(first.id), "slot": "a", "neighbours": [{"address": "192.0.2.1"}], "place": {"city": "Bruges"}},
            {"router": str(second.id), "slot": "b", "neighbours": [], "place": None},
        ],
        "reserves": [{"router": str(first.id), "slot": "a", "neighbours": [], "place": {}}],
    }
    instance = lsm.create_service("l3-vpn", vpn, auto_transfer=True)
    usage = lsm.create_service("Usage", {"name": "u", "vpn": str(instance.id)}, auto_transfer=True)
    attributes = active(lsm, instance)

    names = deployed(lsm)

    vlans = [one["vlan"] for one in attributes["endpoints"] + attributes["reserves"]]
    assert len({*vlans, active(lsm, customer)["vlan"]}) == 4
    assert attributes["target"] == f"65000:{attributes['vrf']}"
    assert attributes["endpoints"][0]["neighbours"][0]["key"] == "None/192.0.2.1/a"
    assert active(lsm, usage)["mark"] == "blue/u/"
    assert {
        f"core-blue-none-65000:{attributes['vrf']}-r2",
        f"entry-blue-r1-a-{vlans[0]}-Bruges",
        f"entry-blue-r2-b-{vlans[1]}-somewhere",
        f"entry-blue-r1-a-{vlans[2]}-Ghent",
        "probe-u-blue/u/",
    } <= set(names)
    entries = {name for name in names if name.startswith("entry-") and "-Ghent" not in name}
    assert required(names["ring-blue"]) == {*entries, f"core-blue-none-65000:{attributes['vrf']}-r2"}

    set_state(lsm, instance, "deleting")
    names = deployed(lsm)
    assert all("ring-blue" in required(names[entry]) for entry in entries)
    assert required(names["ring-blue"]) == set()


def test_a_firewall_says_what_it_is_and_knows_its_state(lsm: LsmProject) -> None:
    rules = [{"position": 1, "source": "any", "allow": False}]
    instance = lsm.create_service("Firewall", {"name": "wall", "rules": rules}, auto_transfer=True)
    set_state(lsm, instance, "up")

    assert active(lsm, instance)["notes"] == "# wall\nwest"
    assert set(deployed(lsm)) == {"main", "audit-wall"}

    set_state(lsm, instance, "review")
    assert set(deployed(lsm)) == {"main", "audit-wall", "review-wall"}


def test_a_firewall_knows_what_it_was_before_an_update(lsm: LsmProject) -> None:
    instance = lsm.create_service("Firewall", {"name": "wall", "rules": []}, auto_transfer=True)
    set_state(lsm, instance, "up")

    lsm.update_service(instance.id, active(lsm, instance) | {"region": "east"}, auto_transfer=True)

    assert "moved-wall-west-east" in deployed(lsm)
    set_state(lsm, instance, "up")
    assert "moved-wall-west-east" not in deployed(lsm)


def test_versions_of_a_machine_live_side_by_side(lsm: LsmProject) -> None:
    first = lsm.create_service("machine", {"name": "m1"}, auto_transfer=True, service_entity_version=0)
    second = lsm.create_service("machine", {"name": "m2", "users": [{"login": "a"}]}, auto_transfer=True)
    lsm.create_service("machine", {"name": "m3", "users": []}, auto_transfer=True, service_entity_version=1)
    for machine in (first, second):
        lsm.create_service("Backup", {"machine": str(machine.id), "copies": []}, auto_transfer=True)

    assert set(deployed(lsm)) == {
        "first-m1-4",
        "later-m2-1",
        "later-m3-0",
        "backup-m1-shelf-of-Backup-0",
        "backup-m2-shelf-of-Backup-0",
    }
