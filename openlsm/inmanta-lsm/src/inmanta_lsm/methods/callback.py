"""Protocol methods that manage where the events of a service are sent to."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import uuid

from inmanta.const import ClientType, LogLevel
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import Callback, EventType


@auth(auth_label=LsmAuthorizationLabel.CALLBACK_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/callbacks",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_callback_list(tid: uuid.UUID, service_entity: str | None = None) -> list[Callback]:
    """
    Get the callbacks of an environment.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity whose callbacks are returned, all of them if it is left out
    :return: the callbacks
    :raises NotFound: the environment does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CALLBACK_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/callbacks",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_callback_create(
    tid: uuid.UUID,
    callback_url: str,
    service_entity: str,
    callback_id: uuid.UUID | None = None,
    minimal_log_level: LogLevel | None = None,
    event_types: list[EventType] | None = None,
) -> uuid.UUID:
    """
    Have the events of a service sent to a url.

    :param tid: the id of the environment
    :param callback_url: the http or https url that events are posted to
    :param service_entity: the name of the service entity whose events are sent
    :param callback_id: the id of the callback, a random one if it is left out
    :param minimal_log_level: the lowest severity that is sent, any if it is left out
    :param event_types: the types of events that are sent, all of them if it is left out
    :return: the id of the callback
    :raises BadRequest: the url is no http or https url
    :raises NotFound: the service entity does not exist
    :raises Conflict: there is a callback with this id
    """


@auth(auth_label=LsmAuthorizationLabel.CALLBACK_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/callbacks/<callback_id>",
    operation="DELETE",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_callback_delete(tid: uuid.UUID, callback_id: uuid.UUID) -> None:
    """
    Remove a callback.

    :param tid: the id of the environment
    :param callback_id: the id of the callback
    :raises NotFound: the callback does not exist
    """
