"""Fixtures of the tests of the service catalog."""

import uuid

import pytest_asyncio
from inmanta.protocol import Client

from ..helpers.catalog_client import CatalogClient


@pytest_asyncio.fixture(loop_scope="session")
async def catalog(client: Client, environment: uuid.UUID) -> CatalogClient:
    """The catalog of an environment that compiles nothing."""
    await client.halt_environment(tid=environment)
    return CatalogClient(client, environment)
