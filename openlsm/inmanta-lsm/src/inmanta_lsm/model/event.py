"""Events: what happened to a service instance, and why."""

import datetime
import uuid
from enum import StrEnum

from inmanta.data.model import BaseModel


class EventType(StrEnum):
    """What an event is about."""

    CREATE_TRANSITION = "CREATE_TRANSITION"
    API_SET_STATE_TRANSITION = "API_SET_STATE_TRANSITION"
    ON_UPDATE_TRANSITION = "ON_UPDATE_TRANSITION"
    ON_DELETE_TRANSITION = "ON_DELETE_TRANSITION"
    RESOURCE_TRANSITION = "RESOURCE_TRANSITION"
    RESOURCE_EVENT = "RESOURCE_EVENT"
    AUTO_TRANSITION = "AUTO_TRANSITION"
    ALLOCATION_UPDATE = "ALLOCATION_UPDATE"
    FORCE_UPDATE = "FORCE_UPDATE"
    FORCE_DELETE = "FORCE_DELETE"


class ServiceInstanceEvent(BaseModel):
    """
    Something that happened to a service instance.

    :param service_instance_version: the version of the instance in which the trigger was received
    :param service_desired_state_version: the desired state version of the instance at that moment
    :param source: the state a transfer left, if any
    :param destination: the state a transfer goes to, if any
    :param ignored_transition: whether the trigger was not executed because the instance had moved on
    :param event_correlation_id: shared by all events of one flow
    :param severity: the level of the event, as in Python's logging
    :param severity_text: the name of that level
    :param id_compile_report: the compile that was requested, if any
    :param is_error_transition: whether the error branch of the edge was followed
    """

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
    severity_text: str = "INFO"
    id_compile_report: uuid.UUID | None = None
    event_type: EventType
    is_error_transition: bool = False
