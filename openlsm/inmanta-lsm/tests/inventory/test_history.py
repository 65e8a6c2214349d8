"""The log and the events of an instance."""

import datetime
import uuid
from typing import Any

import pytest
import pytest_asyncio
from inmanta.protocol import Client
from inmanta_lsm.model import ServiceInstanceLog

from ..helpers.http_request import Get, answer
from ..helpers.stored_inventory import StoredInventory

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def instance(inventory: StoredInventory) -> uuid.UUID:
    """A deleted instance with five versions and two events that led to each of them."""
    instance = await inventory.add_instance(version=5, deleted=True)
    for version in range(1, 6):
        for step in ("triggered", "executed"):
            await inventory.add_event(instance, version - 1, f"{step} {version}")
        await inventory.add_log(instance, version, active_attributes={"version": version})
    return instance


def path(instance: uuid.UUID, what: str) -> str:
    """The path of the log or the events of an instance."""
    return f"/lsm/v1/service_inventory/service/{instance}/{what}"


def versions(body: dict[str, Any]) -> list[int]:
    """The versions of the log entries, in order."""
    return [entry["version"] for entry in body["data"]]


def messages(body: dict[str, Any]) -> list[str]:
    """The messages of the events, in order."""
    return [event["message"] for event in body["data"]]


async def test_the_log_is_complete_without_parameters_with_the_newest_version_first(instance: uuid.UUID, get: Get) -> None:
    code, body = await get(path(instance, "log"))

    assert code == 200
    assert versions(body) == [5, 4, 3, 2, 1]


async def test_a_log_entry_has_the_events_that_led_to_its_version_in_the_order_in_which_they_happened(
    instance: uuid.UUID, get: Get
) -> None:
    _, body = await get(path(instance, "log"))

    assert [[event["message"] for event in entry["events"]] for entry in body["data"]] == [
        [f"triggered {version}", f"executed {version}"] for version in (5, 4, 3, 2, 1)
    ]
    assert {event["service_instance_version"] for event in body["data"][-1]["events"]} == {0}


async def test_a_log_entry_has_all_fields_of_the_model(instance: uuid.UUID, get: Get) -> None:
    _, body = await get(path(instance, "log?limit=1"))

    [entry] = body["data"]
    assert set(entry) == set(ServiceInstanceLog.model_fields)
    assert entry["service_instance_id"] == str(instance)
    assert entry["callback"] == []
    assert ServiceInstanceLog(**entry).to_service_instance().active_attributes == {"version": 5}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=2", [5, 4]),
        ("limit=2&end=4", [3, 2]),
        ("limit=50&end=6", [5, 4, 3, 2, 1]),
        ("limit=2&start=2", [4, 3]),
        ("end=3", [2, 1]),
        ("sort=version.asc&limit=2", [1, 2]),
        ("sort=version.asc&limit=2&start=2", [3, 4]),
        ("filter.version=ge:5", [5]),
        ("filter.version=ge:3", [5, 4, 3]),
        ("filter.version=gt:1&filter.version=lt:4", [3, 2]),
        ("filter.version=ge:6", []),
    ],
)
async def test_the_log_can_be_cut(instance: uuid.UUID, get: Get, query: str, expected: list[int]) -> None:
    code, body = await get(path(instance, f"log?{query}"))

    assert (code, versions(body)) == (200, expected)


async def test_the_log_has_links_by_version(instance: uuid.UUID, get: Get) -> None:
    _, body = await get(path(instance, "log?limit=2"))

    assert body["links"]["next"] == path(instance, "log?limit=2&sort=version.desc&end=4")
    assert body["metadata"] == {"total": 5, "before": 0, "after": 3, "page_size": 2}


async def test_the_python_client_polls_the_log_with_a_plain_text_filter(
    inventory: StoredInventory, instance: uuid.UUID, client: Client
) -> None:
    polled = await answer(
        client.lsm_service_log_list(
            tid=inventory.environment, service_entity="service", service_id=instance, filter={"version": "ge:4"}
        )
    )

    assert versions(polled) == [5, 4]


@pytest.mark.parametrize(
    "query", ["filter.version=4", "filter.state=up", "sort=state.asc", "limit=0", "end=x", "end=9999999999"]
)
async def test_a_query_for_the_log_that_makes_no_sense_is_refused(instance: uuid.UUID, get: Get, query: str) -> None:
    assert (await get(path(instance, f"log?{query}")))[0] == 400


@pytest.mark.parametrize("what", ["log", "events", "diagnose", "config", "resources?current_version=1"])
async def test_the_history_of_an_unknown_instance_is_not_found(instance: uuid.UUID, get: Get, what: str) -> None:
    assert (await get(path(uuid.uuid4(), what)))[0] == 404
    assert (await get(path(instance, what).replace("/service/", "/other/")))[0] == 404


async def test_events_have_all_fields(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance()
    flow, run = uuid.uuid4(), uuid.uuid4()
    event = await inventory.add_event(
        instance,
        2,
        "Failed",
        source="creating",
        destination="failed",
        severity=40,
        event_correlation_id=flow,
        id_compile_report=run,
        event_type="RESOURCE_TRANSITION",
        is_error_transition=True,
        service_desired_state_version=1,
    )

    _, body = await get(path(instance, "events"))

    [answered] = body["data"]
    assert datetime.datetime.fromisoformat(answered.pop("timestamp")).tzinfo is not None
    assert answered == {
        "id": str(event),
        "service_instance_id": str(instance),
        "service_instance_version": 2,
        "service_desired_state_version": 1,
        "source": "creating",
        "destination": "failed",
        "message": "Failed",
        "ignored_transition": False,
        "event_correlation_id": str(flow),
        "severity": 40,
        "severity_text": "ERROR",
        "id_compile_report": str(run),
        "event_type": "RESOURCE_TRANSITION",
        "is_error_transition": True,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["d", "c", "b", "a"]),
        ("sort=timestamp.asc", ["a", "b", "c", "d"]),
        ("filter.source=start", ["b"]),
        ("filter.destination=up&filter.destination=creating", ["c", "b"]),
        ("filter.version=1", ["b"]),
        ("filter.version=0&filter.version=2", ["d", "c", "a"]),
        ("filter.event_type=CREATE_TRANSITION", ["a"]),
        ("filter.event_type=CREATE_TRANSITION&filter.event_type=RESOURCE_TRANSITION", ["c", "a"]),
        ("filter.timestamp=ge:2026-02-01+10:00:02", ["d", "c"]),
        ("filter.timestamp=lt:2026-02-01+10:00:02", ["b", "a"]),
        ("filter.timestamp=ge:2026-02-01+10:00:01&filter.timestamp=lt:2026-02-01+10:00:03", ["c", "b"]),
        ("filter.timestamp=ge:2026-02-01T12:00:02%2B02:00", ["d", "c"]),
        ("filter.event_type=RESOURCE_TRANSITION&filter.version=0", []),
    ],
)
async def test_events_can_be_filtered_and_sorted(inventory: StoredInventory, get: Get, query: str, expected: list[str]) -> None:
    instance = await inventory.add_instance()
    for second, (message, version, fields) in enumerate(
        [
            ("a", 0, {"event_type": "CREATE_TRANSITION", "destination": "start"}),
            ("b", 1, {"source": "start", "destination": "creating"}),
            ("c", 2, {"event_type": "RESOURCE_TRANSITION", "source": "creating", "destination": "up"}),
            ("d", 2, {"event_type": "ALLOCATION_UPDATE"}),
        ]
    ):
        moment = datetime.datetime(2026, 2, 1, 10, 0, second, tzinfo=datetime.UTC)
        await inventory.add_event(instance, version, message, timestamp=moment, **fields)
    await inventory.add_event(await inventory.add_instance(), 1, "of another instance")

    code, body = await get(path(instance, f"events?{query}"))

    assert (code, messages(body)) == (200, expected), body


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_of_events_can_be_walked_forth_and_back_even_when_they_happened_at_once(
    inventory: StoredInventory, get: Get, order: str
) -> None:
    instance, moment = await inventory.add_instance(), inventory.now()
    for number in range(5):
        await inventory.add_event(instance, 1, str(number), timestamp=moment)
    _, everything = await get(path(instance, f"events?sort=timestamp.{order}"))

    _, first = await get(path(instance, f"events?limit=2&sort=timestamp.{order}"))
    _, second = await get(first["links"]["next"])
    _, third = await get(second["links"]["next"])
    _, back = await get(third["links"]["prev"])

    assert messages(first) + messages(second) + messages(third) == messages(everything)
    assert len(set(messages(everything))) == 5
    assert messages(back) == messages(second)
    assert "next" not in third["links"]


async def test_events_come_in_pages_of_at_most_a_thousand(inventory: StoredInventory, get: Get) -> None:
    instance = await inventory.add_instance()
    await inventory.add_events(instance, 1001)

    _, body = await get(path(instance, "events"))

    assert (len(body["data"]), body["metadata"]["after"], "next" in body["links"]) == (1000, 1, True)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("filter.event_type=PARTY", "filter event_type cannot have the value ['PARTY']: Input should be 'CREATE_TRANSITION', "),
        ("filter.timestamp=ge:now", "filter timestamp cannot have the value ['ge:now']: Invalid range constraint ge:now"),
        ("filter.version=one", "filter version cannot have the value ['one']: Input should be a valid integer"),
        ("filter.message=x", "there is no filter 'message', choose from destination, event_type, source, timestamp, version"),
        ("sort=version.asc", "Sort parameter invalid: version.asc"),
        ("limit=1001", "limit must be from 1 to 1000, got 1001"),
    ],
)
async def test_a_query_for_events_that_makes_no_sense_is_refused_with_a_reason(
    instance: uuid.UUID, get: Get, query: str, message: str
) -> None:
    code, body = await get(path(instance, f"events?{query}"))

    assert (code, body["message"].startswith(f"Invalid request: {message}")) == (400, True), body
