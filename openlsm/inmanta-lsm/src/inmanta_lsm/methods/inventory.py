"""Protocol methods of the service inventory."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import uuid
from typing import Any

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import PatchCallEdit, ServiceInstance


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
)
def lsm_services_get_by_id(
    tid: uuid.UUID,
    service_id: uuid.UUID,
    include_deployment_progress: bool = False,
    exclude_read_only_attributes: bool = False,
    include_referenced_by: bool = False,
    include_metadata: bool = False,
) -> ServiceInstance:
    """
    Get a service instance of any service by its id, also a deleted one.

    :param tid: the id of the environment
    :param service_id: the id of the service instance
    :param include_deployment_progress: whether to count the resources of the instance
    :param exclude_read_only_attributes: whether to leave out the attributes that only the allocation writes
    :param include_referenced_by: whether to list the instances that refer to this one
    :param include_metadata: whether to add what clients stored with the instance
    :return: the service instance
    :raises NotFound: the service instance does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_list(
    tid: uuid.UUID,
    service_entity: str,
    include_deleted: bool = False,
    include_deployment_progress: bool = False,
    limit: int | None = None,
    first_id: uuid.UUID | None = None,
    last_id: uuid.UUID | None = None,
    start: str | None = None,
    end: str | None = None,
    filter: dict[str, list[str]] | None = None,  # noqa: A002
    sort: str = "created_at.desc",
) -> ReturnValue[list[ServiceInstance]]:
    """
    Get the instances of a service.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param include_deleted: whether to include deleted instances
    :param include_deployment_progress: whether to count the resources of each instance
    :param limit: The greatest number of instances to return, at most 1000. Without it all of them are returned.
    :param first_id: with ``start``: instances with that very value are returned if their id is greater
    :param last_id: with ``end``: instances with that very value are returned if their id is smaller
    :param start: only instances with a greater value of the sort column are returned, whatever the order
    :param end: only instances with a smaller value of the sort column are returned, whatever the order
    :param filter: filters the instances on ``state``, ``deleted``, ``id``, ``id_or_service_identity``, the service identity,
        ``attribute_set_empty``, ``attribute_set_not_empty`` and ``service_entity_version``
    :param sort: column and order, such as ``created_at.desc``
    :return: the service instances
    :raises BadRequest: a filter, the sort column, the order or the limit is not supported
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
    document_in_service_swagger=True,
)
def lsm_services_create(
    tid: uuid.UUID,
    service_entity: str,
    attributes: dict[str, Any],
    service_instance_id: uuid.UUID | None = None,
    initial_state: str | None = None,
    service_entity_version: int | None = None,
) -> ServiceInstance:
    """
    Create a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param attributes: The attributes of the instance. What is left out takes its default.
    :param service_instance_id: the id of the instance, a random one if it is left out
    :param initial_state: one of the initial states of the lifecycle, the main one if it is left out
    :param service_entity_version: the version of the service entity, the default version if it is left out
    :return: the service instance
    :raises BadRequest: the attributes do not fit the service, or the state is no initial state
    :raises NotFound: the service entity or its version does not exist
    :raises Conflict: there is an instance with this id or this identity
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_get(
    tid: uuid.UUID,
    service_entity: str,
    service_id: str,
    current_version: int | None = None,
    include_deployment_progress: bool = False,
    exclude_read_only_attributes: bool = False,
    include_referenced_by: bool = False,
    include_metadata: bool = False,
) -> ServiceInstance:
    """
    Get a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance, or ``<service identity>=<value>``
    :param current_version: the version the instance is expected to have, any if it is left out
    :param include_deployment_progress: whether to count the resources of the instance
    :param exclude_read_only_attributes: whether to leave out the attributes that only the allocation writes
    :param include_referenced_by: whether to list the instances that refer to this one
    :param include_metadata: whether to add what clients stored with the instance
    :return: the service instance
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
    document_in_service_swagger=True,
)
def lsm_services_update(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, attributes: dict[str, Any], current_version: int
) -> None:
    """
    Update top-level attributes of a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param attributes: The attributes to update. Each value replaces the whole value of that attribute.
    :param current_version: the version the instance is expected to have
    :raises BadRequest: the attributes do not fit the service, may not change, or the state does not allow an update
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=2,
    document_in_service_swagger=True,
)
def lsm_services_patch(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    current_version: int,
    patch_id: str,
    edit: list[PatchCallEdit],
    comment: str | None = None,
) -> None:
    """
    Update a service instance by edits.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param patch_id: the name of the request, for tracing
    :param edit: the changes, applied in this order, all or none of them
    :param comment: why the instance is updated
    :raises BadRequest: an edit is invalid, its result does not fit the service, or the state does not allow an update
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>",
    operation="PUT",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
    document_in_service_swagger=True,
)
def lsm_services_put(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    put_id: str,
    current_version: int,
    attributes: dict[str, Any],
    ignore_read_only_attributes: bool = False,
    comment: str | None = None,
) -> None:
    """
    Replace all attributes of a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param put_id: the name of the request, for tracing
    :param current_version: the version the instance is expected to have
    :param attributes: All attributes. What is left out takes its default.
    :param ignore_read_only_attributes: Whether to keep the attributes that only the allocation writes, whatever their value
        in the request. If not, a value that differs is refused.
    :param comment: why the instance is updated
    :raises BadRequest: the attributes do not fit the service, may not change, or the state does not allow an update
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>",
    operation="DELETE",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_delete(tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int) -> None:
    """
    Delete a service instance, along the edge that its lifecycle has for that.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :raises BadRequest: the state does not allow a deletion
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """
