"""Fixtures of the tests with faults."""

import datetime
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from inmanta.config import Config
from inmanta_lsm.engine import compile_queue

from ..helpers.database_faults import DatabaseFaults
from ..helpers.service_lab import ServiceLab
from ..helpers.shared_server import SharedServer


@pytest_asyncio.fixture(loop_scope="session")
async def faults(lab: ServiceLab, server: SharedServer) -> AsyncIterator[DatabaseFaults]:
    """Make writes of the environment of the test fail."""
    async with DatabaseFaults(server.dsn, lab.environment) as faults:
        yield faults


@pytest.fixture(autouse=True)
def _quick_reconciler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after a moment what failed: what the tests wait for is that it is tried."""
    Config.set("lsm", "reconcile-interval", "0.2")
    monkeypatch.setattr(compile_queue, "TIME_TO_HANDLE", datetime.timedelta(seconds=1))
