"""How long tests wait."""

import asyncio

import pytest
from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.patience import VARIABLE, eventually, factor, patient, wait_until
from pytest_inmanta_lsm.remote_order_async import RemoteOrder
from pytest_inmanta_lsm.remote_service_instance_async import RemoteServiceInstance

pytest_plugins = ["pytester"]

# What looks for exceptions that nobody saw goes through all of the memory when a configuration ends.
QUICK = ("-p", "no:unraisableexception")


@pytest.mark.parametrize(("text", "expected"), [(None, 1), ("", 1), ("3", 3), (" 0.5 ", 0.5)])
def test_one_factor_applies_to_all_limits(monkeypatch: pytest.MonkeyPatch, text: str | None, expected: float) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)

    assert factor() == expected
    assert patient(10) == 10 * expected


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "much"])
def test_a_factor_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(EmbeddedError, match=f"{VARIABLE} is '{text}': set it to a number above 0"):
        patient()


def test_a_wait_ends_as_soon_as_the_condition_holds() -> None:
    answers = iter([False, False, True])

    wait_until(lambda: next(answers), "never seen", interval=0)

    assert list(answers) == []


def test_a_wait_in_vain_says_what_is_wrong_and_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0.5")

    with pytest.raises(AssertionError, match=r"Waited 0\.05 s in vain: it is still dark"):
        wait_until(lambda: False, lambda: "it is still dark", limit=0.1, interval=0.01)


def test_a_condition_may_have_to_be_awaited_and_may_not_answer() -> None:
    async def silence() -> bool:
        await asyncio.Event().wait()
        return True

    answers = iter([False, True])

    async def answer() -> bool:
        return next(answers)

    async def time_out() -> bool:
        raise TimeoutError("of its own")

    asyncio.run(eventually(answer, "never seen", interval=0))
    with pytest.raises(TimeoutError, match="of its own"):
        asyncio.run(eventually(time_out, "never seen"))
    with pytest.raises(AssertionError, match=r"Waited 0\.01 s in vain: no answer"):
        asyncio.run(eventually(silence, "no answer", limit=0.01))


ASKED = """
    def test_what_is_allowed(request):
        from pytest_inmanta_lsm import remote_order_async, remote_service_instance_async
        assert remote_service_instance_async.RemoteServiceInstance.DEFAULT_TIMEOUT == 600 * 2.5
        assert remote_order_async.RemoteOrder.DEFAULT_TIMEOUT == 600 * 2.5
        assert [mark.args for mark in request.node.iter_markers("timeout")] == [(100.0,)]
"""


def test_the_stock_clients_and_the_time_limit_of_a_test_are_as_patient_and_no_orchestrator_is_started_for_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "2.5")
    pytester.makepyfile(ASKED)

    # In a process of its own: the clients are classes of this one.
    result = pytester.runpytest_subprocess("-o", "timeout=40", "-p", "no:randomly", "-p", "no:schemathesis")

    result.assert_outcomes(passed=1)
    assert not (pytester.path / ".inmanta-embedded").exists()


def test_without_a_factor_they_are_as_they_come(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for client in (RemoteServiceInstance, RemoteOrder):
        monkeypatch.setattr(client, "DEFAULT_TIMEOUT", 600)
    monkeypatch.setenv(VARIABLE, "1")
    item = pytester.getitem("def test_func(): pass")

    config = pytester.parseconfigure(*QUICK, "-o", "timeout=40")
    config.hook.pytest_collection_modifyitems(session=item.session, config=config, items=[item])

    assert (RemoteServiceInstance.DEFAULT_TIMEOUT, RemoteOrder.DEFAULT_TIMEOUT) == (600, 600)
    assert list(item.iter_markers("timeout")) == []


def test_a_factor_that_is_none_ends_the_run_with_a_sentence(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "much")

    with pytest.raises(pytest.UsageError, match=f"^{VARIABLE} is 'much': set it to a number above 0"):
        pytester.parseconfigure(*QUICK)
