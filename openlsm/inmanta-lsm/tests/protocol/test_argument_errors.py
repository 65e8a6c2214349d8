"""A call whose arguments have the wrong type is refused in one sentence."""

import uuid
from typing import Any

import pytest

from ..helpers.http_request import request

pytestmark = pytest.mark.asyncio(loop_scope="session")

ID = str(uuid.UUID(int=1))
INSTANCE = f"/lsm/v1/service_inventory/vlan/{ID}"
PATCH: dict[str, Any] = {"patch_id": "p", "current_version": 1}
CREATE: dict[str, Any] = {"service_entity": "vlan", "instance_id": ID, "attributes": {}}


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        (
            "POST",
            "/lsm/v1/service_inventory/vlan",
            {"attributes": [1]},
            'argument "attributes": Input should be a valid dictionary',
        ),
        ("POST", "/lsm/v1/service_inventory/vlan", {"attributes": {}, "service_instance_id": "x"}, '"service_instance_id": '),
        ("PATCH", INSTANCE, {"attributes": {}, "current_version": "one"}, '"current_version": Input should be a valid integer'),
        (
            "PATCH",
            INSTANCE.replace("v1", "v2"),
            {"edit": 1, **PATCH},
            'argument "edit": Input should be a valid list',
        ),
        (
            "PATCH",
            INSTANCE.replace("v1", "v2"),
            {"edit": [{"edit_id": 1}], **PATCH},
            '"edit[0].edit_id": Input should be',
        ),
        ("POST", "/lsm/v1/service_catalog", {"service_entity_definition": {"name": 1}}, '"service_entity_definition'),
        (
            "POST",
            "/lsm/v1/callbacks",
            {"callback_url": 1, "service_entity": "a"},
            '"callback_url": Input should be a valid string',
        ),
        ("POST", "/lsm/v2/order", {"service_order_items": [{**CREATE, "attributes": 1}]}, "create.attributes"),
        ("POST", "/lsm/v2/order", {"service_order_items": [{**CREATE, "action": "update"}]}, "update.edits"),
        ("POST", "/lsm/v2/order", {"service_order_items": [{**CREATE, "action": "move"}]}, "is create, update or delete"),
        ("POST", "/lsm/v2/order", {"service_order_items": ["x"]}, '"service_order_items[0]'),
        ("GET", f"/lsm/v1/service_inventory?service_id={'x' * 500}", None, '"service_id": '),
    ],
)
async def test_one_sentence_says_what_is_wrong_and_where(
    environment: uuid.UUID, method: str, path: str, body: object, sentence: str
) -> None:
    code, answer = await request(path, method=method, environment=environment, body=body)

    message = answer["message"]
    assert code == 400
    assert message.startswith("Invalid request: Failed to validate argument ")
    assert sentence in message
    assert "\n" not in message
    assert "pydantic" not in message
    assert len(message) < 300


async def test_an_item_of_an_order_needs_no_action_where_it_tells_it(environment: uuid.UUID) -> None:
    code, answer = await request(
        "/lsm/v2/order", method="POST", environment=environment, body={"service_order_items": [CREATE], "description": ""}
    )

    # The service does not exist, which is looked at after what the item is.
    assert code in (200, 404), answer
