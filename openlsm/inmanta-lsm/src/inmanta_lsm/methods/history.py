"""Protocol methods that tell what happened to a service instance and to its resources."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import datetime
import uuid

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import Resource, ServiceInstanceEvent, ServiceInstanceLog
from inmanta_lsm.model.diagnosis import FullDiagnosis


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/log",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_service_log_list(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    limit: int | None = None,
    start: int | None = None,
    end: int | None = None,
    sort: str = "version.desc",
    filter: dict[str, list[str]] | None = None,  # noqa: A002
) -> ReturnValue[list[ServiceInstanceLog]]:
    """
    Get the log of a service instance: one entry for each of its versions.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param limit: The greatest number of entries to return. Without it all of them are returned.
    :param start: only greater versions are returned, whatever the order
    :param end: only smaller versions are returned, whatever the order
    :param sort: ``version.desc`` or ``version.asc``
    :param filter: filters the entries on ``version``, such as ``ge:5``
    :return: the log entries
    :raises BadRequest: a filter, the sort column, the order or the limit is not supported
    :raises NotFound: the service entity or the service instance does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/events",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_events_list(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    limit: int | None = None,
    first_id: uuid.UUID | None = None,
    last_id: uuid.UUID | None = None,
    start: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
    filter: dict[str, list[str]] | None = None,  # noqa: A002
    sort: str = "timestamp.desc",
) -> ReturnValue[list[ServiceInstanceEvent]]:
    """
    Get the events of a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param limit: the greatest number of events to return, at most 1000
    :param first_id: with ``start``: events of that very time are returned if their id is greater
    :param last_id: with ``end``: events of that very time are returned if their id is smaller
    :param start: only later events are returned, whatever the order
    :param end: only earlier events are returned, whatever the order
    :param filter: filters the events on ``source``, ``destination``, ``version``, ``event_type`` and ``timestamp``
    :param sort: ``timestamp.desc`` or ``timestamp.asc``
    :return: the events
    :raises BadRequest: a filter, the sort column, the order or the limit is not supported
    :raises NotFound: the service entity or the service instance does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/resources",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_resources_list(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int
) -> list[Resource]:
    """
    Get the resources of a service instance with their state.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :return: the resources
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/diagnose",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_diagnose(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    version: int | None = None,
    rejection_lookbehind: int = 1,
    failure_lookbehind: int = 1,
) -> FullDiagnosis:
    """
    Find out why a service instance was rejected or failed.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param version: the version of the instance to look from, its current version if it is left out
    :param rejection_lookbehind: the number of earlier versions in which to look for rejections
    :param failure_lookbehind: the number of earlier versions in which to look for failures
    :return: the rejections and failures
    :raises NotFound: the service entity, the service instance or its version does not exist
    """
