"""A database that a server with the first version of the schema left behind is brought to the newest one, with all it holds."""

import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from inmanta.data.schema import DBSchema
from inmanta.db import versions as core_versions
from inmanta.protocol import Client
from inmanta.protocol.common import Result
from inmanta_embedded.postgres import Cluster
from inmanta_lsm.db import versions

from ..helpers.counted_instances import kept, walked
from ..helpers.http_request import answer
from ..helpers.service_lab import eventually
from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENVIRONMENT = uuid.UUID("10000000-0000-4000-8000-000000000002")
INSTANCE = uuid.UUID("10000000-0000-4000-8000-00000000000a")
DELETED = uuid.UUID("10000000-0000-4000-8000-00000000000b")
REFERRING = uuid.UUID("10000000-0000-4000-8000-0000000000ac")
DONE = uuid.UUID("10000000-0000-4000-8000-0000000000d1")
OPEN = uuid.UUID("10000000-0000-4000-8000-0000000000d2")


def versions_until(last: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """
    Give a package that has only the first versions of the schema.

    :param last: the last of them
    :param folder: where it can be
    """
    for version in Path(versions.__path__[0]).glob("v*.py"):
        if version.stem <= last:
            shutil.copy(version, folder)
    package = ModuleType("first_versions_of_the_schema")
    package.__path__ = [str(folder)]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    return package


async def data(call: Awaitable[Result[Any]]) -> Any:
    """Await a call that succeeds, and give what it answers."""
    return (await answer(call)).get("data")


@pytest_asyncio.fixture(loop_scope="session")
async def left_behind(
    cluster: Cluster, server: SharedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    """A client of a server that was started on the database, in the place of the shared one."""
    database = cluster.create_database("left_behind")
    connection = await asyncpg.connect(database.dsn)
    for folder in ("versions", "server"):
        (tmp_path / folder).mkdir()
    for name, package in (("core", core_versions), ("lsm", versions_until("v202611220", tmp_path / "versions", monkeypatch))):
        await DBSchema(name, package, connection).ensure_db_schema()
    await connection.execute(Path(__file__).with_name("first_schema.sql").read_text())
    await connection.close()
    newest = SharedServer(database, tmp_path / "server")
    await server.stop()
    try:
        await newest.start()
        yield Client("client")
        await newest.stop()
    finally:
        await server.start()


async def test_a_database_of_the_first_schema_is_upgraded_with_all_it_holds(left_behind: Client) -> None:
    client, place = left_behind, {"tid": ENVIRONMENT, "service_entity": "vlan"}

    more = {"include_metadata": True, "include_referenced_by": True}
    instance = await data(client.lsm_services_get_by_id(tid=ENVIRONMENT, service_id=INSTANCE, **more))
    assert (instance["state"], instance["version"], instance["config"]) == ("up", 2, {"auto_up": True})
    assert (instance["active_attributes"], instance["rollback_attributes"]) == (
        {"name": "a", "size": 2},
        {"name": "a", "size": 1},
    )
    assert instance["metadata"] == {"ticket": "T-1"}
    assert instance["referenced_by"] == [str(REFERRING)]
    page = await answer(client.lsm_services_list(**place, limit=1, include_deleted=True))
    assert page["metadata"] == {"total": 3, "before": 0, "after": 2, "page_size": 1}
    log = await data(client.lsm_service_log_list(**place, service_id=INSTANCE))
    assert [(entry["version"], [event["message"] for event in entry["events"]]) for entry in log] == [(2, ["moved"]), (1, [])]
    [callback] = await data(client.lsm_callback_list(tid=ENVIRONMENT))
    assert (callback["event_types"], callback["minimal_log_level"]) == (["ON_UPDATE_TRANSITION"], "WARNING")
    done = await data(client.lsm_order_get(tid=ENVIRONMENT, order_id=DONE))
    assert (done["status"]["state"], done["service_order_items"][0]["edits"][0]["value"]) == ("success", 2)

    # It also goes on: the open order is executed, and an instance moves as before.
    async def is_done() -> bool:
        order: Any = await data(client.lsm_order_get(tid=ENVIRONMENT, order_id=OPEN))
        return bool(order["status"]["state"] == "success")

    await eventually(is_done, "the order that was open is executed")
    assert (await data(client.lsm_services_get_by_id(tid=ENVIRONMENT, service_id=DELETED)))["deleted"]
    await answer(client.lsm_services_update(**place, service_id=INSTANCE, current_version=2, attributes={"size": 3}))

    async def is_updated() -> bool:
        found: Any = await data(client.lsm_services_get_by_id(tid=ENVIRONMENT, service_id=INSTANCE))
        return bool(found["state"] == "up" and found["active_attributes"]["size"] == 3)

    await eventually(is_updated, "the update is active")


async def test_instances_that_were_counted_without_their_states_are_counted_with_them(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(cluster.create_database("counted_without_states").dsn)
    try:
        for name, package in (("core", core_versions), ("lsm", versions_until("v202611260", tmp_path, monkeypatch))):
            await DBSchema(name, package, connection).ensure_db_schema()
        await connection.execute(Path(__file__).with_name("first_schema.sql").read_text())
        change = "UPDATE public.lsm_serviceinstance SET {} WHERE id = $1"
        await connection.execute(change.format("state = 'failed'"), INSTANCE)
        await connection.execute(change.format("state = 'terminated', deleted = TRUE"), DELETED)

        await DBSchema("lsm", versions, connection).ensure_db_schema()

        upgraded = await walked(connection, ENVIRONMENT)
        assert sorted((deleted, state) for _, deleted, state, _ in upgraded) == [
            (False, "failed"),
            (False, "up"),
            (True, "terminated"),
        ]
        assert await kept(connection, ENVIRONMENT) == upgraded
        await connection.execute(change.format("state = 'up'"), INSTANCE)
        await connection.execute("DELETE FROM public.lsm_serviceinstance WHERE id = $1", REFERRING)
        assert await kept(connection, ENVIRONMENT) == await walked(connection, ENVIRONMENT)
    finally:
        await connection.close()
