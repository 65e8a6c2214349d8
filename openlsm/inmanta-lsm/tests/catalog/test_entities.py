"""Creating, reading, updating and deleting service entities over the API."""

import asyncio
import uuid
from typing import Any

import pytest
from inmanta_lsm.model import InterServiceRelation, Lifecycle, PatchCallEdit, ServiceAttribute, ServiceEntity

from ..helpers.catalog_client import NAME, SIZE, VLAN, CatalogClient, definition
from ..helpers.http_request import request
from ..helpers.simple_lifecycle import SIMPLE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_definition_comes_back_as_it_was_sent(catalog: CatalogClient) -> None:
    names = {name: name for name in ("zz", "a", "mm", "b")}
    kind = ServiceAttribute(
        name="kind",
        modifier="rw",
        type="string",
        validation_type="enum",
        validation_parameters={"names": names, "value": "kind_t"},
    )
    entity = definition(attributes=[NAME, kind], entity_annotations={"web_tabs": [1]}, description="A VLAN")

    created = await catalog.create(entity)

    assert created == await catalog.get()
    assert ServiceEntity(**created) == entity.model_copy(update={"environment": catalog.environment})
    assert list(created["attributes"][1]["validation_parameters"]["names"]) == list(names)
    assert created["instance_summary"] is None
    assert created["config"] == {}


async def test_a_name_is_taken_once(catalog: CatalogClient) -> None:
    await catalog.create(definition())

    message = await catalog.create(definition(), code=409)

    assert message.startswith("Request conflicts with the current state of the resource: There is a service entity vlan")


async def test_a_broken_rule_is_refused_with_its_sentence_and_stores_nothing(catalog: CatalogClient) -> None:
    message = await catalog.create(definition(service_identity="size"), code=400)

    assert message == "Invalid request: Service vlan: the service identity size must have modifier rw, not rw+."
    assert await catalog.call("lsm_service_catalog_list") == []


async def test_the_summary_counts_the_instances_only_when_it_is_asked_for(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    await catalog.instance("a")

    listed = (await catalog.call("lsm_service_catalog_list", instance_summary=True))[0]["instance_summary"]
    single = (await catalog.get(instance_summary=True))["instance_summary"]

    assert listed == single
    assert (listed["total"], listed["by_state"]["start"], listed["by_state"]["up"]) == (1, 1, 0)
    assert "terminated" not in listed["by_state"]
    assert listed["by_label"] == {"danger": 0, "warning": 0, "success": 0, "info": 0, "no_label": 1}
    assert (await catalog.get())["instance_summary"] is None


async def test_an_owner_knows_what_it_owns(catalog: CatalogClient) -> None:
    parent = InterServiceRelation(name="parent", entity_type="vlan", modifier="rw", lower_limit=1, upper_limit=1)
    child = definition("child", inter_service_relations=[parent], owner="vlan", relation_to_owner="parent")

    await catalog.create(definition())
    await catalog.create(child)

    assert (await catalog.get("vlan"))["owned_entities"] == ["child"]
    assert (await catalog.get("child"))["owned_entities"] == []


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("lsm_service_catalog_get_entity", {}),
        ("lsm_service_catalog_get_entity", {"version": 7}),
        ("lsm_service_catalog_get_schema", {}),
        ("lsm_service_catalog_get_config", {}),
        ("lsm_service_catalog_set_config", {"values": {}}),
        ("lsm_service_catalog_delete_entity", {}),
        ("lsm_service_catalog_get_entity_versions", {}),
        ("lsm_service_catalog_get_entity_version", {"version": 0}),
        ("lsm_service_catalog_get_entity_version", {"version": 2**40}),
        ("lsm_service_catalog_delete_entity_version", {"version": 0}),
        ("lsm_service_catalog_get_entity_version_schema", {"version": 0}),
        ("lsm_service_catalog_get_entity_version_config", {"version": 0}),
        ("lsm_service_catalog_set_entity_version_config", {"version": 0, "values": {}}),
    ],
)
async def test_an_unknown_service_entity_is_not_found(catalog: CatalogClient, method: str, arguments: dict[str, Any]) -> None:
    message = await catalog.call(method, code=404, service_entity="unknown", **arguments)

    assert "unknown" in message


async def test_a_name_that_cannot_be_stored_is_refused(catalog: CatalogClient) -> None:
    code, answer = await request("/lsm/v1/service_catalog/a%00b", environment=catalog.environment)

    assert code == 400, answer


async def test_a_strict_update_that_would_change_instances_is_refused_and_changes_nothing(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    instance = await catalog.instance("a")
    before = await catalog.get()

    message = await catalog.update(definition(attributes=[NAME]), code=400, allow_instance_updates=False)

    assert str(instance) in message
    assert await catalog.get() == before
    assert (await catalog.attributes(instance))["size"] == 1


async def test_a_strict_update_that_leaves_instances_alone_is_accepted(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    await catalog.instance("a")

    updated = await catalog.update(definition(description="new"), allow_instance_updates=False)

    assert updated["description"] == "new"


async def test_the_definition_that_is_in_force_is_accepted_whatever_an_expert_did(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    instance = await catalog.instance("a")
    await catalog.client.set_setting(tid=catalog.environment, id="enable_lsm_expert_mode", value=True)
    await catalog.call(
        "lsm_services_expert_update",
        service_entity="vlan",
        service_id=instance,
        attribute_set_name="candidate_attributes",
        edit=[PatchCallEdit(edit_id="1", operation="replace", target="size", value="no number")],
        patch_id="1",
    )

    await catalog.update(definition(), allow_instance_updates=False)

    message = await catalog.update(definition(description="new"), code=400)
    assert "Attribute size must be an integer" in message


async def test_an_update_that_instances_do_not_fit_is_refused(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    instance = await catalog.instance("a")
    required = ServiceAttribute(name="required", modifier="rw", type="string")

    message = await catalog.update(definition(attributes=[NAME, SIZE, VLAN, required]), code=400)

    assert f"the candidate attributes of instance {instance} do not fit" in message
    assert "Attribute required is required." in message


async def test_a_lifecycle_has_to_keep_the_states_of_instances(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    await catalog.instance("a")
    without_start = Lifecycle(name="other", initial_state="up", states=[SIMPLE.get_state("up")], transfers=[])

    message = await catalog.update(definition(lifecycle=without_start), code=400)

    assert "the lifecycle has no state start" in message


async def test_an_identity_is_added_when_it_tells_the_instances_apart(catalog: CatalogClient) -> None:
    await catalog.create(definition(service_identity=None))
    instance = await catalog.instance("a")

    await catalog.update(definition())

    found = await catalog.call("lsm_services_get", service_entity="vlan", service_id="name=a")
    assert found["id"] == str(instance)


async def test_an_identity_that_several_instances_share_is_a_conflict(catalog: CatalogClient) -> None:
    await catalog.create(definition(service_identity=None))
    await catalog.instance("a")
    await catalog.instance("a")

    message = await catalog.update(definition(), code=409)

    assert "several service instances have name a" in message


@pytest.mark.parametrize("identity", [None, "other"])
async def test_an_identity_can_neither_be_removed_nor_changed(catalog: CatalogClient, identity: str | None) -> None:
    other = ServiceAttribute(name="other", modifier="rw", type="string", default_value="x", default_value_set=True)
    attributes = [NAME, SIZE, VLAN, other]
    await catalog.create(definition(attributes=attributes))

    message = await catalog.update(definition(attributes=attributes, service_identity=identity), code=400)

    assert "the service identity name cannot be" in message


async def test_a_service_entity_with_instances_is_not_deleted(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    await catalog.instance("a")

    message = await catalog.call("lsm_service_catalog_delete_entity", code=400, service_entity="vlan")

    assert message == (
        f"Invalid request: Cannot delete service entity vlan of environment {catalog.environment} because it still has service"
        " instances."
    )


async def test_deleted_instances_go_with_their_service_entity(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    instance = await catalog.instance("a")
    await catalog.client.set_setting(tid=catalog.environment, id="enable_lsm_expert_mode", value=True)
    await catalog.call("lsm_services_expert_delete", service_entity="vlan", service_id=instance, message="gone")

    await catalog.call("lsm_service_catalog_delete_entity", service_entity="vlan")

    await catalog.get(code=404)
    await catalog.call("lsm_services_get_by_id", code=404, service_id=instance)


async def test_instances_that_are_created_during_an_update_fit_the_new_definition(catalog: CatalogClient) -> None:
    await catalog.create(definition())
    extra = [
        ServiceAttribute(name=f"extra{number}", modifier="rw+", type="int", default_value=number, default_value_set=True)
        for number in range(4)
    ]
    creations = [catalog.instance(f"instance {number}") for number in range(20)]
    updates = [catalog.update(definition(attributes=[NAME, attribute])) for attribute in extra]

    instances = await asyncio.gather(*creations[:10], *updates, *creations[10:])

    names = {attribute["name"] for attribute in (await catalog.get())["attributes"]} | {"ports"}
    for instance in instances:
        if isinstance(instance, uuid.UUID):
            assert (await catalog.attributes(instance)).keys() == names


async def test_an_instance_is_not_created_in_a_service_that_is_removed_meanwhile(catalog: CatalogClient) -> None:
    await catalog.create(definition())

    answers = await asyncio.gather(
        *(
            catalog.client.lsm_services_create(
                tid=catalog.environment, service_entity="vlan", attributes={"name": f"instance {number}"}
            )
            for number in range(5)
        ),
        catalog.client.lsm_service_catalog_delete_entity(tid=catalog.environment, service_entity="vlan"),
    )

    *created, deleted = [answer.code for answer in answers]
    assert set(created) <= {200, 404}
    assert deleted == (400 if 200 in created else 200)
