"""How the database finds a page of a large inventory."""

import json
from typing import Any

import pytest
import pytest_asyncio
from inmanta_lsm.data import documents
from inmanta_lsm.inventory.instance_order import ServiceIdentity
from inmanta_lsm.inventory.instance_view import InstanceView
from inmanta_lsm.protocol.paging import Page

from ..helpers.stored_inventory import StoredInventory

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def large(inventory: StoredInventory) -> StoredInventory:
    """An inventory of which the database knows that it is large."""
    await inventory.add_instances(3000)
    async with documents.ServiceInstance.get_connection() as connection:
        await connection.execute(f"ANALYZE {documents.ServiceInstance.table_name()}")
    return inventory


async def nodes(query: str, values: list[object]) -> set[str]:
    """The kinds of steps in the plan of a query."""
    async with documents.ServiceInstance.get_connection() as connection:
        plan = await connection.fetchval(f"EXPLAIN (FORMAT json) {query}", *values)

    def kinds(step: dict[str, Any]) -> set[str]:
        return {step["Node Type"]}.union(*(kinds(below) for below in step.get("Plans", [])))

    return kinds((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


async def test_a_page_is_read_from_an_index_in_every_order_that_is_common(large: StoredInventory) -> None:
    plans = {}
    for include_deleted, column in [
        *((False, column) for column in ("created_at", "last_updated", "state", "version", "service_identity_attribute_value")),
        (False, "name"),
        (True, "created_at"),
    ]:
        for order in ("asc", "desc"):
            view = InstanceView(
                large.environment,
                "service",
                ServiceIdentity("name", is_number=False),
                Page(f"{column}.{order}", limit=20),
                include_deleted=include_deleted,
                include_deployment_progress=False,
            )
            query, values = view.clip_to_page(view.get_base_query()).build()
            plans[column, order, include_deleted] = await nodes(query, values)

    assert {key: plan for key, plan in plans.items() if plan != {"Limit", "Index Scan"}} == {}
