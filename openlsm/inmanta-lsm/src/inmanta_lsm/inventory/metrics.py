"""What the environment metrics of the server tell about services."""

import datetime
import uuid
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
from inmanta_lsm.model import LabelCount


class ServiceCount(MetricsCollector):
    """The number of services in the catalog of each environment."""

    def get_metric_name(self) -> str:
        """The name under which clients ask for the metric."""
        return "lsm.service_count"

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
        :return: one value for each environment, zeros included
        """
        records = await connection.fetch(
            f"""
            SELECT environment.id AS environment, count(entity.name) AS services
            FROM {Environment.table_name()} AS environment
            LEFT JOIN {documents.ServiceEntity.table_name()} AS entity
                ON entity.environment = environment.id AND entity.is_default
            GROUP BY environment.id
            """
        )
        return [MetricValue(self.get_metric_name(), record["services"], record["environment"]) for record in records]


class ServiceInstanceCount(MetricsCollector):
    """The number of service instances of each environment that are not deleted, per label of their state."""

    def get_metric_name(self) -> str:
        """The name under which clients ask for the metric."""
        return "lsm.service_instance_count"

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
        :return: one value for each environment and label, zeros included
        """
        records = await connection.fetch(
            f"""
            WITH counts AS (
                SELECT environment, service_entity, service_entity_version, state, count(*) AS instances
                FROM {documents.ServiceInstance.table_name()}
                WHERE NOT deleted
                GROUP BY environment, service_entity, service_entity_version, state
            ), labels AS (
                SELECT entity.environment, entity.name, entity.version, state->>'name' AS state, state->>'label' AS label
                FROM {documents.ServiceEntity.table_name()} AS entity
                CROSS JOIN LATERAL json_array_elements(entity.definition->'lifecycle'->'states') AS state
            )
            SELECT counts.environment, coalesce(labels.label, 'no_label') AS label, sum(counts.instances)::int AS instances
            FROM counts
            LEFT JOIN labels
                ON labels.environment = counts.environment
                AND labels.name = counts.service_entity
                AND labels.version = counts.service_entity_version
                AND labels.state = counts.state
            GROUP BY 1, 2
            """
        )
        counts: dict[tuple[uuid.UUID, str], int] = {
            (record["environment"], record["label"]): record["instances"] for record in records
        }
        environments = await connection.fetch(f"SELECT id FROM {Environment.table_name()}")
        return [
            MetricValue(self.get_metric_name(), counts.get((record["id"], label), 0), record["id"], label)
            for record in environments
            for label in LabelCount.model_fields
        ]


def register_metrics(service: EnvironmentMetricsService) -> None:
    """
    Have the metrics of services collected.

    :param service: the slice of the server that collects metrics
    """
    service.register_metric_collector(ServiceCount())
    service.register_metric_collector(ServiceInstanceCount())
