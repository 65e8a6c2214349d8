"""Protocol methods with which the compiler stores the values it allocates."""

import uuid
from typing import Any

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import PatchCallEdit


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/update_attributes",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
)
def lsm_services_update_attributes(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int, attributes: dict[str, Any]
) -> None:
    """
    Store allocated values in the candidate attributes of a service instance. The version of the instance stays.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param attributes: The attributes to write. Each value replaces the whole value of that attribute.
    :raises BadRequest: a value does not fit the service, or the instance has no attributes at all
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/update_attributes",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=2,
)
def lsm_services_update_attributes_v2(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    current_version: int,
    patch_id: str,
    edit: list[PatchCallEdit],
    comment: str | None = None,
) -> None:
    """
    Store allocated values in the candidate attributes of a service instance, by edits. The version of the instance stays.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param patch_id: the name of the request, for tracing
    :param edit: the changes, applied in this order, all or none of them
    :param comment: why the values are written
    :raises BadRequest: an edit is invalid or its result does not fit the service, or the instance has no attributes at all
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """
