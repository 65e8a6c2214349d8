"""The calls with which the services of a model get into the service catalog."""

from typing import Any

import pytest
from pytest_inmanta_lsm.lsm_project import LsmProject

MODEL = """
import lsm
import lsm::fsm

entity Service extends lsm::ServiceEntity:
end
implement Service using parents
lsm::ServiceEntityBindingV2(service_entity="__config__::Service", service_entity_name="first", lifecycle=lsm::fsm::simple)
lsm::ServiceEntityBinding(service_entity="__config__::Service", service_entity_name="second", lifecycle=lsm::fsm::service)
"""


@pytest.mark.parametrize(
    ("plugin", "allowed"), [("service_entities_exporter", True), ("service_entities_exporter_strict", False)]
)
def test_each_binding_is_sent_once_and_only_an_update_says_what_may_happen_to_instances(
    lsm_project: LsmProject, monkeypatch: pytest.MonkeyPatch, plugin: str, allowed: bool
) -> None:
    import inmanta_plugins.lsm

    lsm_project.export_service_entities(MODEL)
    client = inmanta_plugins.lsm.global_cache.get_client()
    updates: list[dict[str, Any]] = []
    update = client.lsm_service_catalog_update_entity

    def record(**arguments: Any) -> Any:
        updates.append(arguments)
        return update(**arguments)

    monkeypatch.setattr(client, "lsm_service_catalog_update_entity", record)
    # A binding of the newer kind is also one of the older kind, which it extends.
    exporter = lsm_project.project._exporter
    assert exporter is not None
    exporter.run_export_plugin(plugin)

    assert [(call["service_entity"], call["allow_instance_updates"]) for call in updates] == [
        ("first", allowed),
        ("second", allowed),
    ]


def test_only_the_given_bindings_are_sent(lsm_project: LsmProject) -> None:
    import inmanta_plugins.lsm

    project = lsm_project.project
    project.compile(MODEL)
    lsm_project.service_entities, lsm_project.service_entity_versions = {}, {}
    given = {"lsm::ServiceEntityBindingV2": project.get_instances("lsm::ServiceEntityBindingV2")}

    assert project._exporter is not None
    inmanta_plugins.lsm.do_export_service_entities(project._exporter, given, False)

    assert list(lsm_project.service_entities) == ["first"]


def test_a_refused_definition_is_an_error_that_tells_what_the_server_said(
    lsm_project: LsmProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    import inmanta_plugins.lsm
    from inmanta.plugins import PluginException
    from inmanta.protocol.common import Result

    client = inmanta_plugins.lsm.global_cache.get_client()
    refusal = Result(code=400, result={"message": "an instance is in the way"})
    monkeypatch.setattr(client, "lsm_service_catalog_create_entity", lambda **arguments: refusal)

    with pytest.raises(PluginException, match=r"Service first could not be exported.* 400 .*an instance is in the way"):
        lsm_project.export_service_entities(MODEL)
