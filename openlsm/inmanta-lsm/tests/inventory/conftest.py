"""
Fixtures of the tests of what is read from the inventory.
"""

import uuid
from typing import Any

import pytest
import pytest_asyncio
from inmanta.protocol import Client

from ..helpers.http_request import Get, request
from ..helpers.stored_inventory import StoredInventory, service


@pytest_asyncio.fixture(loop_scope="session")
async def inventory(client: Client, environment: uuid.UUID) -> StoredInventory:
    """The stored inventory of the environment of the test, with a service named ``service``."""
    stored = StoredInventory(environment, client)
    await stored.add_service(service("service"))
    return stored


@pytest.fixture
def get(client: Client, environment: uuid.UUID) -> Get:
    """Give a function that sends a GET request for the environment of the test."""

    async def send(path: str) -> tuple[int, Any]:
        return await request(path, environment=environment)

    return send
