"""How often the stock clients ask."""

import time
from collections.abc import Callable

import pytest
from inmanta_embedded.testing import polling
from pytest_inmanta_lsm import remote_orchestrator
from pytest_inmanta_lsm.managed_service_instance import ManagedServiceInstance
from pytest_inmanta_lsm.remote_order_async import RemoteOrder
from pytest_inmanta_lsm.remote_service_instance_async import RemoteServiceInstance
from pytest_inmanta_lsm.wait_for_state import State, WaitForState


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept each time, which takes no time."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


def wait(**options: float) -> None:
    """Wait, as the older client does, for a service that is up at the second look."""
    looks = iter([State("start", 1), State("up", 2)])
    wait_for_state: Callable[..., State] = WaitForState("test", lambda _: [next(looks)]).wait_for_state
    wait_for_state(ManagedServiceInstance.__new__(ManagedServiceInstance), ["up"], **options)


def retry(**options: float) -> None:
    """Wait, as the access to an orchestrator does, for something that is there at the second look."""
    answers = iter([False, True])
    retry_limited: Callable[..., None] = vars(remote_orchestrator)["retry_limited"]
    retry_limited(lambda: next(answers), timeout=60, **options)


@pytest.mark.parametrize("client", [RemoteServiceInstance, RemoteOrder])
def test_clients_look_often_meanwhile(client: type[RemoteServiceInstance] | type[RemoteOrder]) -> None:
    before = client.RETRY_INTERVAL

    with polling.often():
        assert before > client.RETRY_INTERVAL == polling.INTERVAL

    assert before == client.RETRY_INTERVAL


def test_a_client_that_looks_more_often_still_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteOrder, "RETRY_INTERVAL", 0.05)

    with polling.often():
        assert RemoteOrder.RETRY_INTERVAL == 0.05


def test_other_waits_are_as_short(slept: list[float]) -> None:
    with polling.often():
        wait()
        retry()
        # As wait_for_released and wait_for_scheduled do, whose callers do not mean it.
        retry(retry_interval=1)

    assert slept == [polling.INTERVAL] * 3


def test_an_interval_that_a_test_asks_for_is_kept(slept: list[float]) -> None:
    with polling.often():
        wait(interval=3)
        retry(retry_interval=0.01)

    assert slept == [3, 0.01]


def test_everything_is_as_it_was_afterwards(slept: list[float]) -> None:
    with polling.often():
        pass

    wait()
    retry()

    assert slept == [1, 1]
