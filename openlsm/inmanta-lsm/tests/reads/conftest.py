"""
Fixtures of the tests of what is read from the inventory.
"""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from inmanta.config import Config
from inmanta.protocol import Client
from stored_inventory import StoredInventory, service
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

type Get = Callable[[str], Awaitable[tuple[int, Any]]]


@pytest_asyncio.fixture(loop_scope="session")
async def inventory(client: Client, environment: uuid.UUID) -> StoredInventory:
    """The stored inventory of the environment of the test, with a service named ``service``."""
    stored = StoredInventory(environment, client)
    await stored.add_service(service("service"))
    return stored


@pytest.fixture
def get(client: Client, environment: uuid.UUID) -> Get:
    """Give a function that sends a GET request for a literal path and query, and returns the code and the body."""

    async def request(path: str) -> tuple[int, Any]:
        port = Config.get("client_rest_transport", "port")
        response = await AsyncHTTPClient().fetch(
            HTTPRequest(f"http://127.0.0.1:{port}{path}", headers={"X-Inmanta-tid": str(environment)}), raise_error=False
        )
        return response.code, json.loads(response.body)

    return request
