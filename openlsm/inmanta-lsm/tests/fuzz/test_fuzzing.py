"""Requests that nobody would send on purpose."""

import asyncio
import logging
import uuid
from typing import Any

import pytest
from hypothesis import settings
from inmanta.protocol import Client
from inmanta_lsm.model import (
    AttributeOperation,
    EmbeddedServiceEntity,
    InterServiceRelation,
    Lifecycle,
    ServiceAttribute,
    State,
    StateTransfer,
)

from ..helpers.http_request import answer, request
from ..helpers.spoiled_json import deep
from ..helpers.stored_inventory import StoredInventory, service

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]

SECONDS, ROUNDS, EXAMPLES = 25, 2, 12
"""At most; a run that tries few examples tries fewer of these, too."""

# Nothing in this lifecycle happens by itself: what is stored changes in requests only.
LIFECYCLE = Lifecycle(
    name="fuzzed",
    initial_state="start",
    alternative_initial_states=["up"],
    states=[
        State(name="start", export_resources=False),
        State(name="up", label="success", export_resources=True),
        State(name="updated", label="warning", export_resources=True),
        State(name="gone", export_resources=False, deleted=True),
    ],
    transfers=[
        StateTransfer(source="start", target="up", api_set_state=True, target_operation=AttributeOperation.PROMOTE),
        StateTransfer(source="up", target="start", api_set_state=True),
        StateTransfer(source="up", target="updated", on_update=True),
        StateTransfer(source="updated", target="updated", on_update=True),
        StateTransfer(source="updated", target="up", api_set_state=True, target_operation=AttributeOperation.ROLLBACK),
        StateTransfer(source="up", target="gone", on_delete=True),
    ],
)
DEFINITION: dict[str, Any] = {
    "lifecycle": LIFECYCLE,
    "attributes": [
        ServiceAttribute(name="name", modifier="rw", type="string"),
        ServiceAttribute(name="size", modifier="rw+", type="int", default_value=1, default_value_set=True),
        ServiceAttribute(name="ratio", modifier="rw+", type="float?"),
        ServiceAttribute(name="tags", modifier="rw+", type="string[]", default_value=[], default_value_set=True),
        ServiceAttribute(name="options", modifier="rw+", type="dict?"),
        ServiceAttribute(name="address", modifier="rw+", type="string?", validation_type="ipaddress.IPv4Address?"),
        ServiceAttribute(name="vlan_id", modifier="r", type="int?"),
    ],
    "embedded_entities": [
        EmbeddedServiceEntity(
            name="ports",
            type="fuzzed::Port",
            modifier="rw+",
            key_attributes=["name"],
            attributes=[
                ServiceAttribute(name="name", modifier="rw", type="string"),
                ServiceAttribute(name="speed", modifier="rw+", type="int?"),
            ],
        )
    ],
    "inter_service_relations": [
        InterServiceRelation(name="parent", entity_type="fuzzed", modifier="rw+", lower_limit=0, upper_limit=1)
    ],
    "strict_modifier_enforcement": True,
}
ATTRIBUTES: dict[str, Any] = {
    "name": "a",
    "size": 1,
    "ratio": 0.5,
    "tags": ["a"],
    "options": {"a": {"b": 1}},
    "address": "127.0.0.1",
    "ports": [{"name": "a", "speed": None}],
    "parent": None,
}


def examples(environment: uuid.UUID, instances: list[str]) -> dict[str, list[Any]]:
    """Values of arguments that fit what is stored."""
    new = str(uuid.uuid4())
    edits = [
        [{"edit_id": "1", "operation": operation, "target": target, "value": value}]
        for operation, target, value in [
            ("replace", ".", ATTRIBUTES),
            ("replace", "size", 2),
            ("replace", "ports[name=a].speed", 3),
            ("merge", "options", {"c": 1}),
            ("merge", "ports", [{"name": "b", "speed": 1}]),
            ("remove", "ports[name=a]", None),
        ]
    ]
    definition = service("fuzzed", **DEFINITION).model_dump(mode="json", by_alias=True)
    versions = [definition | {"name": "versioned", "version": version} for version in range(3)]
    items = [
        {"instance_id": new, "service_entity": "fuzzed", "action": "create", "attributes": ATTRIBUTES | {"name": "ordered"}},
        {"instance_id": instances[0], "service_entity": "fuzzed", "action": "update", "edits": edits[1]},
        {"instance_id": instances[1], "service_entity": "fuzzed", "action": "delete"},
    ]
    return {
        "environment": [environment],
        "service_entity": ["fuzzed", "fuzzed", "versioned"],
        "service_id": [*instances, "name=a"],
        "service_instance_id": [None, new],
        "version": [0, 1],
        "current_version": [2, 1, 3],
        "target_state": [state.name for state in LIFECYCLE.states],
        "state": [state.name for state in LIFECYCLE.states],
        "initial_state": [None, "start", "up"],
        "target_entity_version": [0, 1],
        "attribute_set_name": ["candidate_attributes", "active_attributes"],
        "attributes": [ATTRIBUTES, {"size": 3}, ATTRIBUTES | {"name": "d"}, ATTRIBUTES | {"options": {"deep": deep(100)}}],
        "candidate_attributes": [ATTRIBUTES, None],
        "edit": edits,
        "operation": [None, "promote", "clear candidate"],
        "values": [{}, {"auto": True}],
        "value": ["text"],
        "service_entity_definition": [definition, definition | {"name": "new"}],
        "service_entity_definitions": [versions, versions[:2]],
        "default_version": [0, 1],
        "callback_url": ["http://127.0.0.1:1/"],
        "service_order_items": [items, items[:1], items[2:]],
        "filter": [{"state": ["up"]}],
        "sort": ["created_at.desc", "timestamp.asc", "version.desc"],
        "limit": [1, 1000],
        "start": ["2026-01-01", 1],
    }


async def create(client: Client, environment: uuid.UUID, service_entity: str, name: str) -> str:
    """Create an instance; give its id."""
    attributes = ATTRIBUTES | {"name": name}
    created = await answer(client.lsm_services_create(tid=environment, service_entity=service_entity, attributes=attributes))
    instance: str = created["data"]["id"]
    return instance


async def up(client: Client, environment: uuid.UUID, service_entity: str, name: str) -> str:
    """Create an instance and bring it up; give its id."""
    instance = await create(client, environment, service_entity, name)
    await answer(
        client.lsm_services_set_state(
            tid=environment,
            service_entity=service_entity,
            service_id=instance,
            current_version=1,
            target_state="up",
            message="for the test",
        )
    )
    return instance


async def test_no_request_makes_the_server_fail_or_breaks_an_invariant_and_none_that_is_refused_changes_anything(
    client: Client, environment: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    stored = StoredInventory(environment, client)
    await stored.add_service(service("fuzzed", **DEFINITION))
    for version in range(2):
        await stored.add_service(service("versioned", version=version, **DEFINITION), default=version == 0)
    instances = [
        await up(client, environment, "fuzzed", "a"),
        await up(client, environment, "fuzzed", "b"),
        await create(client, environment, "fuzzed", "c"),
        await up(client, environment, "versioned", "a"),
    ]
    deleted = await up(client, environment, "fuzzed", "gone")
    await answer(client.lsm_services_delete(tid=environment, service_entity="fuzzed", service_id=deleted, current_version=2))
    await answer(client.set_setting(tid=environment, id="enable_lsm_expert_mode", value=True))
    # schemathesis takes seconds to import, which every process of a test run would do that collects this module.
    from ..helpers.api_fuzzer import ApiFuzzer

    _, description = await request("/api/v2/docs?format=openapi", environment=environment)
    fuzzer = ApiFuzzer(environment, description["data"], examples(environment, [*instances, deleted]))
    caplog.set_level(logging.ERROR)

    await asyncio.to_thread(fuzzer.run, SECONDS, ROUNDS, min(EXAMPLES, settings().max_examples))

    # Events are given up rightly: nobody listens where the callbacks that were made up lead.
    own = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("inmanta_lsm", "asyncio")) and record.msg != "Event %s is given up for %s"
    ]
    assert own == [], "what goes on after an answer does not fail either"
    # Otherwise the requests were refused for what they look like, and nothing was tested.
    answered = [label for label, codes in fuzzer.codes.items() if 200 in codes]
    assert len(answered) > len(fuzzer.codes) / 2, fuzzer.codes
