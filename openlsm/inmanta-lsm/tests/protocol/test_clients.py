"""What the web console and the load generator of pytest-inmanta-lsm ask for, as they ask for it."""

import asyncio
import threading
import uuid
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from inmanta.protocol import Client, SyncClient
from inmanta_lsm.data import documents
from pytest_inmanta_lsm.load_generator import LoadException, LoadGenerator
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

from ..helpers.http_request import answer, request
from ..helpers.shared_server import SharedServer
from ..helpers.stored_inventory import StoredInventory, service

pytestmark = pytest.mark.asyncio(loop_scope="session")

CATALOG = "/lsm/v1/service_catalog"
INVENTORY = "/lsm/v1/service_inventory"

CONSOLE_READS = [
    # Service Catalog
    f"{CATALOG}?instance_summary=True",
    "/lsm/v1/service_catalog_docs?environment={environment}",
    # Service Details
    f"{CATALOG}/service?instance_summary=True",
    f"{CATALOG}/service/config",
    "/lsm/v1/callbacks",
    # Inventory
    f"{INVENTORY}/service?include_deployment_progress=True&limit=20&&sort=created_at.desc",
    *(
        f"{INVENTORY}/service?include_deployment_progress=True&limit={limit}&&sort={key}.{order}"
        for key in ("name", "state", "created_at", "last_updated")
        for order, limit in (("asc", 5), ("desc", 100))
    ),
    *(
        f"{INVENTORY}/service?include_deployment_progress=True&limit=20&{filters}&sort=created_at.desc"
        for filters in (
            "filter.state=up&filter.state=creating",
            "filter.id={instance}",
            "filter.name=instance+1",
            "filter.id_or_service_identity=inst",
            "filter.attribute_set_empty=candidate_attributes&filter.attribute_set_not_empty=active_attributes",
            "include_deleted=true",
            "filter.deleted=true",
        )
    ),
    # Create and Edit
    f"{INVENTORY}/service?include_deployment_progress=True&limit=250&filter.id_or_service_identity=",
    f"{INVENTORY}/service?include_deployment_progress=False&limit=250&filter.id_or_service_identity=",
    f"{CATALOG}/service/schema",
    # Instance Details
    f"{INVENTORY}/service/{{instance}}?include_deployment_progress=true",
    f"{INVENTORY}/service/{{instance}}/log?limit=50",
    f"{INVENTORY}/service/{{instance}}/log?limit=50&end=4",
    f"{INVENTORY}/service/{{instance}}/config",
    f"{INVENTORY}/service/{{instance}}/resources?current_version=3",
    # Events
    f"{INVENTORY}/service/{{instance}}/events?limit=20&sort=timestamp.desc",
    f"{INVENTORY}/service/{{instance}}/events?limit=20&sort=timestamp.asc",
    f"{INVENTORY}/service/{{instance}}/events?limit=20&sort=timestamp.desc&filter.source=up&filter.destination=update_start",
    f"{INVENTORY}/service/{{instance}}/events?limit=20&sort=timestamp.desc&filter.version=1&filter.event_type=AUTO_TRANSITION",
    (
        f"{INVENTORY}/service/{{instance}}/events?limit=20&sort=timestamp.desc"
        "&filter.timestamp=ge%3A2026-01-10%2B09%3A00%3A00&filter.timestamp=lt%3A2026-01-10%2B11%3A00%3A00"
    ),
    # Diagnose
    f"{INVENTORY}/service/{{instance}}/diagnose?rejection_lookbehind=1&failure_lookbehind=1",
    # Orders
    "/lsm/v2/order?limit=20&sort=created_at.desc",
    "/lsm/v2/order?limit=5&sort=created_at.asc",
    # Composer
    CATALOG,
    f"{INVENTORY}/service?limit=1000",
    f"{INVENTORY}?service_id={{instance}}",
    # The load generator
    f"{INVENTORY}/service?include_deployment_progress=True&limit=20&sort=created_at.desc",
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def inventory(server: SharedServer, client: Client) -> StoredInventory:
    """An inventory with a service."""
    # Before the fixture that does so for each test.
    server.configure()
    project = (await answer(client.project_create(name=f"project {uuid.uuid4()}")))["data"]["id"]
    environment = (await answer(client.environment_create(project_id=project, name="test")))["data"]["id"]
    stored = StoredInventory(uuid.UUID(environment), client)
    await stored.add_service(service("service"))
    return stored


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def instance(inventory: StoredInventory) -> uuid.UUID:
    """An instance that is up, with its history and its resources."""
    instance = await inventory.add_instance()
    for version in range(1, 4):
        await inventory.add_event(instance, version - 1)
        await inventory.add_log(instance, version)
    await inventory.process(await inventory.export({instance: ["a"]}))
    return instance


@pytest.mark.parametrize("path", CONSOLE_READS)
async def test_every_page_of_the_web_console_loads(inventory: StoredInventory, instance: uuid.UUID, path: str) -> None:
    code, body = await request(
        path.format(environment=inventory.environment, instance=instance), environment=inventory.environment
    )

    assert code == 200, body
    is_page = "limit=" in path
    if isinstance(body, dict):
        assert set(body) == ({"data", "links", "metadata"} if is_page else {"data"})
        if is_page:
            assert set(body["metadata"]) == {"total", "before", "after", "page_size"}
            assert body["links"]["self"].startswith("/lsm/v")


async def test_the_web_console_stores_coordinates_and_reads_them_back(inventory: StoredInventory, instance: uuid.UUID) -> None:
    path = f"{INVENTORY}/service/{instance}"
    body = {"current_version": 3, "value": '{"x": 1}'}

    stored, _ = await request(f"{path}/metadata/coordinates", method="POST", environment=inventory.environment, body=body)
    _, answered = await request(f"{path}?include_metadata=true", environment=inventory.environment)

    assert (stored, answered["data"]["metadata"]) == (200, {"coordinates": '{"x": 1}'})
    assert await documents.ServiceInstance.get_one(id=instance, version=3) is not None


async def test_the_load_generator_gets_an_answer_to_each_of_its_requests(
    inventory: StoredInventory, instance: uuid.UUID, client: Client
) -> None:
    answers: dict[str, tuple[int, Any]] = {}

    class Orchestrator:
        """What the load generator needs of an orchestrator."""

        environment = inventory.environment

        async def request(self, method: str, **arguments: Any) -> None:
            result = await getattr(client, method)(**arguments)
            answers[method] = (result.code, result.result)
            generator.running = len(answers) < 8

    generator = LoadGenerator(cast(RemoteOrchestrator, Orchestrator()), "service", sleep_time=0)
    generator._thread = threading.current_thread()

    with pytest.raises(LoadException):
        await generator.create_load()

    assert {method: code for method, (code, _) in answers.items()} == dict.fromkeys(answers, 200), answers
    assert len(answers) == 8


async def test_the_log_leads_to_the_compile_that_rejected_an_update_although_an_export_followed(
    inventory: StoredInventory,
) -> None:
    instance = await inventory.add_instance(version=2, state="update_rejected")
    validation = await inventory.add_compile(success=False, error_output="the reason")
    export = await inventory.add_compile(do_export=True)
    for run in (None, validation, export, None):
        await inventory.add_event(instance, 1, id_compile_report=run)
    await inventory.add_log(instance, 2)
    orchestrator = SimpleNamespace(client=SyncClient("client"), environment=inventory.environment)

    message = await asyncio.to_thread(
        RemoteOrchestrator.get_validation_failure_message, cast(RemoteOrchestrator, orchestrator), "service", instance
    )

    assert message == "the reason"
