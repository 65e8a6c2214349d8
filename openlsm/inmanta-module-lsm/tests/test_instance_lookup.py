"""What a compile knows about the instance behind an entity of the model."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from inmanta.config import Config
from inmanta.plugins import PluginException
from inmanta_lsm import const
from inmanta_plugins.lsm import compile_mode, inmanta_reset_state
from inmanta_plugins.lsm.attribute_store import store
from inmanta_plugins.lsm.bindings import Binding, State
from inmanta_plugins.lsm.compile_mode import CompileMode
from inmanta_plugins.lsm.compiled_instance import CompiledInstance, TransferData
from inmanta_plugins.lsm.instance_lookup import has_current_state, look_up_known, purge_resources, record, transfer_data

EXPORT = CompileMode(no_instances=False, validated=None, requested=(), partial=False)
STATES = {
    "start": State("start", export_resources=False),
    "up": State("up", export_resources=True, previous_attr_set_on_export="rollback"),
    "deleting": State("deleting", export_resources=True, purge_resources=True),
}


@pytest.fixture
def exported(server: Any) -> Callable[..., Any]:
    """Put an instance in the inventory and in an exporting compile; gives what stands for its entity in the model."""

    def export(state: str, **fields: Any) -> Any:
        instance = server.add(state=state, **fields)
        record(EXPORT, instance, {0: Binding("service", 0, "__config__::Service", True, None, STATES)})
        return SimpleNamespace(instance_id=instance["id"])

    return export


@pytest.mark.parametrize(
    ("state", "purged", "transferred"), [("start", False, False), ("up", False, True), ("deleting", True, True)]
)
def test_the_state_decides_about_purge_flag_and_transfer(
    exported: Callable[..., Any], state: str, purged: bool, transferred: bool
) -> None:
    service = exported(state)
    assert purge_resources(service) == purged
    assert (transfer_data(service) is not None) == transferred
    assert has_current_state(service, state)
    assert not has_current_state(service, "a state of no lifecycle")


def test_a_transfer_leads_to_the_next_versions(exported: Callable[..., Any]) -> None:
    service = exported("up", version=7, desired_state_version=3)
    assert transfer_data(service) == TransferData("service", service.instance_id, 8, 4)
    # Older servers count no desired states.
    old = exported("up", version=7, desired_state_version=None)
    assert transfer_data(old) == TransferData("service", old.instance_id, 8, 8)


def test_nothing_is_looked_up_while_the_catalog_is_exported(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(const.ENV_NO_INSTANCES, "true")
    service: Any = SimpleNamespace(instance_id="unknown")
    assert (purge_resources(service), transfer_data(service), has_current_state(service, "up")) == (False, None, False)
    assert look_up_known(service) is None
    assert server.calls == []


def test_an_instance_that_was_not_read_is_not_asked_for_by_allocators(server: Any) -> None:
    instance = server.add()
    assert look_up_known(SimpleNamespace(instance_id=instance["id"])) is None  # type: ignore[arg-type]
    assert server.calls == []


def test_values_that_are_written_only_change_the_view_of_the_compile(server: Any) -> None:
    instance = server.add(state="up", active_attributes={"name": "a"}, rollback_attributes={"name": "b"})
    found = record(EXPORT, instance, {0: Binding("service", 0, "__config__::Service", True, None, STATES)})
    assert (found.chosen, found.previous) == ({"name": "a"}, {"name": "b"})
    assert found.chosen is not instance["active_attributes"]


def test_an_instance_is_resolved_once_per_compile(server: Any, resolve: Callable[..., CompiledInstance]) -> None:
    found = resolve(candidate_attributes={"name": "a"})
    service: Any = SimpleNamespace(instance_id=found.id)
    assert look_up_known(service) is found
    inmanta_reset_state()
    assert look_up_known(service) is None


def test_a_value_that_was_written_is_still_there_when_the_instance_is_unrolled_again(
    server: Any, resolve: Callable[..., CompiledInstance]
) -> None:
    found = resolve(validate_self="active", active_attributes={"vlan": None})
    store(found, {"vlan": 5})
    again = record(compile_mode.current(), found.instance, {0: found.binding})
    assert again.chosen == {"vlan": 5}


def test_an_environment_is_needed_for_instances(server: Any) -> None:
    assert compile_mode.environment() == server.environment
    Config.get_instance().remove_option("config", "environment")
    with pytest.raises(PluginException, match="set the option environment in the section config"):
        compile_mode.environment()
