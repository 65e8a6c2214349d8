"""The commands about services and instances, against an orchestrator."""

import json
from pathlib import Path

import pytest
import yaml

from .conftest import Run
from .helpers.world import World

pytestmark = pytest.mark.full


def test_the_catalog_lists_services_and_describes_each(run: Run) -> None:
    overview, network = run("catalog"), run("catalog", "Network")

    assert overview.exit_code == 0, overview.output
    assert [line.split()[0] for line in overview.output.splitlines()] == [
        "service",
        "Fragile",
        "Network",
        "Note",
        "Port",
        "Rack",
    ]
    assert "rules.hosts.address" in network.output
    assert "embedded [0:] by key" in network.output
    assert "active (update)" in network.output


def test_an_instance_is_created_listed_and_shown(run: Run) -> None:
    created = run("create", "Network", "--set", "name=a/b", "--set", "size=3", "--set", "rules[key=web].action=deny", "--json")

    shown, listed = run("get", "Network/a/b", "--json"), run("list", "Network", "--show", "size")

    assert created.exit_code == 0, created.output
    instance = json.loads(shown.output)
    assert instance["id"] == json.loads(created.output)["id"]
    assert instance["candidate_attributes"]["size"] == 3
    assert [rule["action"] for rule in instance["candidate_attributes"]["rules"]] == ["deny"]
    assert listed.output.splitlines()[1].split()[:3] == ["a/b", "active", "1"]
    assert json.loads(run("get", instance["id"], "--json").output) == instance


def test_an_instance_is_created_from_a_file_with_names_for_what_it_refers_to(run: Run, world: World, tmp_path: Path) -> None:
    network = world.create("Network", name="core")
    (tmp_path / "port.yml").write_text("service: Port\nattributes:\n  name: uplink\n  network: Network/core\n  tags: [a, b]\n")

    created = run("create", "Port", "-f", tmp_path / "port.yml", "--set", "tags=[c]")

    assert created.exit_code == 0, created.output
    assert world.attributes("Port/uplink")["network"] == str(network.id)
    assert world.attributes("Port/uplink")["tags"] == ["c"]


@pytest.mark.parametrize(
    ("assignment", "problem"),
    [
        ("nonsense=1", "Network has no attribute nonsense: it has name, number, size, kind, note, rules, owner."),
        ("size", "'size' is no assignment: write PATH=VALUE."),
        ("size=[", "'[' is no value for size: write it as YAML"),
        ("=3", "'' is no path"),
        ("name.first=3", "name.first leads through a value that has no such elements."),
    ],
)
def test_a_mistake_in_an_assignment_is_explained_and_nothing_is_created(
    run: Run, world: World, assignment: str, problem: str
) -> None:
    refused = run("create", "Network", "--set", "name=x", "--set", assignment)

    assert refused.exit_code == 1, refused.output
    assert problem in refused.output
    assert world.names("Network") == set()


def test_what_the_orchestrator_refuses_is_told_in_its_words(run: Run) -> None:
    refused = run("create", "Network", "--set", "name=x", "--set", "size=many")

    assert refused.exit_code == 1
    assert "size" in refused.output
    assert "Traceback" not in refused.output


def test_an_instance_is_updated_by_edits(run: Run, world: World) -> None:
    core, other = world.create("Network", name="core"), world.create("Network", name="other")
    rules = [{"key": "web", "action": "deny"}, {"key": "ssh"}]
    world.create("Network", name="edge", rules=rules)
    world.create("Port", name="a")
    world.create("Port", name="c")
    world.create("Port", name="b", network=str(core.id), tags=["x", "y"])

    network = run(
        "update",
        "Network/edge",
        "--set",
        "rules[key=web].action=allow",
        "--add",
        "rules={key: dns}",
        "--remove",
        "rules[key=ssh]",
    )
    changes = ["--set", "network=other", "--add", "tags=z", "--remove", "tags=x"]
    relations = ["--add", "peers=[a, c]", "--remove", "peers=Port/c"]
    port = run("update", "Port/b", *changes, *relations, "--watch")

    assert network.exit_code == 0, network.output
    assert port.exit_code == 0, port.output
    assert {rule["key"]: rule["action"] for rule in world.attributes("Network/edge")["rules"]} == {
        "web": "allow",
        "dns": "allow",
    }
    assert world.attributes("Port/b")["network"] == str(other.id)
    assert world.attributes("Port/b")["tags"] == ["y", "z"]
    assert world.attributes("Port/b")["peers"] == [str(world.instance("Port/a").id)]


def test_an_instance_is_updated_in_an_editor(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    core = world.create("Network", name="core")
    world.create("Port", name="a", network=str(core.id))
    world.create("Network", name="other")

    monkeypatch.setenv("EDITOR", "sed -i s/core/other/")
    edited = run("update", "Port/a")
    monkeypatch.setenv("EDITOR", "touch -d 2020-01-01")
    untouched = run("update", "Port/a")

    assert edited.exit_code == 0, edited.output
    assert world.attributes("Port/a")["network"] == str(world.instance("Network/other").id)
    assert "Nothing changed" in untouched.output
    assert world.instance("Port/a").version == 2


def test_what_was_written_in_an_editor_is_kept_when_it_cannot_be(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create("Network", name="core")
    monkeypatch.setenv("EDITOR", "sed -i s/lan/wan/")

    refused = run("update", "Network/core")

    assert refused.exit_code == 1
    assert "kind may only be set when the instance is created" in refused.output
    kept = Path(refused.output.rsplit(" is in ", 1)[1].strip().rstrip("."))
    assert yaml.safe_load(kept.read_text())["kind"] == "wan"
    kept.unlink()
    assert world.instance("Network/core").version == 1


def test_an_instance_is_deleted_and_its_log_stays(run: Run, world: World) -> None:
    network = world.create("Network", name="core")

    deleted = run("delete", "Network/core", "--watch")

    assert deleted.exit_code == 0, deleted.output
    assert "core: gone" in deleted.output
    assert world.names("Network") == set()
    assert [entry["state"] for entry in json.loads(run("log", network.id, "--json").output)] == ["active", "gone"]
    assert "core" in run("list", "Network", "--deleted").output


def test_a_state_is_set_along_the_lifecycle_only(run: Run, world: World) -> None:
    world.create("Network", name="core")

    refused, moved = run("set-state", "Network/core", "gone"), run("set-state", "Network/core", "parked", "-m", "for a while")

    assert refused.exit_code == 1
    assert "Network/core is active; its lifecycle lets users move it from there to parked." in refused.output
    assert moved.exit_code == 0, moved.output
    assert world.instance("Network/core").state == "parked"
    assert "for a while" in run("events", "Network/core").output


def test_lists_are_filtered_sorted_and_cut(run: Run, world: World) -> None:
    for name in ("right", "left", "upright"):
        world.create("Network", name=name)
    run("set-state", "Network/right", "parked")

    def listed(*options: object) -> list[str]:
        answer = run("list", "Network", "--json", *options)
        assert answer.exit_code == 0, answer.output
        return [instance["service_identity_attribute_value"] for instance in json.loads(answer.output)]

    assert listed("--sort", "service_identity_attribute_value") == ["left", "right", "upright"]
    assert listed("--sort", "service_identity_attribute_value.desc", "--limit", 2) == ["upright", "right"]
    assert listed("--state", "parked") == ["right"]
    assert set(listed("--identity", "RIGHT")) == {"right", "upright"}
    assert listed("--filter", "name=left") == ["left"]
    assert "2 of 3" in run("list", "Network", "--limit", 2).output
    assert run("list", "Network", "--sort", "weight").exit_code == 1
    assert "is no filter" in run("list", "Network", "--filter", "name").output


def test_watching_ends_with_what_went_wrong(run: Run, world: World) -> None:
    world.create("Fragile", name="glass")

    watched = run("watch", "Fragile/glass", "--timeout", 300)

    assert watched.exit_code == 3, watched.output
    assert "Fragile/glass is rejected." in watched.output
    assert "The compile was refused:" in watched.output
    assert run("diagnose", "Fragile/glass").output.startswith("The compile was refused:")
    assert run("watch", "Fragile/glass", "--until", "active", "--timeout", 60).exit_code == 3
    assert run("watch", "Fragile/glass", "--until", "rejected", "--timeout", 60).exit_code == 0
    assert "Fragile has no state up" in run("watch", "Fragile/glass", "--until", "up").output
    report = json.loads(run("compile", "--json").output)[0]["id"]
    assert "failed" in run("compile").output
    assert "Errors" in run("compile", report).output


def test_history_tells_what_happened(run: Run, world: World) -> None:
    world.create("Network", name="core", size=1)
    run("update", "Network/core", "--set", "size=2")

    log, events = run("log", "Network/core"), run("events", "Network/core", "--type", "ON_UPDATE_TRANSITION", "--yaml")
    different = run("diff", "Network/core", "--from", "1", "--to", "2", "--exit-code")

    assert [line.split()[0] for line in log.output.splitlines()] == ["version", "1", "2"]
    assert {event["event_type"] for event in yaml.safe_load(events.output)} == {"ON_UPDATE_TRANSITION"}
    assert (different.exit_code, different.output.strip()) == (4, "~ size: 1 → 2")
    assert run("diff", "Network/core", "--from", "2", "--to", "2:candidate", "--exit-code").exit_code == 0
    assert "has no version 9" in run("diff", "Network/core", "--from", "9").output
    assert "It has no resources." in run("resources", "Network/core").output


def test_secrets_are_not_on_the_screen_and_the_token_is_nowhere(run: Run, world: World) -> None:
    world.create("Port", name="a", password="hunter2")
    run("update", "Port/a", "--set", "password=hunter3")

    for answer in (
        run("get", "Port/a"),
        run("list", "Port", "--show", "password"),
        run("diff", "Port/a", "--from", "1", "--to", "2"),
        run("catalog", "Port"),
    ):
        assert answer.exit_code == 0, answer.output
        assert "hunter" not in answer.output
    machine = run("get", "Port/a", "--json").output
    assert json.loads(machine)["candidate_attributes"]["password"] == "hunter3"
    assert str(world.connection.token) not in machine


def test_names_of_nothing_are_explained(run: Run) -> None:
    for arguments, problem in {
        ("get", "core"): "'core' names no instance: write SERVICE/IDENTITY",
        ("get", "Network/core"): "core",
        ("get", "Rack/core"): "Rack has no identity: name its instances by their id, Rack/ID.",
        ("get", "Nothing/core"): "Nothing",
        ("list", "Nothing"): "Nothing",
    }.items():
        refused = run(*arguments)
        assert refused.exit_code == 1, refused.output
        assert problem in refused.output
        assert "Traceback" not in refused.output
