"""
How often the stock clients of pytest-inmanta-lsm ask an orchestrator whether it is done.

They leave up to five seconds between two looks, to spare an orchestrator that is elsewhere and works for others too. One on the
same machine, for one test run, is mostly done long before.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

INTERVAL = 0.2
"""Seconds between two looks at an orchestrator of the test run."""


@contextmanager
def often(interval: float = INTERVAL) -> Iterator[None]:
    """
    Have all stock clients look often meanwhile. An interval that a test asks for itself is kept, unless it is longer.

    :param interval: seconds between two looks, at most
    """
    import pytest_inmanta_lsm
    from pytest_inmanta_lsm import remote_orchestrator, remote_order_async, remote_service_instance_async, wait_for_state

    stock = pytest_inmanta_lsm.retry_limited

    def retry_limited(fun: Callable[[], bool], timeout: int, *, retry_interval: float = interval) -> None:
        stock(fun, timeout, retry_interval=min(retry_interval, interval))

    with pytest.MonkeyPatch.context() as patch:
        for client in (remote_service_instance_async.RemoteServiceInstance, remote_order_async.RemoteOrder):
            patch.setattr(client, "RETRY_INTERVAL", min(client.RETRY_INTERVAL, interval))
        # The default of a parameter, which the callers leave alone.
        waiting = functools.partialmethod(wait_for_state.WaitForState.wait_for_state, interval=interval)
        patch.setattr(wait_for_state.WaitForState, "wait_for_state", waiting)
        patch.setattr(remote_orchestrator, "retry_limited", retry_limited)
        yield
