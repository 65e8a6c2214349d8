"""Which instances belong to a partial compile."""

from typing import Any

import pytest
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import bindings, global_cache, inmanta_reset_state, partial
from inmanta_plugins.lsm.bindings import Ownership
from inmanta_plugins.lsm.compile_mode import CompileMode
from inmanta_plugins.lsm.partial import AbstractSelector, Selection, TreeSelector, selected_ids

OWNERSHIP = {
    ("site", 0): Ownership(owner=None, relation=None),
    ("router", 0): Ownership(owner="site", relation="site"),
    ("port", 0): Ownership(owner="router", relation="router"),
    # Emits its resources elsewhere, but no service owns it.
    ("group_member", 0): Ownership(owner=None, relation="group"),
}


@pytest.fixture
def tree(server: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The ids of two sites with what they own, by name."""
    monkeypatch.setattr(bindings, "read_ownership", lambda types: OWNERSHIP)
    ids: dict[str, str] = {}

    def add(name: str, service: str, **attributes: Any) -> None:
        ids[name] = server.add(service, id=name, active_attributes={"name": name, **attributes})["id"]

    add("site", "site")
    add("router", "router", site="site")
    add("port", "port", router="router")
    add("port2", "port", router="router")
    add("other_site", "site")
    add("other_router", "router", site=["other_site"])
    add("member", "group_member", group="site")
    return ids


def select(*requested: str) -> set[str]:
    return {
        identity
        for service in ("site", "router", "port", "group_member")
        for identity in selected_ids(partial_compile(*requested), "env", service, {}) or ()
    }


def partial_compile(*requested: str) -> CompileMode:
    return CompileMode(no_instances=False, validated=None, requested=requested, partial=True)


@pytest.mark.parametrize("requested", ["site", "router", "port", "port2"])
def test_the_whole_tree_is_selected_whoever_of_it_is_requested(
    tree: dict[str, str], requested: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert select(requested) == {"site", "router", "port", "port2"}
    assert caplog.text == ""


def test_the_trees_of_several_instances_are_selected(tree: dict[str, str]) -> None:
    assert select("port", "other_router") == set(tree) - {"member"}


def test_a_relation_to_owner_without_owner_leads_nowhere(tree: dict[str, str]) -> None:
    assert select("member") == {"member"}


def test_the_tree_of_a_terminated_instance_is_selected(tree: dict[str, str], server: Any) -> None:
    server.instances["port"]["deleted"] = True
    assert select("port") == {"site", "router", "port", "port2"}


def test_the_tree_is_complete_when_an_owner_is_terminated(tree: dict[str, str], server: Any) -> None:
    server.instances["router"]["deleted"] = True
    assert select("port") == {"site", "router", "port", "port2"}


def test_a_full_compile_selects_nothing_in_particular(tree: dict[str, str], server: Any) -> None:
    full = CompileMode(no_instances=False, validated=None, requested=(), partial=False)
    assert selected_ids(full, "env", "site", {}) is None
    assert server.calls == []


def test_an_unknown_instance_is_left_out_with_a_warning(tree: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    assert select("nobody", "other_site") == {"other_site", "other_router"}
    assert "no service instance nobody" in caplog.text


def test_an_instance_whose_owner_is_gone_is_selected_on_its_own(
    tree: dict[str, str], server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    del server.instances["router"]
    assert select("port") == {"port"}
    assert "no service instance router, the owner of port" in caplog.text


def test_instances_that_own_each_other_are_refused(tree: dict[str, str], server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = {("site", 0): Ownership(owner="router", relation="router"), ("router", 0): OWNERSHIP["router", 0]}
    monkeypatch.setattr(bindings, "read_ownership", lambda types: circle)
    server.instances["site"]["active_attributes"]["router"] = "router"
    with pytest.raises(PluginException, match="router -> site -> router own each other"):
        select("router")


def test_the_catalog_tells_the_owner_of_a_service_without_binding(tree: dict[str, str], server: Any) -> None:
    server.add("cable", id="cable", active_attributes={"port": "port"})
    server.definitions["cable", 0] = {"owner": "port", "relation_to_owner": "port"}
    assert select("cable") == {"site", "router", "port", "port2"}


def test_the_owner_comes_from_the_first_set_that_has_attributes(tree: dict[str, str], server: Any) -> None:
    server.instances["router"].update(candidate_attributes={"site": "other_site"}, active_attributes={"site": "site"})
    assert "other_site" in select("router")
    inmanta_reset_state()
    server.instances["router"].update(candidate_attributes={}, active_attributes=None, rollback_attributes={"site": "site"})
    assert "site" in select("router")


def test_a_missing_attribute_is_none(tree: dict[str, str], server: Any) -> None:
    selector = TreeSelector(env=server.environment, requested_instances=["site"])
    assert selector._get_attribute(server.instances["site"], "nothing") is None
    assert selector._get_attribute({"active_attributes": None}, "name") is None


class WithNeighbours(TreeSelector):
    """Selects what one tree needs of another, the way users extend the selection."""

    made = 0

    def __init__(self, env: str, requested_instances: list[str]) -> None:
        super().__init__(env, requested_instances)
        WithNeighbours.made += 1

    def select_all(self) -> Selection:
        selection = super().select_all()
        selection["site"].extend([*selection["site"], global_cache.get_instance(self.env, None, "other_site"), None])
        return selection


def test_a_registered_selector_is_made_once_per_compile_and_outlives_a_reset(
    tree: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(global_cache, "_selector_factory", None)
    monkeypatch.setattr(WithNeighbours, "made", 0)
    global_cache.set_selector_factory(WithNeighbours)
    for compiles in (1, 2):
        assert select("port") == {"site", "router", "port", "port2", "other_site"}
        assert WithNeighbours.made == compiles
        inmanta_reset_state()


def test_a_selector_only_has_to_select() -> None:
    class Nothing(AbstractSelector):
        def select_all(self) -> Selection:
            return {}

    selector = Nothing(env="e", requested_instances=["a"])
    assert (selector.env, selector.requested_instances) == ("e", ["a"])
    assert issubclass(AbstractSelector, partial.SelectorAPI)
