"""What the environment metrics of the server tell about the flow of instances, and where it is stuck."""

import datetime
import uuid
from collections import Counter
from collections.abc import Sequence

import asyncpg
from inmanta.data import Environment
from inmanta.server.services.environment_metrics_service import (
    EnvironmentMetricsService,
    MetricsCollector,
    MetricType,
    MetricValue,
)

from inmanta_lsm.data import documents
from inmanta_lsm.engine.engine import Engine
from inmanta_lsm.engine.transaction import Change

_INSTANCES = documents.ServiceInstance.table_name()

STATES = f"""
    SELECT environment, service_entity || '/' || state AS grouped_by, count(*)::int AS value
    FROM {_INSTANCES} WHERE NOT deleted GROUP BY environment, service_entity, state
"""
"""The instances that are not deleted, by service and state."""

QUEUE = "SELECT environment, count(*)::int AS value FROM compile WHERE completed IS NULL GROUP BY environment"
"""The compiles that wait or run."""

OLDEST = f"""
    SELECT environment, max(extract(epoch FROM now() - last_updated))::int AS value
    FROM {_INSTANCES} WHERE NOT deleted AND transfer_context = 'auto' GROUP BY environment
"""
"""For how many seconds the instance that waits longest has been on its way to its next state."""


class Gauge(MetricsCollector):
    """A reading of the database."""

    def __init__(self, name: str, query: str, *, grouped: bool = False) -> None:
        """
        :param query: gives environments with values; an environment that it does not give has none, which is zero
        :param grouped: whether it also gives what the values of an environment are grouped by
        """
        self._name = name
        self._query = query
        self._grouped = grouped

    def get_metric_name(self) -> str:
        """The name under which clients ask for the metric."""
        return self._name

    def get_metric_type(self) -> MetricType:
        """The kind of metric: a reading at a moment."""
        return MetricType.GAUGE

    async def get_metric_value(
        self, start_interval: datetime.datetime, end_interval: datetime.datetime, connection: asyncpg.Connection
    ) -> Sequence[MetricValue]:
        """
        Read the metric.

        :param start_interval: start of the collection interval, which a gauge ignores
        :param end_interval: end of the collection interval, which a gauge ignores
        """
        records = await connection.fetch(self._query)
        if self._grouped:
            return [MetricValue(self._name, found["value"], found["environment"], found["grouped_by"]) for found in records]
        values = {record["environment"]: record["value"] for record in records}
        environments = await connection.fetch(f"SELECT id FROM {Environment.table_name()}")
        return [MetricValue(self._name, values.get(found["id"], 0), found["id"]) for found in environments]


class FailureCount(MetricsCollector):
    """How many transfers failed, or led to the error state of their edge, since the metrics were collected the last time."""

    def __init__(self) -> None:
        self._failures: Counter[uuid.UUID] = Counter()

    async def committed(self, environment: uuid.UUID, changes: Sequence[Change]) -> None:
        """
        Count the failures of a transaction.

        :param changes: what was carried out
        """
        self._failures[environment] += sum(
            1 for change in changes if change.decision.is_transfer and any(event.is_error_transition for event in change.events)
        )

    def get_metric_name(self) -> str:
        """The name under which clients ask for the metric."""
        return "lsm.failed_transfer_count"

    def get_metric_type(self) -> MetricType:
        """The kind of metric: the number of the last interval."""
        return MetricType.GAUGE

    async def get_metric_value(
        self, start_interval: datetime.datetime, end_interval: datetime.datetime, connection: asyncpg.Connection
    ) -> Sequence[MetricValue]:
        """
        Give the count, and start again.

        :param start_interval: start of the collection interval, which is the end of the one before
        :param end_interval: end of the collection interval
        """
        counted, self._failures = self._failures, Counter()
        environments = await connection.fetch(f"SELECT id FROM {Environment.table_name()}")
        return [MetricValue(self.get_metric_name(), counted[found["id"]], found["id"]) for found in environments]


def register_flow_metrics(service: EnvironmentMetricsService, engine: Engine) -> None:
    """
    Have the flow of instances measured.

    :param service: the slice of the server that collects metrics
    :param engine: carries out the transfers
    """
    service.register_metric_collector(Gauge("lsm.instance_count_by_state", STATES, grouped=True))
    service.register_metric_collector(Gauge("lsm.compile_queue_length", QUEUE))
    service.register_metric_collector(Gauge("lsm.oldest_waiting_transfer_age", OLDEST))
    failures = FailureCount()
    engine.add_listener(failures)
    service.register_metric_collector(failures)
