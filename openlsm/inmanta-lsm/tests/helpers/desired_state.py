"""What a real orchestrator has exported: its compiles, the desired state versions, and the resource sets of the newest one."""

import asyncio
from collections import defaultdict
from typing import Any

import asyncpg
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import wait_until
from pytest_inmanta_lsm.remote_orchestrator import RemoteOrchestrator

POLL_INTERVAL = 0.1  # seconds

# The API tells which resources are in the same set, and not what the set is called.
RESOURCE_SETS = """
    SELECT resource_set.name, resource.resource_id
    FROM resource_set_configuration_model AS included
    JOIN resource_set ON resource_set.environment = included.environment AND resource_set.id = included.resource_set
    LEFT JOIN resource ON resource.environment = resource_set.environment AND resource.resource_set = resource_set.id
    WHERE included.environment = $1
        AND included.model = (SELECT max(version) FROM configurationmodel WHERE environment = $1)
"""


class DesiredState:
    """The desired state of the environment of a test."""

    def __init__(self, access: RemoteOrchestrator, orchestrator: Orchestrator) -> None:
        """
        :param access: to the orchestrator, in that environment
        :param orchestrator: the orchestrator
        """
        self._access = access
        self._orchestrator = orchestrator

    def wait_for_compiles(self, number: int | None = None) -> None:
        """
        Wait until nothing is to be compiled, such that all states that instances have reached are exported.

        :param number: how many compiles there have to be then; whatever number was requested by default
        :raises AssertionError: when it takes too long
        """

        def are_done() -> bool:
            reports = self._reports()
            return all(report["completed"] for report in reports) and number in (None, len(reports))

        wait_until(are_done, "not all compiles are done", interval=POLL_INTERVAL)

    def versions(self) -> list[dict[str, Any]]:
        """The desired state versions, the oldest first."""
        answer = self._access.client.list_versions(self._access.environment)
        assert answer.code == 200, answer.result
        assert answer.result is not None
        return sorted(answer.result["versions"], key=lambda version: int(version["version"]))

    def resource_sets(self) -> dict[str | None, set[str]]:
        """The ids of the resources in each set of the newest version, by the name of the set; None is what is shared."""
        return asyncio.run(self._resource_sets())

    async def _resource_sets(self) -> dict[str | None, set[str]]:
        connection = await asyncpg.connect(self._orchestrator.database.dsn)
        try:
            found = await connection.fetch(RESOURCE_SETS, self._access.environment)
        finally:
            await connection.close()
        sets: defaultdict[str | None, set[str]] = defaultdict(set)
        for name, resource_id in found:
            sets[name] |= set() if resource_id is None else {resource_id}
        return dict(sets)

    def _reports(self) -> list[dict[str, Any]]:
        answer = self._access.client.get_compile_reports(tid=self._access.environment, limit=100)
        assert answer.code == 200, answer.result
        assert answer.result is not None
        return list(answer.result["data"])
