"""Protocol methods for what a service instance has besides attributes: its state, options, metadata and version."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import uuid
from typing import Any

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS
from inmanta.types import ResourceIdStr

from inmanta_lsm.methods.label import LsmAuthorizationLabel


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/state",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_set_state(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int, target_state: str, message: str
) -> None:
    """
    Move a service instance to another state, along an edge of its lifecycle.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param target_state: the name of the state to go to
    :param message: why the state is set
    :raises BadRequest: the lifecycle has no such edge
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version, or it cannot be validated as compiles are switched off
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/config",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_get_config(tid: uuid.UUID, service_entity: str, service_id: uuid.UUID) -> dict[str, bool]:
    """
    Get the configuration options of the lifecycle that were set for a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :return: the value of each option that was set
    :raises NotFound: the service entity or the service instance does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/config",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_set_config(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, current_version: int, values: dict[str, bool]
) -> dict[str, bool]:
    """
    Set configuration options of the lifecycle for a service instance. They take precedence over those of the service entity.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param values: The options to set. Options that are not named keep their value.
    :return: the value of each option that is set now
    :raises BadRequest: the lifecycle has no such option
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/metadata/<key>",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_set_metadata(
    tid: uuid.UUID, service_entity: str, service_id: uuid.UUID, key: str, current_version: int, value: str
) -> None:
    """
    Store a text with a service instance.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param key: the name under which the text is stored
    :param current_version: the version the instance is expected to have
    :param value: the text
    :raises BadRequest: the instance is deleted
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_MIGRATE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/update_entity_version",
    operation="PATCH",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
    document_in_service_swagger=True,
)
def lsm_services_update_entity_version(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    current_version: int,
    target_entity_version: int,
    state: str,
    candidate_attributes: dict[str, Any] | None = None,
    active_attributes: dict[str, Any] | None = None,
    rollback_attributes: dict[str, Any] | None = None,
) -> None:
    """
    Migrate a service instance to another version of its service entity. This cannot be undone.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param current_version: the version the instance is expected to have
    :param target_entity_version: the version of the service entity to migrate to
    :param state: the state of that version's lifecycle that the instance gets
    :param candidate_attributes: the new candidate attributes, null clears them
    :param active_attributes: the new active attributes, null clears them
    :param rollback_attributes: the new rollback attributes, null clears them
    :raises BadRequest: all sets are null, a set does not fit the version, or its lifecycle has no such state
    :raises NotFound: the service entity, its version or the service instance does not exist
    :raises Conflict: the instance has another version
    """


@auth(auth_label=LsmAuthorizationLabel.INSTANCE_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/repair",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    document_in_service_swagger=True,
)
def lsm_services_repair(tid: uuid.UUID, service_entity: str, service_id: uuid.UUID) -> ReturnValue[list[ResourceIdStr]]:
    """
    Deploy the resources of a service instance once more, whatever is known about them, and report the result.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :return: the ids of the resources that are deployed; none when the instance is not exported
    :raises BadRequest: the release of inmanta-core, older than 20, can only repair whole agents
    :raises NotFound: the service entity or the service instance does not exist
    :raises Conflict: the environment is halted
    :raises ServiceUnavailable: the scheduler of the environment cannot be reached
    """
