"""What the cache keeps during a compile, and what it keeps longer."""

from typing import Any

import pytest
from inmanta.plugins import PluginException
from inmanta.protocol import endpoints
from inmanta.protocol.common import Result
from inmanta_plugins.lsm import CacheManager, global_cache, inmanta_reset_state


class Client:
    """Stands for a client of the API, as test tools do."""


def test_the_client_is_made_on_first_use_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, Client]] = []

    def make(name: str) -> Client:
        made.append((name, Client()))
        return made[-1][1]

    monkeypatch.setattr(endpoints, "SyncClient", make)
    cache = CacheManager()
    assert made == []
    client = cache.get_client()
    cache.reset()
    assert cache.get_client() is client
    assert [name for name, _ in made] == ["compiler"]


def test_instances_are_listed_once_and_found_by_id_without_another_call(server: Any) -> None:
    instance = server.add("service")
    assert global_cache.get_all_instances(server.environment, "service") == [instance]
    assert global_cache.get_all_instances(env=server.environment, service_entity_name="service") == [instance]
    assert global_cache.get_instance(server.environment, "service", instance["id"]) == instance
    assert global_cache.get_instance(server.environment, None, instance["id"]) == instance
    assert server.calls == ["list service"]


def test_the_first_instance_of_a_service_brings_all_others(server: Any) -> None:
    first, second = server.add("service"), server.add("service")
    for instance in (first, second):
        assert global_cache.get_instance(server.environment, "service", instance["id"]) == instance
    assert server.calls == ["list service"]


def test_what_was_read_before_is_known_without_a_call(server: Any) -> None:
    there, gone = server.add("service"), server.add("service", deleted=True)
    assert global_cache.cached_instance(server.environment, there["id"]) is None
    for instance in (there, gone):
        global_cache.get_instance(server.environment, None, instance["id"], include_terminated=True)
    server.calls.clear()
    assert global_cache.cached_instance(server.environment, there["id"]) == there
    assert global_cache.cached_instance(server.environment, gone["id"]) is None
    assert server.calls == []


def test_an_instance_is_the_same_object_however_it_was_found(server: Any) -> None:
    # As a real server does, each answer is decoded anew.
    instance = server.add("service")
    found = global_cache.get_instance(server.environment, None, instance["id"])
    server.instances[instance["id"]] = dict(instance)
    assert global_cache.get_all_instances(server.environment, "service")[0] is found


def test_changing_the_returned_list_changes_nothing_else(server: Any) -> None:
    server.add("service")
    global_cache.get_all_instances(server.environment, "service").clear()
    assert len(global_cache.get_all_instances(server.environment, "service")) == 1


def test_a_terminated_instance_is_only_returned_when_asked_for(server: Any) -> None:
    instance = server.add("service", deleted=True)
    assert global_cache.get_all_instances(server.environment, "service") == []
    assert global_cache.get_instance(server.environment, "service", instance["id"]) is None
    assert global_cache.get_instance(server.environment, None, instance["id"]) is None
    assert global_cache.get_instance(server.environment, "service", instance["id"], include_terminated=True) == instance


def test_an_instance_of_another_service_is_not_found(server: Any) -> None:
    instance = server.add("other")
    server.add("service")
    assert global_cache.get_instance(server.environment, "service", instance["id"], include_terminated=True) is None


def test_an_instance_that_does_not_exist_is_asked_for_once(server: Any) -> None:
    assert global_cache.get_instance(server.environment, None, "unknown") is None
    assert global_cache.get_instance(server.environment, None, "unknown") is None
    assert server.calls == ["get unknown"]


def test_a_service_that_is_not_in_the_catalog_has_no_instances(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert global_cache.get_all_instances(server.environment, "new") == []
    assert "Service new is not in the catalog" in caplog.text


def test_a_refused_request_tells_code_and_message(server: Any) -> None:
    server.add("service")
    server.refusal = Result(code=403, result={"message": "no access"})
    with pytest.raises(PluginException, match=r"service service could not be listed: the server answered 403 \(no access\)"):
        global_cache.get_all_instances(server.environment, "service")


def test_a_reset_forgets_what_the_server_said(server: Any) -> None:
    instance = server.add("service")
    global_cache.get_all_instances(server.environment, "service")
    inmanta_reset_state()
    # The state changes without a new version, so that only a new request can tell.
    server.instances[instance["id"]] = {**instance, "state": "up"}
    assert global_cache.get_all_instances(server.environment, "service")[0]["state"] == "up"
    found = global_cache.get_instance(server.environment, None, instance["id"])
    assert found is not None
    assert found["state"] == "up"


def test_a_definition_is_read_once_with_a_fallback_for_old_servers(server: Any) -> None:
    server.definitions["service", 1] = {"name": "service"}
    assert global_cache.get_definition(server.environment, "service", 1) == {"name": "service"}
    assert global_cache.get_definition(server.environment, "service", 1) == {"name": "service"}
    assert global_cache.get_definition(server.environment, "service", 2) is None
    assert server.calls == ["definition service 1", "definition service 2", "definition service"]
