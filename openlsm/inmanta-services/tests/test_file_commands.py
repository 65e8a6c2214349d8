"""The inventory as files, against an orchestrator."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from inmanta_services.yaml_documents import dump

from .conftest import Run
from .helpers.inventories import Inventory, canonical, declarations, inventories
from .helpers.services import BY_NAME, SERVICES
from .helpers.world import World

pytestmark = pytest.mark.full

EVERY_SERVICE = [option for service in SERVICES for option in ("--service", service.name)]

TWO_SITES = """
service: Port
attributes: {name: uplink, network: core, password: hunter2}
---
service: Network
attributes:
  name: core
  size: 2
  rules:
    - {key: web, action: deny}
    - {key: ssh}
---
service: Note
attributes: {name: remark, about: Network/core, text: first}
---
service: Rack
id: 11111111-1111-4111-8111-111111111111
attributes: {}
"""


AGAIN = "service: Network\nattributes: {name: core}\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder that declares one instance of each service, one of which refers to another."""
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "sites.yml").write_text(TWO_SITES)
    return folder


def test_applying_files_twice_changes_nothing_the_second_time(run: Run, world: World, files: Path) -> None:
    first, second = run("apply", "-f", files, "--yes"), run("apply", "-f", files, "--yes")

    assert first.exit_code == 0, first.output
    assert "Plan: 4 to create, 0 to update, 0 to delete, 0 as declared." in first.output
    assert second.exit_code == 0, second.output
    assert second.output == "Nothing to do: 4 as declared.\n"
    assert world.attributes("Port/uplink")["network"] == str(world.instance("Network/core").id)
    assert len(json.loads(run("order", "--json").output)) == 1


def test_a_plan_shows_each_attribute_and_does_nothing(run: Run, world: World, files: Path) -> None:
    run("apply", "-f", files, "--yes")
    changed = TWO_SITES.replace("size: 2", "size: 5").replace("{key: ssh}", "{key: dns}").replace("hunter2", "hunter3")
    (files / "sites.yml").write_text(changed)

    plan = run("plan", "-f", files, "--exit-code")

    assert plan.exit_code == 4, plan.output
    lines = [line.strip() for line in plan.output.splitlines()]
    assert "~ size: 2 → 5" in lines
    assert "- rules[key=ssh]: " in plan.output
    assert "+ rules[key=dns]: " in plan.output
    assert "~ password: •••••• → ••••••" in lines
    assert "hunter" not in plan.output
    assert world.attributes("Network/core")["size"] == 2
    assert json.loads(run("plan", "-f", files, "--json").output)["update"][0]["differences"][0]["kind"] == "changed"


def test_updates_that_no_order_can_do_and_deletions_after_them_are_done_in_the_right_order(
    run: Run, world: World, files: Path
) -> None:
    run("apply", "-f", files, "--yes")
    (files / "sites.yml").write_text(
        "service: Note\nattributes: {name: remark, text: second}\n---\nservice: Port\nattributes: {name: uplink}\n"
    )

    applied = run("apply", "-f", files, "--prune", "--service", "Network", "--yes")

    assert applied.exit_code == 0, applied.output
    assert world.names("Network", "Port", "Note") == {"Port/uplink", "Note/remark"}
    assert world.attributes("Note/remark")["text"] == "second"
    # What is not declared and of no service that was named stays.
    assert len(world.names("Rack")) == 1


def test_the_id_of_a_deleted_instance_is_used_up(run: Run, files: Path) -> None:
    run("apply", "-f", files, "--yes")
    run("delete", "Rack/11111111-1111-4111-8111-111111111111", "--watch")

    refused = run("apply", "-f", files, "--yes")

    assert refused.exit_code == 1
    assert "which is deleted: choose another one." in refused.output


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("name: core\n  size: 2", "name: core\n  kind: wan", "kind may only be set when the instance is created (lan -> wan)"),
        ("size: 2", "number: 7", "number is read-only, only the orchestrator writes it: leave it out."),
        ("size: 2", "size: many", 'size: "many" is not of type "integer"'),
        ("size: 2", "weight: 3", "'weight' was unexpected"),
        ("network: core", "network: edge", "network leads to Network/edge, which is neither declared nor in the inventory."),
        ("service: Rack", "service: Shelf", "there is no service Shelf; the catalog has Fragile, Network"),
        ("id: 1", "# 1", "Rack has no identity, so write id:"),
        ("name: remark, ", "", "name is missing, which tells instances of Note apart."),
        ("---\nservice: Rack", f"---\n{AGAIN}---\nservice: Rack", "Network/core is declared in"),
        ("attributes: {}", "attribute: {}", "has a key 'attribute'; the keys are service, attributes and, if needed, id."),
        ("name: uplink", "name: uplink, name: twice", "the key 'name' is there twice"),
    ],
)
def test_what_stands_in_the_way_is_said_before_anything_is_sent(
    run: Run, world: World, files: Path, old: str, new: str, problem: str
) -> None:
    run("apply", "-f", files, "--yes")
    before = {name: world.instance(name).version for name in world.names("Network", "Port", "Note", "Rack")}
    (files / "sites.yml").write_text(TWO_SITES.replace(old, new))

    refused = run("apply", "-f", files, "--yes")

    assert refused.exit_code == 1, refused.output
    assert problem in refused.output
    assert "Traceback" not in refused.output
    assert {name: world.instance(name).version for name in world.names("Network", "Port", "Note", "Rack")} == before
    assert len(json.loads(run("order", "--json").output)) == 1


def test_a_parked_instance_cannot_be_updated_and_the_plan_says_so(run: Run, files: Path) -> None:
    run("apply", "-f", files, "--yes")
    run("set-state", "Network/core", "parked")
    (files / "sites.yml").write_text(TWO_SITES.replace("size: 2", "size: 3"))

    assert "Network/core cannot be updated in state parked." in run("plan", "-f", files).output


def test_what_others_still_refer_to_is_not_deleted(run: Run, world: World, files: Path) -> None:
    run("apply", "-f", files, "--yes")
    identifier = world.instance("Network/core").id
    (files / "sites.yml").write_text(f"service: Port\nattributes: {{name: uplink, network: {identifier}}}\n")

    refused = run("apply", "-f", files, "--prune", "--service", "Network", "--yes")

    assert refused.exit_code == 1
    assert "Network/core: it is not declared, but Port/uplink refers to it." in refused.output


def test_a_failed_order_ends_with_its_reason(run: Run, tmp_path: Path) -> None:
    (tmp_path / "glass.yml").write_text("service: Fragile\nattributes: {name: glass}\n")

    applied = run("apply", "-f", tmp_path / "glass.yml", "--yes", "--timeout", 300)

    assert applied.exit_code == 3, applied.output
    assert "create Fragile/glass: VALIDATION_COMPILE_FAILED" in applied.output
    again = run("apply", "-f", tmp_path / "glass.yml", "--yes")
    assert again.exit_code == 0
    assert "Fragile/glass has the attributes that are declared, but is rejected." in again.output


def test_without_anybody_to_ask_nothing_is_done(run: Run, world: World, files: Path) -> None:
    refused = run("apply", "-f", files)

    assert refused.exit_code == 1
    assert "give --yes" in refused.output
    assert world.names("Network", "Port") == set()


def test_what_is_pulled_is_what_is_there(run: Run, world: World, files: Path, tmp_path: Path) -> None:
    run("apply", "-f", files, "--yes")
    world.create("Network", name="../a b")

    pulled = run("pull", "-o", tmp_path / "pulled")

    assert pulled.exit_code == 0, pulled.output
    written = sorted(str(path.relative_to(tmp_path / "pulled")) for path in (tmp_path / "pulled").rglob("*.yml"))
    assert written == [
        "Network/a-b.yml",
        "Network/core.yml",
        "Note/remark.yml",
        "Port/uplink.yml",
        "Rack/11111111-1111-4111-8111-111111111111.yml",
    ]
    port = yaml.safe_load((tmp_path / "pulled" / "Port" / "uplink.yml").read_text())
    assert port == {"service": "Port", "attributes": {"name": "uplink", "password": "hunter2", "network": "core"}}
    plan = run("plan", "-f", tmp_path / "pulled", "--prune", "--exit-code")
    assert (plan.exit_code, plan.output) == (0, "Nothing to do: 5 as declared.\n")


def test_a_file_stays_where_it_is_when_it_is_pulled_again(run: Run, files: Path, tmp_path: Path) -> None:
    run("apply", "-f", files, "--yes")
    run("pull", "-o", tmp_path / "pulled")
    place = tmp_path / "pulled" / "sites" / "brussels" / "main.yml"
    place.parent.mkdir(parents=True)
    (tmp_path / "pulled" / "Network" / "core.yml").rename(place)
    run("update", "Network/core", "--set", "size=9")

    run("pull", "-o", tmp_path / "pulled")

    assert yaml.safe_load(place.read_text())["attributes"]["size"] == 9
    assert place.read_text().startswith("# yaml-language-server: $schema=../../schema.json\n")
    assert not (tmp_path / "pulled" / "Network" / "core.yml").exists()


def test_the_schema_tells_right_files_from_wrong_ones(run: Run) -> None:
    validator = jsonschema_rs.validator_for(run("schema").output)

    documents = list(yaml.safe_load_all(TWO_SITES))
    assert all(validator.is_valid(document) for document in documents)
    port, network, _, rack = documents
    assert not validator.is_valid({**port, "service": "Nothing"})
    assert not validator.is_valid({**port, "attributes": {**port["attributes"], "tags": "a"}})
    assert not validator.is_valid({**network, "attributes": {"name": "core", "rules": [{"action": "deny"}]}})
    assert not validator.is_valid({**network, "attributes": {"name": "core", "number": 3}})
    assert not validator.is_valid({key: value for key, value in rack.items() if key != "id"})


def test_random_inventories_become_what_is_declared(run: Run, world: World, tmp_path: Path) -> None:
    file = tmp_path / "inventory.yml"

    @given(inventories(racks=False))
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(inventory: Inventory) -> None:
        documents = [
            {"service": one.service, **({"id": str(one.id)} if one.id else {}), "attributes": dict(one.attributes)}
            for one in declarations(inventory)
        ]
        file.write_text("---\n".join(map(dump, documents)) or "# nothing\n")

        applied = run("apply", "-f", file, "--prune", *EVERY_SERVICE, "--yes")
        again = run("plan", "-f", file, "--prune", *EVERY_SERVICE)

        assert applied.exit_code == 0, applied.output
        assert again.output == f"Nothing to do: {len(inventory)} as declared.\n"
        assert contents(world) == {
            f"{service}/{key}": canonical(BY_NAME[service].add_defaults(attributes), {})
            for (service, key), attributes in inventory.items()
        }

    check()


def contents(world: World) -> dict[str, object]:
    """
    What the orchestrator has, by the names of the instances.

    :param world: the environment.
    """
    names = world.names(*BY_NAME)
    instances = {name: world.instance(name) for name in names}
    ids = {str(instance.id): name for name, instance in instances.items()}
    return {name: canonical(instance.candidate_attributes or {}, ids) for name, instance in instances.items()}
