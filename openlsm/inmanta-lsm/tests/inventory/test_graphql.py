"""GraphQL: the queries of the web console, and what the extension adds to them."""

import uuid
from typing import Any

import pytest
import pytest_asyncio
from inmanta.graphql import schema

from ..helpers.http_request import answer
from ..helpers.stored_inventory import StoredInventory, resource_id, transfer_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

CURRENT = hasattr(schema, "GraphQLContribution")
"""Whether the server is the one of inmanta-core 19 or later: the console that goes with it asks for more."""

COUNT = "totalCount" if CURRENT else ""
COMPLIANCE = "compliance" if CURRENT else "complianceState"

# inmanta-core 18 cannot sort by what is in the state of a resource.
ORDERS = [
    *("agent", "resourceType", "resourceIdValue"),
    *(("blocked", "compliance", "lastHandlerRun", "isDeploying") if CURRENT else ()),
]

contributing = pytest.mark.skipif(not CURRENT, reason="this release of inmanta-core takes no contributions to GraphQL")


async def ask(inventory: StoredInventory, query: str) -> Any:
    """Send a query, and give the data of its answer."""
    answered = (await answer(inventory.client.graphql(query=query)))["data"]
    assert not answered["errors"], answered
    return answered["data"]


PAGE = f"""
    {COUNT}
    pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }}
    edges {{
      cursor
      node {{
        resourceId resourceType resourceIdValue agent requiresLength purged
        state {{ blocked {COMPLIANCE} isDeploying lastHandlerRun lastHandlerRunAt }}
      }}
    }}
"""


async def page(inventory: StoredInventory, condition: str = "", arguments: str = "") -> Any:
    """Ask for a page of resources, as the console does: with all arguments in the query."""
    conditions = f'environment: "{inventory.environment}", isOrphan: false, {condition}'
    return (await ask(inventory, f"{{ resources(filter: {{{conditions}}} {arguments}) {{ {PAGE} }} }}"))["resources"]


@pytest_asyncio.fixture(loop_scope="session")
async def deployed(inventory: StoredInventory) -> StoredInventory:
    """An inventory with an instance that has two resources and its lifecycle transfer."""
    await inventory.process(await inventory.export({await inventory.add_instance(): ["a", "b"]}))
    return inventory


async def test_the_console_gets_the_environments_and_what_it_has_to_know_about_one(inventory: StoredInventory) -> None:
    environment = str(inventory.environment)
    await answer(inventory.client.set_setting(tid=inventory.environment, id="enable_lsm_expert_mode", value=True))
    fields = "edges { node { id name halted isExpertMode isCompiling settings } }"

    # A page that holds all of them: the server keeps the environments of the tests that ran before.
    listed = (await ask(inventory, f"{{ environments(first: 10000) {{ {fields} }} }}"))["environments"]["edges"]
    [found] = (await ask(inventory, f'{{ environments(filter: {{id: "{environment}"}}) {{ {fields} }} }}'))["environments"][
        "edges"
    ]

    # A page of them: other tests have left theirs.
    assert listed
    assert all(edge["node"]["name"] for edge in listed)
    assert found["node"]["id"] == environment
    assert (found["node"]["isExpertMode"], found["node"]["halted"], found["node"]["isCompiling"]) == (True, False, False)
    assert found["node"]["settings"]


@pytest.mark.skipif(not CURRENT, reason="the console of this release of inmanta-core gets its summary elsewhere")
async def test_the_console_gets_a_summary_of_the_resources(deployed: StoredInventory) -> None:
    fields = "totalCount blocked compliance isDeploying lastHandlerRun"
    query = f'{{ resourceSummary(environment: "{deployed.environment}") {{ {fields} }} }}'

    summary = (await ask(deployed, query))["resourceSummary"]

    assert (summary["totalCount"], set(summary)) == (3, set(fields.split()))


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("key", ORDERS)
async def test_the_console_gets_resources_in_any_order(deployed: StoredInventory, key: str, order: str) -> None:
    found = await page(deployed, arguments=f'orderBy: [{{key: "{key}", order: "{order}"}}]')

    assert len(found["edges"]) == 3
    if key in ("resourceType", "resourceIdValue"):
        values = [edge["node"][key] for edge in found["edges"]]
        assert values == sorted(values, reverse=order == "desc")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('resourceType: {contains: ["%Transfer%"]}', 1),
        ('resourceIdValue: {eq: ["a"]}', 1),
        ('agent: {contains: ["%no such agent%"]}', 0),
        ('agent: {notContains: ["%no such agent%"]}', 3),
        ("blocked: {eq: [NOT_BLOCKED]}", 3),
        ("lastHandlerRun: {neq: [NEW]}", 0),
        (f"{COMPLIANCE}: {{eq: [NON_COMPLIANT]}}", 0),
        ("isDeploying: true", 0),
        ("purged: false", 3),
    ],
)
async def test_the_console_gets_the_resources_that_it_filters(deployed: StoredInventory, condition: str, expected: int) -> None:
    found = await page(deployed, condition)

    assert (found.get("totalCount", expected), len(found["edges"])) == (expected, expected)


async def test_the_console_goes_through_the_pages_of_resources(deployed: StoredInventory) -> None:
    first = await page(deployed, arguments="first: 2")
    second = await page(deployed, arguments=f'first: 2, after: "{first["pageInfo"]["endCursor"]}"')
    back = await page(deployed, arguments=f'last: 2, before: "{second["pageInfo"]["startCursor"]}"')

    assert (len(first["edges"]), len(second["edges"]), second["pageInfo"]["hasNextPage"]) == (2, 1, False)
    assert [edge["node"] for edge in back["edges"]] == [edge["node"] for edge in first["edges"]]


async def test_the_console_gets_notifications(inventory: StoredInventory) -> None:
    condition = f'filter: {{environment: "{inventory.environment}", cleared: false}}'
    order = 'orderBy: [{key: "created", order: "desc"}], first: 20'
    fields = "pageInfo { endCursor hasNextPage } edges { node { id title message severity read cleared created uri } }"

    found = await ask(inventory, f"{{ notifications({condition}, {order}) {{ {fields} }} }}")

    assert found["notifications"]["edges"] == []


async def resources(inventory: StoredInventory, condition: str = "") -> dict[str, list[dict[str, str]]]:
    """Give the service instances of the resources that a condition selects, by the id of the resource."""
    conditions = f'environment: "{inventory.environment}", {condition}'
    fields = "totalCount edges { node { resourceId serviceInstances { id serviceEntity } } }"
    found = (await ask(inventory, f"{{ resources(filter: {{{conditions}}}) {{ {fields} }} }}"))["resources"]
    nodes = [edge["node"] for edge in found["edges"]]
    assert found["totalCount"] == len(nodes)
    return {node["resourceId"]: node["serviceInstances"] for node in nodes}


@contributing
async def test_a_resource_knows_its_service_instance(inventory: StoredInventory) -> None:
    first, second = await inventory.add_instance(), await inventory.add_instance()
    await inventory.process(await inventory.export({first: ["a", "b"], second: ["c"]}))

    found = await resources(inventory)

    def belongs_to(instance: uuid.UUID) -> list[dict[str, str]]:
        return [{"id": str(instance), "serviceEntity": "service"}]

    assert found == {
        resource_id("a"): belongs_to(first),
        resource_id("b"): belongs_to(first),
        resource_id("c"): belongs_to(second),
        transfer_id(first): belongs_to(first),
        transfer_id(second): belongs_to(second),
    }


@contributing
async def test_the_resources_of_a_service_instance_are_those_of_the_version_asked_for(
    inventory: StoredInventory,
) -> None:
    first, second = await inventory.add_instance(), await inventory.add_instance()
    older = await inventory.export({first: ["a", "b"], second: ["c"]}, step=1)
    await inventory.process(await inventory.export({first: ["a"], second: ["b", "c"]}, step=2))
    transfer = transfer_id(first)

    now = await resources(inventory, f'serviceInstance: "{first}", isOrphan: false')
    before = await resources(inventory, f'serviceInstance: "{first}", modelVersion: {older}')

    assert now.keys() == {transfer, resource_id("a")}
    assert before.keys() == {transfer, resource_id("a"), resource_id("b")}
    assert not await resources(inventory, f'serviceInstance: "{uuid.uuid4()}"')
