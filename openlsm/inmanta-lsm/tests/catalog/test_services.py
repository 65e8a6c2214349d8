"""What the catalog offers for its services: schema, options, documentation and the export of the project."""

import uuid

import jsonschema_rs
import pytest
from inmanta import data as core
from inmanta.protocol import Client

from ..helpers.catalog_client import CatalogClient, definition
from ..helpers.http_request import request
from ..helpers.scripted_compiler import ScriptedCompiler
from ..helpers.service_lab import eventually
from ..helpers.simple_lifecycle import SIMPLE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_schema_is_that_of_a_create_body_and_takes_what_was_allocated(catalog: CatalogClient) -> None:
    await catalog.create(definition())

    schema = await catalog.call("lsm_service_catalog_get_schema", service_entity="vlan")

    assert schema == await catalog.call("lsm_service_catalog_get_entity_version_schema", service_entity="vlan", version=0)
    assert schema["title"] == "vlan"
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name"]
    assert schema["properties"].keys() == {"name", "size", "ports"}
    jsonschema_rs.validate(schema, {"name": "a"})
    jsonschema_rs.validate(schema, {"name": "a", "size": 1, "ports": [], "vlan_id": 12})
    assert not jsonschema_rs.is_valid(schema, {"name": "a", "vlan": 12})


NAMED_AUTO_TRANSFERS = SIMPLE.model_copy(
    update={
        "transfers": [
            edge.model_copy(update={"config_name": f"auto_{edge.source}"} if edge.auto else {}) for edge in SIMPLE.transfers
        ]
    }
)
"""The simple lifecycle, in which every auto transfer has an option to switch it off."""

OPTIONS = {edge.config_name: True for edge in NAMED_AUTO_TRANSFERS.transfers if edge.config_name is not None}


async def test_every_option_of_the_lifecycle_is_shown_wherever_the_config_is_with_its_value_or_the_default(
    catalog: CatalogClient,
) -> None:
    created = await catalog.create(definition(lifecycle=NAMED_AUTO_TRANSFERS))
    set_ = await catalog.call("lsm_service_catalog_set_config", service_entity="vlan", values={"auto_start": False})

    shown = [
        await catalog.call("lsm_service_catalog_get_config", service_entity="vlan"),
        await catalog.call("lsm_service_catalog_get_entity_version_config", service_entity="vlan", version=0),
        (await catalog.call("lsm_service_catalog_list"))[0]["config"],
        (await catalog.call("lsm_service_catalog_list", instance_summary=True))[0]["config"],
        (await catalog.get())["config"],
        (await catalog.get(instance_summary=True))["config"],
        (await catalog.call("lsm_service_catalog_list_versions"))[0]["versions"][0]["config"],
        (await catalog.call("lsm_service_catalog_get_entity_versions", service_entity="vlan"))["versions"][0]["config"],
        (await catalog.call("lsm_service_catalog_get_entity_version", service_entity="vlan", version=0))["config"],
    ]

    assert created["config"] == OPTIONS
    assert len(OPTIONS) > 1
    assert [set_, *shown] == [{**OPTIONS, "auto_start": False}] * 10


async def test_a_lifecycle_that_changes_brings_its_own_options_and_keeps_the_values_of_those_that_stay(
    catalog: CatalogClient,
) -> None:
    await catalog.create(definition())
    before = await catalog.call("lsm_service_catalog_get_config", service_entity="vlan")
    await catalog.update(definition(lifecycle=NAMED_AUTO_TRANSFERS))
    await catalog.call("lsm_service_catalog_set_config", service_entity="vlan", values={"auto_start": False})

    updated = await catalog.update(definition(lifecycle=NAMED_AUTO_TRANSFERS, description="as before, with more words"))

    assert before == {}
    assert updated["config"] == {**OPTIONS, "auto_start": False}


async def test_options_are_merged_and_unknown_ones_refused(catalog: CatalogClient) -> None:
    await catalog.create(definition(lifecycle=NAMED_AUTO_TRANSFERS))

    await catalog.call("lsm_service_catalog_set_config", service_entity="vlan", values={"auto_start": False})
    merged = await catalog.call(
        "lsm_service_catalog_set_entity_version_config", service_entity="vlan", version=0, values={"auto_acknowledged": True}
    )
    message = await catalog.call(
        "lsm_service_catalog_set_config", code=400, service_entity="vlan", values={"auto_unknown": True}
    )

    assert merged == {**OPTIONS, "auto_start": False, "auto_acknowledged": True}
    assert await catalog.call("lsm_service_catalog_get_config", service_entity="vlan") == merged
    assert "auto_unknown" in message


async def test_an_option_that_is_switched_on_starts_the_transfers_that_wait_for_it(
    client: Client, environment: uuid.UUID, compiler: ScriptedCompiler
) -> None:
    edges = [edge.model_copy(update={"config_name": "go"} if edge.source == "start" else {}) for edge in SIMPLE.transfers]
    catalog = CatalogClient(client, environment)
    await catalog.create(definition(lifecycle=SIMPLE.model_copy(update={"transfers": edges})))
    await catalog.call("lsm_service_catalog_set_config", service_entity="vlan", values={"go": False})
    instance = await catalog.instance("a")
    waiting = await catalog.call("lsm_services_get_by_id", service_id=instance)

    await catalog.call("lsm_service_catalog_set_config", service_entity="vlan", values={"go": True})

    async def is_creating() -> bool:
        return bool((await catalog.call("lsm_services_get_by_id", service_id=instance))["state"] == "creating")

    assert waiting["transfer_context"] == "stable"
    await eventually(is_creating, "the validation that was switched on")


async def test_the_documentation_describes_every_service(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    await catalog.create(definition("other"))
    url = f"/lsm/v1/service_catalog_docs?environment={catalog.environment}"

    _, document = await request(f"{url}&format=openapi")
    code, page = await request(url)

    assert code == 200
    assert "swagger-ui" in page
    paths = document["data"]["paths"]
    create = paths["/lsm/v1/service_inventory/vlan"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert create["properties"]["attributes"] == {"$ref": "#/components/schemas/vlan"}
    schemas = document["data"]["components"]["schemas"]
    assert schemas["vlan"]["properties"]["ports"]["items"] == {"$ref": "#/components/schemas/vlan.Port"}
    assert schemas["vlan.Port"]["required"] == ["number"]
    assert "/lsm/v1/service_inventory/other/{service_id}" in paths
    assert not [path for path in paths if "service_entity" in path]


async def test_the_documentation_of_an_unknown_environment_is_not_found(catalog: CatalogClient) -> None:
    code, _ = await request(f"/lsm/v1/service_catalog_docs?environment={uuid.uuid4()}")

    assert code == 404


async def test_an_export_of_the_definition_is_followed_by_one_of_the_resources(
    client: Client, environment: uuid.UUID, compiler: ScriptedCompiler
) -> None:
    async def compiles() -> list[core.Compile]:
        return await core.Compile.get_list(environment=environment, order_by_column="requested", order="ASC")

    async def are_done() -> bool:
        found = await compiles()
        return len(found) == 2 and all(one.completed for one in found)

    code, _ = await request(
        "/lsm/v1/exporter/export_service_definition", method="POST", environment=environment, body={"force_update": True}
    )

    await eventually(are_done, "both compiles")
    first, second = await compiles()
    assert code == 200
    assert (first.do_export, first.force_update, first.exporter_plugin) == (False, True, "service_entities_exporter")
    assert first.requested_environment_variables == {"lsm_no_instances": "true"}
    assert first.metadata == {"type": "lsm", "message": "Export the service definition"}
    assert (second.do_export, second.force_update, second.partial, second.exporter_plugin) == (True, False, False, None)
    assert second.metadata == {
        "type": "lsm_export",
        "message": "Recompile model to generate resources using the updated service definition and modules",
    }


async def test_a_failing_export_of_the_definition_is_followed_by_nothing(
    client: Client, environment: uuid.UUID, compiler: ScriptedCompiler
) -> None:
    async def fails(compile: core.Compile) -> bool:  # noqa: A002 the name is that of the class
        return False

    async def is_handled() -> bool:
        found = await core.Compile.get_list(environment=environment)
        return all(one.handled for one in found)

    compiler.scripts[environment] = fails

    code, _ = await request("/lsm/v1/exporter/export_service_definition", method="POST", environment=environment)

    await eventually(is_handled, "the end of the compile")
    assert code == 200
    assert len(await core.Compile.get_list(environment=environment)) == 1


async def test_the_slice_and_its_feature_are_shown_in_the_status_of_the_server(catalog: CatalogClient) -> None:
    _, status = await request("/api/v1/serverstatus")

    slices = {part["name"]: part["reported_status"] for part in status["data"]["slices"]}
    assert slices["lsm.service_catalog"] == "OK"
    assert {"slice": "lsm.service_catalog", "name": "supported_lifecycles", "value": ["*"]} in status["data"]["features"]


async def test_a_definition_is_not_exported_while_the_server_does_not_compile(catalog: CatalogClient) -> None:
    await catalog.client.set_setting(tid=catalog.environment, id="server_compile", value=False)

    message = await catalog.call("lsm_export_service_definition", code=409)

    assert "cannot be exported" in message
    assert "server_compile" in message
