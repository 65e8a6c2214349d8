"""Callbacks: where the events of a service are sent to."""

import uuid

from inmanta.data.model import BaseModel

from inmanta_lsm.model.event import EventType


class Callback(BaseModel):
    """
    A receiver of the events of one service entity.

    :param event_types: the types of events that are sent, None for all of them
    :param minimal_log_level: the name of the lowest severity that is sent, None for all events
    :param minimal_log_level_text: the same, for display
    """

    callback_id: uuid.UUID
    url: str
    environment: uuid.UUID
    service_entity: str
    event_types: list[EventType] | None = None
    minimal_log_level: str | None = None
    minimal_log_level_text: str | None = None
