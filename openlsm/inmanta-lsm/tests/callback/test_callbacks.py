"""Callbacks: events of a service are sent to those who asked for them."""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
import pytest_asyncio
from inmanta_embedded.patience import patient
from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.callback.delivery import Delivery, DeliveryOptions
from inmanta_lsm.callback.log_file import CALLBACK_LOGGER
from inmanta_lsm.callback.options import MAX_RETRIES, REQUEST_TIMEOUT, RETRY_INTERVAL
from inmanta_lsm.callback.slice import CallbackSlice
from inmanta_lsm.const import SLICE_CALLBACK
from inmanta_lsm.engine.transaction import Change
from inmanta_lsm.lifecycle.decision import Decision
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import Callback, ServiceInstanceEvent
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Receiver:
    """
    Somebody who wants to hear about events.

    :param statuses: the status codes of the first answers; later ones are 200
    :param requests: the bodies that arrived, the refused ones too
    :param answers: set while the receiver answers at all
    """

    def __init__(self, url: str) -> None:
        """:param url: where events go to"""
        self.url = url
        self.statuses: list[int] = []
        self.requests: list[dict[str, Any]] = []
        self.answers = asyncio.Event()
        self.answers.set()

    def messages(self) -> list[str]:
        """The messages of the events that arrived."""
        return [event["message"] for event in self.requests]


class ReceiverHandler(RequestHandler):
    """Takes the events of a receiver."""

    def initialize(self, receiver: list[Receiver]) -> None:
        self.receiver = receiver[0]

    async def post(self) -> None:
        assert self.request.headers["Content-Type"] == "application/json"
        self.receiver.requests.append(json.loads(self.request.body))
        status = self.receiver.statuses.pop(0) if self.receiver.statuses else 200
        await self.receiver.answers.wait()
        self.set_status(status)


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(server: SharedServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A receiver that runs, and a server that does not wait long before it sends an event again."""
    part = server.restserver.get_slice(SLICE_CALLBACK)
    assert isinstance(part, CallbackSlice)
    monkeypatch.setattr(
        part.delivery, "_options", DeliveryOptions(request_timeout=patient(), max_retries=2, retry_interval=0.01)
    )
    holder: list[Receiver] = []
    sockets = bind_sockets(0, address="127.0.0.1")
    http = HTTPServer(Application([("/events", ReceiverHandler, {"receiver": holder})]))
    http.add_sockets(sockets)
    holder.append(Receiver(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/events"))
    yield holder[0]
    holder[0].answers.set()
    http.stop()
    await http.close_all_connections()


async def subscribe(lab: ServiceLab, receiver: Receiver, **options: Any) -> str:
    """Add a callback and give its id."""
    callback: str = await lab.call("lsm_callback_create", callback_url=receiver.url, service_entity=lab.entity.name, **options)
    return callback


async def arrive(receiver: Receiver, count: int) -> None:
    """Wait until some events arrived."""

    async def arrived() -> bool:
        return len(receiver.requests) >= count

    await eventually(arrived, f"{count} events")


async def test_events_arrive_in_the_order_of_the_commits(lab: ServiceLab, receiver: Receiver) -> None:
    await subscribe(lab, receiver)

    instance = await lab.up("a")

    stored = await lab.events(instance)
    await arrive(receiver, len(stored))
    assert receiver.requests == stored
    assert all(ServiceInstanceEvent(**event).service_instance_id == instance for event in receiver.requests)


async def test_only_events_of_the_wanted_types_and_severity_arrive(lab: ServiceLab, receiver: Receiver) -> None:
    await subscribe(lab, receiver, event_types=["RESOURCE_TRANSITION"])
    await subscribe(lab, receiver, minimal_log_level="ERROR")

    instance = await lab.up("a")

    wanted = [event for event in await lab.events(instance) if event["event_type"] == "RESOURCE_TRANSITION"]
    await arrive(receiver, len(wanted))
    assert receiver.requests == wanted


async def test_an_event_that_is_refused_is_sent_again_before_the_next_one(lab: ServiceLab, receiver: Receiver) -> None:
    receiver.statuses = [500, 404]
    await subscribe(lab, receiver, event_types=["CREATE_TRANSITION"])

    instance = await lab.create("a")

    await arrive(receiver, 4)
    first, second = [event["message"] for event in await lab.events(instance, version=0)]
    assert receiver.messages() == [first, first, first, second]


async def test_an_event_is_given_up_after_some_time(
    lab: ServiceLab, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [500, 500, 500]
    await subscribe(lab, receiver, event_types=["CREATE_TRANSITION"])

    with caplog.at_level(logging.INFO, CALLBACK_LOGGER):
        instance = await lab.create("a")
        await arrive(receiver, 4)

    first, second = [event["message"] for event in await lab.events(instance, version=0)]
    assert receiver.messages() == [first, first, first, second]
    assert any("is given up" in record.getMessage() for record in caplog.records if record.name == CALLBACK_LOGGER)


async def test_a_receiver_that_does_not_answer_delays_nothing(lab: ServiceLab, receiver: Receiver) -> None:
    receiver.answers.clear()
    await subscribe(lab, receiver)

    instance = await lab.up("a")

    assert (await lab.get(instance))["state"] == "up"
    assert len(receiver.requests) == 1


async def test_a_receiver_that_stays_behind_loses_the_oldest_events(
    lab: ServiceLab, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("inmanta_lsm.callback.delivery.MAXIMUM_BACKLOG", 1)
    receiver.answers.clear()
    await subscribe(lab, receiver)
    instance = await lab.up("a")
    await arrive(receiver, 1)
    stored = [event["message"] for event in await lab.events(instance)]

    async def all_but_the_first_and_the_last_are_dropped() -> bool:
        return sum("stays too far behind" in record.getMessage() for record in caplog.records) == len(stored) - 2

    await eventually(all_but_the_first_and_the_last_are_dropped, "what the receiver does not get is dropped")

    receiver.answers.set()

    await arrive(receiver, 2)
    first, last = receiver.messages()
    assert first in stored
    assert last == stored[-1]


async def test_a_callback_is_listed_and_deleted(lab: ServiceLab, receiver: Receiver) -> None:
    chosen = uuid.uuid4()

    created = await subscribe(lab, receiver, callback_id=chosen, minimal_log_level="INFO", event_types=["ALLOCATION_UPDATE"])
    listed = await lab.call("lsm_callback_list", service_entity=lab.entity.name)
    others = await lab.call("lsm_callback_list", service_entity="other")
    await lab.call("lsm_callback_delete", callback_id=created)

    assert listed == [
        {
            "callback_id": str(chosen),
            "url": receiver.url,
            "environment": str(lab.environment),
            "service_entity": lab.entity.name,
            "event_types": ["ALLOCATION_UPDATE"],
            "minimal_log_level": "INFO",
            "minimal_log_level_text": "INFO",
        }
    ]
    assert others == []
    assert await lab.call("lsm_callback_list") == []
    await lab.call("lsm_callback_delete", code=404, callback_id=created)


async def test_a_deleted_callback_hears_nothing_any_more(lab: ServiceLab, receiver: Receiver) -> None:
    receiver.answers.clear()
    callback = await subscribe(lab, receiver)
    await lab.create("a")
    await arrive(receiver, 1)

    await lab.call("lsm_callback_delete", callback_id=callback)
    receiver.answers.set()

    again = await subscribe(lab, receiver, event_types=["CREATE_TRANSITION"])
    instance = await lab.create("b")
    await arrive(receiver, 3)
    assert {event["service_instance_id"] for event in receiver.requests[1:]} == {str(instance)}
    assert again != callback


@pytest.mark.parametrize(
    "url", ["wrongUrl", "ftp://host/", "http://", "http://[", "http://host:port/", "http://a b/", "http://a\0/"]
)
async def test_a_url_that_cannot_be_called_is_refused(lab: ServiceLab, url: str) -> None:
    message = await lab.call("lsm_callback_create", code=400, callback_url=url, service_entity=lab.entity.name)

    assert message.startswith("Invalid request: ")
    assert await lab.call("lsm_callback_list") == []


@pytest.mark.parametrize("options", [{"minimal_log_level": "LOUD"}, {"event_types": ["UNKNOWN"]}])
async def test_an_unknown_level_or_event_type_is_refused(lab: ServiceLab, options: dict[str, Any]) -> None:
    await lab.call("lsm_callback_create", code=400, callback_url="http://host/", service_entity=lab.entity.name, **options)


async def test_a_callback_for_an_unknown_service_is_not_found(lab: ServiceLab) -> None:
    await lab.call("lsm_callback_create", code=404, callback_url="http://host/", service_entity="unknown")


async def test_the_id_of_a_callback_is_taken_once(lab: ServiceLab, receiver: Receiver) -> None:
    callback = await subscribe(lab, receiver)

    await lab.call(
        "lsm_callback_create", code=409, callback_url="http://host/", service_entity=lab.entity.name, callback_id=callback
    )


async def test_a_callback_that_is_deleted_while_it_is_looked_up_hears_nothing(lab: ServiceLab, receiver: Receiver) -> None:
    gone = Callback(callback_id=uuid.uuid4(), url=receiver.url, environment=lab.environment, service_entity="vlan")
    kept = gone.model_copy(update={"callback_id": uuid.uuid4()})
    answers = [[gone, kept], [kept]]

    async def find(environment: uuid.UUID, service_entity: str) -> list[Callback]:
        found = answers.pop(0)
        if gone in found:
            delivery.forget(environment, gone.callback_id)
        return found

    tasks: list[asyncio.Task[None]] = []

    def in_background(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(work))
        return tasks[-1]

    delivery = Delivery(find, DeliveryOptions(request_timeout=patient(), max_retries=0, retry_interval=0), in_background)
    instance = await lab.create("a")
    event = ServiceInstanceEvent(**(await lab.events(instance, version=0))[0])
    snapshot = Instance(instance, lab.environment, "vlan", 0, 1, 1, "start", AttributeSets())
    await delivery.committed(lab.environment, [Change(Decision(snapshot, snapshot), lab.entity, [event])])
    delivery.start()

    await arrive(receiver, 1)
    for task in tasks[1:]:
        await task
    assert len(receiver.requests) == 1
    assert answers == []
    tasks[0].cancel()


async def test_the_options_of_the_server_are_read_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (REQUEST_TIMEOUT.get(), MAX_RETRIES.get(), RETRY_INTERVAL.get()) == (10, 3, 5)

    for name, value in {"REQUEST_TIMEOUT": "0.5", "MAX_RETRIES": "7", "RETRY_INTERVAL": "1"}.items():
        monkeypatch.setenv(f"INMANTA_LSM_CALLBACK_{name}", value)

    assert (REQUEST_TIMEOUT.get(), MAX_RETRIES.get(), RETRY_INTERVAL.get()) == (0.5, 7, 1)
