"""The protocol methods: where each is found, and who may call it."""

import subprocess
import sys

import pytest
from inmanta.const import ClientType
from inmanta.protocol.common import MethodProperties
from inmanta_embedded.patience import patient
from inmanta_lsm import methods

CATALOG = "/lsm/v1/service_catalog"
VERSIONS = "/lsm/v2/service_catalog"
INVENTORY = "/lsm/v1/service_inventory"
ENTITY = "<service_entity>"
INSTANCE = f"{INVENTORY}/{ENTITY}/<service_id>"
INSTANCE_V2 = f"/lsm/v2/service_inventory/{ENTITY}/<service_id>"

METHODS = [
    ("lsm_service_catalog_list", "GET", CATALOG, "lsm.catalog.read"),
    ("lsm_service_catalog_create_entity", "POST", CATALOG, "lsm.catalog.write"),
    ("lsm_service_catalog_get_entity", "GET", f"{CATALOG}/{ENTITY}", "lsm.catalog.read"),
    ("lsm_service_catalog_update_entity", "PUT", f"{CATALOG}/{ENTITY}", "lsm.catalog.write"),
    ("lsm_service_catalog_delete_entity", "DELETE", f"{CATALOG}/{ENTITY}", "lsm.catalog.write"),
    ("lsm_service_catalog_get_schema", "GET", f"{CATALOG}/{ENTITY}/schema", "lsm.catalog.read"),
    ("lsm_service_catalog_get_config", "GET", f"{CATALOG}/{ENTITY}/config", "lsm.catalog.read"),
    ("lsm_service_catalog_set_config", "POST", f"{CATALOG}/{ENTITY}/config", "lsm.catalog.write"),
    ("lsm_service_catalog_list_versions", "GET", VERSIONS, "lsm.catalog.read"),
    ("lsm_service_catalog_get_entity_versions", "GET", f"{VERSIONS}/{ENTITY}", "lsm.catalog.read"),
    ("lsm_service_catalog_update_entity_versions", "PUT", f"{VERSIONS}/{ENTITY}", "lsm.catalog.write"),
    ("lsm_service_catalog_get_entity_version", "GET", f"{VERSIONS}/{ENTITY}/<version>", "lsm.catalog.read"),
    ("lsm_service_catalog_delete_entity_version", "DELETE", f"{VERSIONS}/{ENTITY}/<version>", "lsm.catalog.write"),
    ("lsm_service_catalog_get_entity_version_schema", "GET", f"{VERSIONS}/{ENTITY}/<version>/schema", "lsm.catalog.read"),
    ("lsm_service_catalog_get_entity_version_config", "GET", f"{VERSIONS}/{ENTITY}/<version>/config", "lsm.catalog.read"),
    ("lsm_service_catalog_set_entity_version_config", "POST", f"{VERSIONS}/{ENTITY}/<version>/config", "lsm.catalog.write"),
    ("lsm_services_openapi_docs", "GET", "/lsm/v1/service_catalog_docs", "lsm.docs.read"),
    ("lsm_export_service_definition", "POST", "/lsm/v1/exporter/export_service_definition", "lsm.catalog.write"),
    ("lsm_services_get_by_id", "GET", INVENTORY, "lsm.instance.read"),
    ("lsm_services_list", "GET", f"{INVENTORY}/{ENTITY}", "lsm.instance.read"),
    ("lsm_services_create", "POST", f"{INVENTORY}/{ENTITY}", "lsm.instance.write"),
    ("lsm_services_get", "GET", INSTANCE, "lsm.instance.read"),
    ("lsm_services_update", "PATCH", INSTANCE, "lsm.instance.write"),
    ("lsm_services_patch", "PATCH", INSTANCE_V2, "lsm.instance.write"),
    ("lsm_services_put", "PUT", INSTANCE, "lsm.instance.write"),
    ("lsm_services_delete", "DELETE", INSTANCE, "lsm.instance.write"),
    ("lsm_services_set_state", "POST", f"{INSTANCE}/state", "lsm.instance.write"),
    ("lsm_services_repair", "POST", f"{INSTANCE}/repair", "lsm.instance.write"),
    ("lsm_services_get_config", "GET", f"{INSTANCE}/config", "lsm.instance.read"),
    ("lsm_services_set_config", "POST", f"{INSTANCE}/config", "lsm.instance.write"),
    ("lsm_service_log_list", "GET", f"{INSTANCE}/log", "lsm.instance.read"),
    ("lsm_services_events_list", "GET", f"{INSTANCE}/events", "lsm.instance.read"),
    ("lsm_services_resources_list", "GET", f"{INSTANCE}/resources", "lsm.instance.read"),
    ("lsm_services_diagnose", "GET", f"{INSTANCE}/diagnose", "lsm.instance.read"),
    ("lsm_services_update_entity_version", "PATCH", f"{INSTANCE}/update_entity_version", "lsm.instance.migrate"),
    ("lsm_services_set_metadata", "POST", f"{INSTANCE}/metadata/<key>", "lsm.instance.write"),
    ("lsm_services_update_attributes", "PATCH", f"{INSTANCE}/update_attributes", "lsm.instance.write"),
    ("lsm_services_update_attributes_v2", "PATCH", f"{INSTANCE_V2}/update_attributes", "lsm.instance.write"),
    ("lsm_services_expert_set_state", "POST", f"{INSTANCE}/expert/state", "lsm.expert.write"),
    ("lsm_services_expert_update", "PATCH", f"{INSTANCE_V2}/expert", "lsm.expert.write"),
    ("lsm_services_expert_delete", "DELETE", f"{INSTANCE_V2}/expert", "lsm.expert.write"),
    ("lsm_callback_list", "GET", "/lsm/v1/callbacks", "lsm.callback.read"),
    ("lsm_callback_create", "POST", "/lsm/v1/callbacks", "lsm.callback.write"),
    ("lsm_callback_delete", "DELETE", "/lsm/v1/callbacks/<callback_id>", "lsm.callback.write"),
    ("lsm_order_create", "POST", "/lsm/v2/order", "lsm.order.write"),
    ("lsm_order_list", "GET", "/lsm/v2/order", "lsm.order.read"),
    ("lsm_order_get", "GET", "/lsm/v2/order/<order_id>", "lsm.order.read"),
    ("lsm_services_report_deployment", "POST", f"{INSTANCE}/deployment_report", None),
]


def declared(name: str) -> MethodProperties:
    """What a method is declared with. A name that is declared twice would collide with another method."""
    (properties,) = MethodProperties.methods[name]
    return properties


@pytest.mark.parametrize(("name", "verb", "path", "label"), METHODS, ids=[row[0] for row in METHODS])
def test_a_method_has_its_place_and_its_label(name: str, verb: str, path: str, label: str | None) -> None:
    method = declared(name)

    assert (method.operation, method.get_full_path()) == (verb, path)
    assert method.envelope_key == "data"
    if label is None:
        assert method.client_types == [ClientType.agent]
        assert method.agent_server
        return
    assert ClientType.api in method.client_types
    assert method.authorization_metadata is not None
    assert method.authorization_metadata.auth_label.value == label
    assert method.authorization_metadata.read_only is (verb == "GET")
    assert method.authorization_metadata.environment_param == ("environment" if "docs" in name else "tid")


def test_the_table_is_complete() -> None:
    assert {name for name in methods.__all__ if name.startswith("lsm_")} == {row[0] for row in METHODS}
    assert {name for name in MethodProperties.methods if name.startswith("lsm_")} == {row[0] for row in METHODS}


def test_labels_are_those_of_the_default_access_policy() -> None:
    used = {label for _, _, _, label in METHODS if label is not None}

    assert used == {label.value for label in methods.LsmAuthorizationLabel}


def test_importing_the_methods_is_enough_to_register_them() -> None:
    program = (
        "import inmanta_lsm.methods; from inmanta.protocol.common import MethodProperties;"
        "print(sum(name.startswith('lsm_') for name in MethodProperties.methods))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=patient()
    ).stdout

    assert int(printed) == len(METHODS)


COMPILER_CALLS = [
    "lsm_services_list",
    "lsm_services_get_by_id",
    "lsm_services_update_attributes",
    "lsm_services_update_attributes_v2",
    "lsm_service_catalog_get_entity",
    "lsm_service_catalog_get_entity_version",
    "lsm_service_catalog_create_entity",
    "lsm_service_catalog_update_entity",
    "lsm_service_catalog_update_entity_versions",
]


@pytest.mark.parametrize("name", COMPILER_CALLS)
def test_the_compiler_may_call_what_a_model_needs(name: str) -> None:
    assert ClientType.compiler in declared(name).client_types


def test_a_handler_may_create_instances() -> None:
    assert ClientType.agent in declared("lsm_services_create").client_types


def test_what_is_about_the_instances_of_one_service_is_documented_for_each_service() -> None:
    documented = {name for name, *_ in METHODS if declared(name).document_in_service_swagger}

    assert all(ENTITY in declared(name).path for name in documented)
    assert {"lsm_services_create", "lsm_services_list", "lsm_services_patch", "lsm_services_delete"} <= documented


@pytest.mark.parametrize(
    ("method", "place", "header"),
    [("lsm_services_get", "tid", "X-Inmanta-tid"), ("lsm_services_expert_delete", "message", "message")],
)
def test_some_arguments_are_headers(method: str, place: str, header: str) -> None:
    assert declared(method).arg_options[place].header == header


@pytest.mark.parametrize(("sent", "read"), [("grün", "grÃ¼n"), ("plain", "plain"), ("Ā", "Ā")])
@pytest.mark.asyncio
async def test_a_header_is_read_as_the_client_meant_it(sent: str, read: str) -> None:
    getter = declared("lsm_services_expert_delete").arg_options["message"].getter

    assert await getter(read, {}) == sent
