"""
The generator is general: descriptions that use all of its features (see the folder ``kitchen_sink``) give a module that
compiles, and whose services go through their lifecycles.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_inmanta.plugin
from pytest_inmanta_lsm.lsm_project import LsmProject
from service_generator.emit.module import emit_model
from service_generator.read.descriptions import read_module

from tests.generator.lives import active, required, set_state

FOLDER = Path(__file__).parent / "kitchen_sink"
MODEL = """
import kitchen_sink::services::network::lsm
import kitchen_sink::services::tunnel::lsm
"""
PREFIX = "std::testing::NullResource"


@pytest.fixture
def module(project: pytest_inmanta.plugin.Project) -> Iterator[Path]:
    """The module, as generated, among the libraries of the project."""
    folder = Path(project._test_project_dir, "libs", "kitchen_sink")
    for path, text in emit_model(read_module("tests.generator.kitchen_sink.services")).items():
        target = folder / "model" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (folder / "module.yml").write_text("name: kitchen_sink\nversion: 0.0.1\nlicense: Apache-2.0\n", encoding="utf-8")
    plugins = FOLDER / "inmanta_plugins" / "kitchen_sink"
    shutil.copytree(plugins, folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def lsm(module: Path, lsm_project: LsmProject) -> LsmProject:
    """A project with the services of the module in its catalog."""
    lsm_project.export_service_entities(MODEL)
    return lsm_project


def test_the_catalog_is_what_is_described(lsm: LsmProject) -> None:
    assert lsm.service_entity_versions is not None
    found = {
        f"{name} {number}": json.loads(version.model_dump_json(exclude={"environment"}))
        for (name, number), version in sorted(lsm.service_entity_versions.items())
    }

    assert found == json.loads((FOLDER / "catalog.json").read_text())


def network(name: str, *sites: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a network, with defaults left out."""
    return {"name": name, "sites": list(sites)}


def site(name: str, *slots: int) -> dict[str, Any]:
    """The attributes of a site with a port in each slot."""
    ports = [{"slot": slot, "name": "eth"} for slot in slots]
    return {"name": name, "address": {"street": "Main street"}, "contact": {"name": f"{name}-contact"}, "ports": ports}


def deployed(lsm: LsmProject) -> dict[str, Any]:
    """What a full compile deploys, by the name of the resource; reports, which are files, are left out."""
    lsm.compile()
    resources: dict[str, Any] = {str(found.id.attribute_value): found for found in lsm.project.resources.values()}
    return {name: found for name, found in resources.items() if found.id.entity_type == "std::testing::NullResource"}


def names(resources: dict[str, Any], *, purged: bool) -> set[str]:
    """The names of the resources that are purged, or that are not."""
    return {name for name, resource in resources.items() if resource.purged is purged}


def test_allocated_attributes_are_filled_in_at_every_depth(lsm: LsmProject) -> None:
    instance = lsm.create_service("Network", network("n1", site("a", 1, 2), site("b", 1)), auto_transfer=True)

    attributes = active(lsm, instance)

    ports = [port["port_id"] for site in attributes["sites"] for port in site["ports"]]
    tickets = [site["contact"]["ticket"] for site in attributes["sites"]]
    # Each attribute has all numbers of its range, whatever the others were given.
    assert (len(ports), len(set(ports))) == (3, 3)
    assert (len(tickets), len(set(tickets))) == (2, 2)
    assert all(1 <= number <= 100 for number in [attributes["network_id"], *ports, *tickets])
    assert attributes["summary"] == {"key": "west/n1", "depth": 2}


def test_defaults_of_every_type_reach_the_instance(lsm: LsmProject) -> None:
    instance = lsm.create_service("Network", network("n1"), auto_transfer=True)

    attributes = active(lsm, instance)

    expected = {
        "grade": "tin",
        "code": "AB/1",
        "size": -1,
        "share": 0.5,
        "weight": 1e-07,
        "amount": 3,
        "enabled": True,
        "tags": ["a", 'b "quoted" {'],
        "vlans": None,
        "extra": {"caf\u00e9": [1, None, True]},
        "range": None,
        "sites": [],
    }
    assert {key: attributes[key] for key in expected} == expected


def test_resources_of_all_parts_are_deployed_in_order_and_purged_in_reverse(lsm: LsmProject) -> None:
    instance = lsm.create_service("Network", network("n1", site("a", 1)), auto_transfer=True)
    attributes = active(lsm, instance)
    line = f"line-a-1-{attributes['sites'][0]['ports'][0]['port_id']:04d}"
    core = f"core-{attributes['network_id']}"

    up = deployed(lsm)
    report = json.loads(lsm.project.get_instances("fs::File")[0].content)
    set_state(lsm, instance, "deleting")
    deleting = deployed(lsm)
    (file,) = lsm.project.get_instances("fs::File")

    assert names(up, purged=False) == {"backbone-west", "west", core, "rack-a", "card-a-contact", line}
    assert {name: required(up[name]) for name in (line, "rack-a", core)} == {
        line: {"rack-a"},
        "rack-a": {core},
        core: {"backbone-west"},
    }
    assert report == {"sites": ["a"], "count": 1, "half {x}": -2, "tags": ["a", 'b "quoted" {']}
    assert names(deleting, purged=False) == {"backbone-west", "west"}
    assert line in required(deleting["rack-a"])
    assert "rack-a" in required(deleting[core])
    assert file.purged
    assert "/tmp/n1.json" in required(deleting[core])


@pytest.mark.parametrize("partial_compile", [False, True])
def test_an_update_purges_what_it_removes_at_every_depth(lsm: LsmProject, partial_compile: bool) -> None:
    lsm.partial_compile = partial_compile
    instance = lsm.create_service("Network", network("n1", site("a", 1, 2), site("b", 1)), auto_transfer=True)
    set_state(lsm, instance, "up")
    before = active(lsm, instance)
    gone = [port["port_id"] for port in (before["sites"][0]["ports"][1], before["sites"][1]["ports"][0])]
    kept = before["sites"][0] | {"ports": before["sites"][0]["ports"][:1], "contact": None}

    lsm.update_service(instance.id, before | {"sites": [kept]}, auto_transfer=True)
    resources = deployed(lsm)

    lines = {f"line-a-2-{gone[0]:04d}", f"line-b-1-{gone[1]:04d}"}
    assert lsm.get_service(instance.id).state == "update_inprogress"
    assert names(resources, purged=True) == {*lines, "rack-b", "card-a-contact", "card-b-contact"}
    assert f"line-b-1-{gone[1]:04d}" in required(resources["rack-b"])
    assert json.loads(lsm.project.get_instances("fs::File")[0].content)["sites"] == ["a"]


def test_services_refer_to_others_and_owned_ones_live_in_the_set_of_their_owner(lsm: LsmProject) -> None:
    start = lsm.create_service("Network", network("n1"), auto_transfer=True)
    lsm.create_service("Network", network("n2"), auto_transfer=True)
    hops = [{"position": 1, "network": str(start.id)}]
    references = {"start": str(start.id), "others": [str(start.id)], "hops": hops}
    tunnel = lsm.create_service("Tunnel", {"name": "t", **references}, auto_transfer=True)
    lsm.create_service("Channel", {"number": 3, "tunnel": str(tunnel.id)}, auto_transfer=True)

    resources = deployed(lsm)

    exporter = lsm.project._exporter
    assert exporter is not None
    sets = {key.split("name=")[1][:-1]: found for key, found in exporter._resource_sets.items() if "NullResource" in key}
    assert required(resources["filter-3"]) == {"path-t-n1-internal"}
    assert sets["filter-3"] == sets["path-t-n1-internal"] == str(tunnel.id)
    assert sets["core-1"] == str(start.id)
    assert not {"backbone-west", "west"} & set(sets)
