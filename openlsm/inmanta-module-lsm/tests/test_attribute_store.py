"""Writing values to the instance that is validated."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from inmanta.plugins import PluginException
from inmanta.protocol.common import Result
from inmanta_lsm import const
from inmanta_plugins.lsm import compile_mode, global_cache, inmanta_reset_state
from inmanta_plugins.lsm.attribute_store import store, update
from inmanta_plugins.lsm.compiled_instance import CompiledInstance
from inmanta_plugins.lsm.instance_lookup import record

Resolve = Callable[..., CompiledInstance]


def test_a_strict_service_is_written_by_path(server: Any, resolve: Resolve) -> None:
    resolved = resolve(candidate_attributes={"vlan": None, "items": [{"id": 1}]})
    store(resolved, {"vlan": 5, "items[id=1].port": [1]})
    assert server.writes == [[("replace", "vlan", 5), ("replace", "items[id=1].port", [1])]]


def test_another_service_is_written_by_attribute(server: Any, resolve: Resolve) -> None:
    store(resolve(strict=False, candidate_attributes={"vlan": None}), {"vlan": 5})
    assert server.writes == [{"vlan": 5}]


def test_nothing_is_sent_when_there_is_nothing_to_write(server: Any, resolve: Resolve) -> None:
    store(resolve(candidate_attributes={}), {})
    assert server.writes == []


def test_the_rest_of_the_compile_sees_what_was_written(server: Any, resolve: Resolve) -> None:
    resolved = resolve(candidate_attributes={"vlan": None})
    value = {"a": [1]}
    store(resolved, {"vlan": value})
    value["a"].append(2)
    assert resolved.chosen == {"vlan": {"a": [1]}}
    assert resolved.instance["candidate_attributes"] == {"vlan": {"a": [1]}}


def test_the_candidate_starts_as_a_copy_of_the_active_set(server: Any, resolve: Resolve) -> None:
    resolved = resolve(validate_self="active", active_attributes={"name": "a", "vlan": 1})
    store(resolved, {"vlan": 5})
    assert resolved.instance["candidate_attributes"] == {"name": "a", "vlan": 5}
    assert resolved.chosen == {"name": "a", "vlan": 5}
    assert resolved.instance["active_attributes"] == {"name": "a", "vlan": 1}


def test_embedded_entities_can_only_be_written_for_a_strict_service(server: Any, resolve: Resolve) -> None:
    resolved = resolve(strict=False, candidate_attributes={"items": [{"id": 1}]})
    with pytest.raises(PluginException, match=r"items\[id=1\].port of service instance .* strict_modifier_enforcement"):
        store(resolved, {"items[id=1].port": 1})
    assert server.writes == []


def test_a_write_never_creates_an_element(server: Any, resolve: Resolve) -> None:
    resolved = resolve(candidate_attributes={"items": []})
    with pytest.raises(PluginException, match="its candidate attributes have no such element"):
        store(resolved, {"items[id=1].port": 1})
    assert (server.writes, resolved.chosen) == ([], {"items": []})


@pytest.mark.parametrize(
    ("path", "value", "written"),
    [
        ("report", "new", True),
        ("report", "old", False),
        ("missing", None, True),
        ("items[id=1].report", "new", True),
        ("items[id=1].report", "old", False),
        # The element was removed by the update, it only is in the previous set.
        ("items[id=2].report", "new", False),
    ],
)
def test_a_computed_value_is_written_when_it_changed(
    server: Any, resolve: Resolve, path: str, value: str | None, written: bool
) -> None:
    old = {"id": 1, "report": "old"}
    resolved = resolve(
        candidate_attributes={"report": "old", "items": [old]},
        rollback_attributes={"items": [old, {"id": 2, "report": "old"}]},
    )
    update(SimpleNamespace(instance_id=resolved.id), path, value)  # type: ignore[arg-type]
    assert server.writes == ([[("replace", path, value)]] if written else [])


def test_a_computed_value_of_an_element_that_never_was_is_refused(server: Any, resolve: Resolve) -> None:
    service: Any = SimpleNamespace(instance_id=resolve(candidate_attributes={"items": []}).id)
    with pytest.raises(PluginException, match="have no such element"):
        update(service, "items[id=1].report", "new")


def test_a_computed_value_is_only_written_while_the_instance_is_validated(
    server: Any, resolve: Resolve, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown: Any = SimpleNamespace(instance_id="unknown")
    update(unknown, "report", "new")
    resolved = resolve(candidate_attributes={})
    monkeypatch.setenv(const.ENV_INSTANCE_ID, "another")
    inmanta_reset_state()
    other = global_cache.get_instance(server.environment, None, resolved.id)
    assert other is not None
    record(compile_mode.current(), other, {0: resolved.binding})
    service: Any = SimpleNamespace(instance_id=resolved.id)
    update(service, "report", "new")
    assert server.writes == []


def test_a_refused_write_tells_everything_and_changes_nothing(server: Any, resolve: Resolve) -> None:
    resolved = resolve(candidate_attributes={"vlan": None})
    server.refusal = Result(code=409, result={"message": "version 2 expected"})
    with pytest.raises(PluginException) as error:
        store(resolved, {"vlan": 5})
    for part in ("vlan", resolved.id, "service", "409", "version 2 expected"):
        assert part in str(error.value)
    assert resolved.chosen == {"vlan": None}
