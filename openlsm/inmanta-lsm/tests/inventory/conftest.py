"""Fixtures of the tests of the inventory."""

import pytest_asyncio

from ..helpers.service_lab import ServiceLab
from ..helpers.simple_lifecycle import service
from ..helpers.still_lifecycle import STILL


@pytest_asyncio.fixture(loop_scope="session")
async def still(lab: ServiceLab) -> ServiceLab:
    """A service whose instances only move when they are told to."""
    await lab.export(service("still", STILL, config={"auto_import": False}))
    return lab


@pytest_asyncio.fixture(loop_scope="session")
async def expert(still: ServiceLab) -> ServiceLab:
    """The same service, with expert calls allowed."""
    await still.client.set_setting(tid=still.environment, id="enable_lsm_expert_mode", value=True)
    return still
