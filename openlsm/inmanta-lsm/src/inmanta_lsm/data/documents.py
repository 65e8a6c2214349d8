"""The documents of the extension: one class for each table, field for column."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any, override

from asyncpg import Connection, Record
from inmanta.data import BaseDocument

type Row = Mapping[str, Any] | Record


class ServiceEntity(BaseDocument):
    """
    One version of a service entity.

    :param definition: the dumped model, without environment, config, instance summary and owned entities
    :param config: the explicitly set values of the config names of the lifecycle
    """

    __primary_key__ = ("environment", "name", "version")

    environment: uuid.UUID
    name: str
    version: int
    is_default: bool
    definition: dict[str, Any]
    config: dict[str, Any] = {}  # noqa: RUF012 the document class copies defaults

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_serviceentity"


class ServiceInstance(BaseDocument):
    """
    The current content of a service instance.

    :param auto_done: the auto transfer of the state had its outcome in this version
    :param report_pending: a deployment report for this version is being waited for
    :param last_report: the report that caused the last resource-based transfer
    """

    __primary_key__ = ("environment", "id")

    environment: uuid.UUID
    id: uuid.UUID
    service_entity: str
    service_entity_version: int
    version: int
    desired_state_version: int
    config: dict[str, Any] = {}  # noqa: RUF012
    state: str
    candidate_attributes: dict[str, Any] | None = None
    active_attributes: dict[str, Any] | None = None
    rollback_attributes: dict[str, Any] | None = None
    created_at: datetime.datetime
    last_updated: datetime.datetime
    deleted: bool = False
    service_identity_attribute_value: str | None = None
    transfer_context: str
    auto_done: bool = False
    report_pending: bool = False
    last_report: dict[str, Any] | None = None

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_serviceinstance"


class ServiceInstanceMetadata(BaseDocument):
    """One metadata value of a service instance."""

    __primary_key__ = ("environment", "service_instance_id", "key")

    environment: uuid.UUID
    service_instance_id: uuid.UUID
    key: str
    value: str

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_serviceinstancemetadata"


class ServiceInstanceLog(BaseDocument):
    """A service instance as it was after the transfer that led to this version."""

    __primary_key__ = ("environment", "service_instance_id", "version")

    environment: uuid.UUID
    service_instance_id: uuid.UUID
    version: int
    desired_state_version: int
    service_entity: str
    service_entity_version: int
    timestamp: datetime.datetime
    config: dict[str, Any]
    state: str
    candidate_attributes: dict[str, Any] | None = None
    active_attributes: dict[str, Any] | None = None
    rollback_attributes: dict[str, Any] | None = None
    created_at: datetime.datetime
    last_updated: datetime.datetime
    deleted: bool
    service_identity_attribute_value: str | None = None
    transfer_context: str

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_serviceinstancelog"


class ServiceInstanceEvent(BaseDocument):
    """
    Something that happened to a service instance.

    :param is_outcome: this is the last event of its flow (its correlation id)
    """

    __primary_key__ = ("environment", "id")

    environment: uuid.UUID
    id: uuid.UUID
    service_instance_id: uuid.UUID
    service_instance_version: int
    service_desired_state_version: int
    timestamp: datetime.datetime
    source: str | None = None
    destination: str | None = None
    message: str
    ignored_transition: bool = False
    event_correlation_id: uuid.UUID
    severity: int
    id_compile_report: uuid.UUID | None = None
    event_type: str
    is_error_transition: bool = False
    is_outcome: bool = False

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_serviceinstanceevent"


class Callback(BaseDocument):
    """
    A receiver of events.

    :param event_types: names of the event types to send; null for all
    :param minimal_log_level: name of the lowest level to send; null for all
    """

    __primary_key__ = ("environment", "id")

    environment: uuid.UUID
    id: uuid.UUID
    service_entity: str
    url: str
    event_types: list[str] | None = None
    minimal_log_level: str | None = None

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_callback"


class Order(BaseDocument):
    """A service order."""

    __primary_key__ = ("environment", "id")

    environment: uuid.UUID
    id: uuid.UUID
    description: str
    created_at: datetime.datetime
    completed_at: datetime.datetime | None = None
    state: str

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_order"


class OrderItem(BaseDocument):
    """
    One item of a service order.

    :param edits: ``{"edits": [...]}``: a bare list would be sent to the database as an SQL array
    :param dependencies: the instances whose items must be completed first
    :param start_version: version of the instance right after the item was started; null before
    """

    __primary_key__ = ("environment", "order_id", "instance_id")

    environment: uuid.UUID
    order_id: uuid.UUID
    instance_id: uuid.UUID
    service_entity: str
    action: str
    config: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None
    edits: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    dependencies: list[uuid.UUID] = []  # noqa: RUF012
    state: str
    failure_type: str | None = None
    reason: str | None = None
    start_version: int | None = None
    validation_compile_id: uuid.UUID | None = None
    instance_state_label: str | None = None
    service_identity_attribute_value: str | None = None
    service_identity_display_name: str | None = None

    @classmethod
    @override
    def table_name(cls) -> str:
        return "lsm_orderitem"


async def clear(connection: Connection, environment: uuid.UUID) -> None:
    """
    Remove everything of an environment.

    :param connection: in a transaction
    """
    # The instances go with their service entities, their history and metadata with the instances, the items with the orders.
    for document in (ServiceEntity, Callback, Order):
        await connection.execute(f"DELETE FROM {document.table_name()} WHERE environment = $1", environment)
