"""
From rows of the database to what the API answers.
"""

import logging
from collections.abc import Mapping
from typing import Any

from asyncpg import Record

from inmanta_lsm.model import ServiceInstance, ServiceInstanceEvent, ServiceInstanceLog

type Row = Mapping[str, Any] | Record

INSTANCE_COLUMNS = (
    "id, environment, service_entity, service_entity_version, version, desired_state_version, config, state,"
    " candidate_attributes, active_attributes, rollback_attributes, created_at, last_updated, deleted,"
    " service_identity_attribute_value, transfer_context"
)
"""The columns of an instance that its model shows; the others are the memory of the lifecycle engine."""


def to_instance(record: Row) -> ServiceInstance:
    """
    Make an instance from its row.

    :param record: The row, with at least :data:`INSTANCE_COLUMNS`.
    """
    return ServiceInstance(callback=[], **record)


def to_log(record: Row, events: list[ServiceInstanceEvent]) -> ServiceInstanceLog:
    """
    Make a log entry from its row.

    :param record: The row, with all columns of the log.
    :param events: The events that led to this version, the oldest one first.
    """
    return ServiceInstanceLog(callback=[], events=events, **record)


def to_event(record: Row) -> ServiceInstanceEvent:
    """
    Make an event from its row.

    :param record: The row, with all columns of an event; what the model does not have is left out.
    """
    return ServiceInstanceEvent(severity_text=logging.getLevelName(record["severity"]), **record)
