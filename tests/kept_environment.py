"""
An environment on a real orchestrator that one test leaves to the next.

To clear one ends its scheduler, its agents and its compiler, and to export a catalog into it starts them again: that takes
longer than most tests. A test that leaves nothing behind can hand its environment on to those that need the same catalog;
whenever something is left of it, or the next test needs something else, it is cleared as usual.
"""

from collections.abc import Callable, Collection

from inmanta_embedded import patience
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

CATALOGS = ("deployed", "orchestrator")
"""The fixtures that export a catalog into an environment that is handed on."""


def turn(fixtures: Collection[str]) -> int:
    """
    Say when a test is run: those of one catalog after each other.

    :param fixtures: what it uses
    :return: how many kinds of tests come before it
    """
    return next((number for number, catalog in enumerate(CATALOGS) if catalog in fixtures), len(CATALOGS))


class KeptEnvironment:
    """The environment of a test run, which is cleared before a test unless that test can take it as it is."""

    def __init__(self, orchestrator: RemoteOrchestrator) -> None:
        """:param orchestrator: whose environment it is; nothing is in it yet"""
        self._orchestrator = orchestrator
        self._clear = orchestrator.clear_environment
        self._catalog: str | None = None
        self._wanted: Collection[str] = ()

    def expect(self, catalogs: Collection[str]) -> None:
        """
        Say what the next test needs, before it clears the environment. It holds for that test only.

        :param catalogs: the catalogs of which it exports one: the names of the fixtures that do
        """
        self._wanted = catalogs

    def clear(self, *, soft: bool = False) -> None:
        """
        Clear the environment, in place of the method of the orchestrator, unless the test that follows can take it as it is.

        :param soft: whether to keep the project; anything else is no step of a test
        """
        # Who says nothing, as a test of another suite, needs an empty one.
        wanted, self._wanted = self._wanted, ()
        if soft and self._catalog in wanted:
            return
        self._catalog = None
        self._clear(soft=soft)

    def fill(self, catalog: str, export: Callable[[], None]) -> None:
        """
        Have a catalog in the environment, of which no test knows yet whether it is handed on.

        :param catalog: its name
        :param export: exports it
        """
        if self._catalog != catalog:
            export()
        self._catalog = None

    def hand_on(self, catalog: str) -> None:
        """
        Leave the environment to the next test, provided that no instance is left in it.

        :param catalog: what is in its catalog
        """
        patience.wait_until(self._is_idle, "the orchestrator is still compiling")
        if not self._has_instances():
            self._catalog = catalog

    def _is_idle(self) -> bool:
        return self._orchestrator.client.is_compiling(self._orchestrator.environment).code == 204

    def _has_instances(self) -> bool:
        services = self._orchestrator.client.lsm_service_catalog_list(tid=self._orchestrator.environment, instance_summary=True)
        assert services.code == 200, services.result
        assert services.result is not None
        return any(service["instance_summary"]["total"] for service in services.result["data"])
