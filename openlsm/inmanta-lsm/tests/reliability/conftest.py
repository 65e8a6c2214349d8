"""Fixtures of the tests with faults."""

import datetime
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from inmanta.config import Config
from inmanta_embedded.postgres import Database
from inmanta_lsm.engine import compile_queue

from ..helpers.database_faults import DatabaseFaults
from ..helpers.database_proxy import DatabaseProxy
from ..helpers.service_lab import ServiceLab
from ..helpers.shared_server import SharedServer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxy(shared_database: Database, server: SharedServer) -> AsyncIterator[DatabaseProxy]:
    """What stands between the shared server and its database, in the tests of a module that asks for it."""
    async with DatabaseProxy(shared_database.host, shared_database.port) as proxy, server.through(proxy.port):
        yield proxy


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
