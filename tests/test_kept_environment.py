"""When a test gets the environment that the one before it left."""

import types
from typing import Any, cast

import pytest
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

from tests.kept_environment import KeptEnvironment, turn


class Remote:
    """What is asked of an orchestrator: it counts what it has to do."""

    environment = "environment"

    def __init__(self, instances: int = 0) -> None:
        """:param instances: how many a test leaves"""
        self.instances = instances
        self.done: list[str] = []
        self.client = self

    def clear_environment(self, *, soft: bool) -> None:
        """Clear the environment."""
        self.done.append("clear" if soft else "clear all")

    def export(self) -> None:
        """Export the catalog."""
        self.done.append("export")

    def is_compiling(self, _environment: str) -> Any:
        """Nothing is compiled any more."""
        return types.SimpleNamespace(code=204)

    def lsm_service_catalog_list(self, **_arguments: object) -> Any:
        """A catalog with one service."""
        return types.SimpleNamespace(code=200, result={"data": [{"instance_summary": {"total": self.instances}}]})


def play(remote: Remote, *tests: str, soft: bool = True, hands_on: bool = True) -> list[str]:
    """What has to be done for tests, each of which needs one catalog."""
    kept = KeptEnvironment(cast("RemoteOrchestrator", remote))
    for catalog in tests:
        kept.expect([catalog, "another fixture"])
        kept.clear(soft=soft)
        kept.fill(catalog, remote.export)
        if hands_on:
            kept.hand_on(catalog)
    return remote.done


def test_tests_of_one_catalog_come_after_each_other() -> None:
    tests = ["orchestrator", "model", "deployed", "orchestrator"]

    assert sorted(tests, key=lambda test: turn(["project", test])) == ["deployed", "orchestrator", "orchestrator", "model"]


def test_the_next_test_gets_the_environment_as_it_is() -> None:
    assert play(Remote(), "a", "a", "a") == ["clear", "export"]


def test_a_test_that_needs_another_catalog_gets_an_empty_one() -> None:
    assert play(Remote(), "a", "b", "a") == ["clear", "export"] * 3


@pytest.mark.parametrize("hands_on", [True, False])
def test_nobody_gets_what_a_test_left_behind_or_did_not_hand_on(hands_on: bool) -> None:
    assert play(Remote(instances=int(hands_on)), "a", "a", hands_on=hands_on) == ["clear", "export"] * 2


def test_a_test_that_says_nothing_gets_an_empty_one() -> None:
    remote = Remote()
    kept = KeptEnvironment(cast("RemoteOrchestrator", remote))
    for says in (True, False):
        if says:
            kept.expect(["a"])
        kept.clear(soft=True)
        kept.fill("a", remote.export)
        kept.hand_on("a")

    assert remote.done == ["clear", "export"] * 2


def test_at_the_end_of_the_run_everything_is_cleared() -> None:
    assert play(Remote(), "a", "a", soft=False) == ["clear all", "export"] * 2
