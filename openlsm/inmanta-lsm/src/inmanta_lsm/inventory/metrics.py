"""What the environment metrics of the server tell about services: how many, how instances flow, and where they are stuck."""

import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Sequence

import asyncpg
from inmanta.data import Environment
from inmanta.server.services.environment_metrics_service import (
    EnvironmentMetricsService,
    MetricsCollector,
    MetricType,
    MetricValue,
)

from inmanta_lsm.data import documents
from inmanta_lsm.data.instance_counts import count_states
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.transaction import Change
from inmanta_lsm.model import LabelCount

_ENTITIES = documents.ServiceEntity.table_name()
_INSTANCES = documents.ServiceInstance.table_name()

SERVICES = f"SELECT environment, count(*)::int AS value FROM {_ENTITIES} WHERE is_default GROUP BY environment"
"""The services in the catalog."""

LABELS = f"""
    WITH counts AS (
        SELECT environment, service_entity, service_entity_version, state, count(*) AS instances
        FROM {_INSTANCES} WHERE NOT deleted GROUP BY environment, service_entity, service_entity_version, state
    ), labels AS (
        SELECT entity.environment, entity.name, entity.version, state->>'name' AS state, state->>'label' AS label
        FROM {_ENTITIES} AS entity CROSS JOIN LATERAL json_array_elements(entity.definition->'lifecycle'->'states') AS state
    )
    SELECT counts.environment, coalesce(labels.label, 'no_label') AS grouped_by, sum(counts.instances)::int AS value
    FROM counts
    LEFT JOIN labels
        ON labels.environment = counts.environment
        AND labels.name = counts.service_entity
        AND labels.version = counts.service_entity_version
        AND labels.state = counts.state
    GROUP BY 1, 2
"""
"""The instances that are not deleted, by the label of their state."""

QUEUE = "SELECT environment, count(*)::int AS value FROM compile WHERE completed IS NULL GROUP BY environment"
"""The compiles that wait or run."""

OLDEST = f"""
    SELECT environment, max(extract(epoch FROM now() - last_updated))::int AS value
    FROM {_INSTANCES} WHERE NOT deleted AND transfer_context = 'auto' GROUP BY environment
"""
"""For how many seconds the instance that waits longest has been on its way to its next state."""


async def _environments(connection: asyncpg.Connection) -> list[uuid.UUID]:
    return [record["id"] for record in await connection.fetch(f"SELECT id FROM {Environment.table_name()}")]


class _Reading(MetricsCollector):
    """A number at a moment."""

    def __init__(self, name: str) -> None:
        """:param name: under which clients ask for it"""
        self._name = name

    def get_metric_name(self) -> str:
        """The name under which clients ask for the metric."""
        return self._name

    def get_metric_type(self) -> MetricType:
        """The kind of metric: a reading at a moment."""
        return MetricType.GAUGE


class Gauge(_Reading):
    """A reading of the database. What is not found there is zero."""

    def __init__(self, name: str, query: str, *, groups: Collection[str] = ()) -> None:
        """
        :param query: gives values by ``environment``
        :param groups: what the values of an environment are grouped by, which the query gives as ``grouped_by``
        """
        super().__init__(name)
        self._query = query
        self._groups = groups

    async def get_metric_value(
        self, start_interval: datetime.datetime, end_interval: datetime.datetime, connection: asyncpg.Connection
    ) -> Sequence[MetricValue]:
        """
        Read the metric.

        :param start_interval: start of the collection interval, which a reading ignores
        :param end_interval: end of the collection interval, which a reading ignores
        """
        records = await connection.fetch(self._query)
        values = {(record["environment"], record.get("grouped_by")): record["value"] for record in records}
        wanted = [(environment, group) for environment in await _environments(connection) for group in self._groups or (None,)]
        return [
            MetricValue(self._name, values.get((environment, group), 0), environment, group) for environment, group in wanted
        ]


class StateCount(_Reading):
    """How many instances of each service are in each state: what is in no state of a service is not told."""

    async def get_metric_value(
        self, start_interval: datetime.datetime, end_interval: datetime.datetime, connection: asyncpg.Connection
    ) -> Sequence[MetricValue]:
        """
        Read the metric.

        :param start_interval: start of the collection interval, which a reading ignores
        :param end_interval: end of the collection interval, which a reading ignores
        """
        return [
            MetricValue(self._name, instances, environment, f"{service_entity}/{state}")
            for environment in await _environments(connection)
            for service_entity, counts in (await count_states(connection, environment)).items()
            for state, instances in counts.items()
        ]


class FailureCount(_Reading):
    """How many transfers failed, or led to the error state of their edge, since the metrics were collected the last time."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._failures: Counter[uuid.UUID] = Counter()

    async def committed(self, environment: uuid.UUID, changes: Sequence[Change]) -> None:
        """
        Count the failures of a transaction.

        :param changes: what was carried out
        """
        self._failures[environment] += sum(
            1 for change in changes if change.decision.is_transfer and any(event.is_error_transition for event in change.events)
        )

    async def get_metric_value(
        self, start_interval: datetime.datetime, end_interval: datetime.datetime, connection: asyncpg.Connection
    ) -> Sequence[MetricValue]:
        """
        Give the count, and start again.

        :param start_interval: start of the collection interval, which is the end of the one before
        :param end_interval: end of the collection interval
        """
        counted, self._failures = self._failures, Counter()
        return [MetricValue(self._name, counted[environment], environment) for environment in await _environments(connection)]


def register_metrics(service: EnvironmentMetricsService, engine: Engine) -> None:
    """
    Have the metrics collected.

    :param service: the slice of the server that collects metrics
    :param engine: carries out the transfers
    """
    failures = FailureCount("lsm.failed_transfer_count")
    engine.add_listener(failures)
    for collector in (
        Gauge("lsm.service_count", SERVICES),
        Gauge("lsm.service_instance_count", LABELS, groups=[*LabelCount.model_fields]),
        StateCount("lsm.instance_count_by_state"),
        Gauge("lsm.compile_queue_length", QUEUE),
        Gauge("lsm.oldest_waiting_transfer_age", OLDEST),
        failures,
    ):
        service.register_metric_collector(collector)
