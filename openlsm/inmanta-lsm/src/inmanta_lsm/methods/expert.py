"""Protocol methods that repair a service instance by hand, around its lifecycle. The environment has to allow them."""

import uuid

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ArgOption
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import AttributeOperation, AttributeSetName, PatchCallEdit
from inmanta_lsm.protocol.text import as_sent


async def decode_header(text: str, metadata: dict[str, str]) -> str:
    """
    Read a text in a header, as the protocol wants it.

    :param text: the header as the server read it
    :param metadata: required by the protocol, not used
    """
    return as_sent(text)


@auth(auth_label=LsmAuthorizationLabel.EXPERT_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/expert/state",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_services_expert_set_state(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    target_state: str,
    message: str,
    current_version: int | None = None,
    operation: AttributeOperation | None = None,
) -> None:
    """
    Force a service instance into a state.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param target_state: the name of any state of the lifecycle
    :param message: why the state is forced
    :param current_version: the version the instance is expected to have, any if it is left out
    :param operation: what to do with the attribute sets first
    :raises BadRequest: the lifecycle has no such state, or the operation is impossible
    :raises Forbidden: the environment does not allow expert calls
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.EXPERT_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/expert",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_services_expert_update(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    attribute_set_name: AttributeSetName,
    edit: list[PatchCallEdit],
    patch_id: str,
    current_version: int | None = None,
    comment: str | None = None,
) -> None:
    """
    Edit an attribute set of a service instance, without any check of the result.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param attribute_set_name: the attribute set to edit
    :param edit: the changes, applied in this order, all or none of them
    :param patch_id: the name of the request, for tracing
    :param current_version: the version the instance is expected to have, any if it is left out
    :param comment: why the attributes are forced
    :raises BadRequest: an edit is invalid
    :raises Forbidden: the environment does not allow expert calls
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.EXPERT_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/expert",
    operation="DELETE",
    arg_options={**ENV_OPTS, "message": ArgOption(header="message", reply_header=False, getter=decode_header)},
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_services_expert_delete(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int | None = None, message: str = ""
) -> None:
    """
    Remove a service instance from the inventory. Its resources go with the next compile that involves it.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have, any if it is left out
    :param message: why the instance is removed
    :raises Forbidden: the environment does not allow expert calls
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """
