"""Protocol methods of the service catalog for services with versions."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import uuid
from typing import Any

from inmanta.const import ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import ServiceEntity, ServiceEntityVersions


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_list_versions(tid: uuid.UUID) -> list[ServiceEntityVersions]:
    """
    Get all versions of every service entity, ordered by name.

    :param tid: the id of the environment
    :return: the versions of each service entity
    :raises NotFound: the environment does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.compiler],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_get_entity_versions(tid: uuid.UUID, service_entity: str) -> ServiceEntityVersions:
    """
    Get all versions of a service entity.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :return: the versions of the service entity
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>",
    operation="PUT",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.compiler],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_update_entity_versions(
    tid: uuid.UUID, service_entity: str, service_entity_definitions: list[ServiceEntity], default_version: int
) -> ServiceEntityVersions:
    """
    Set the versions of a service entity, which is created if it does not exist.

    A version that is not in the list is removed. A version that exists cannot change, unless it is version 0 and the only
    version.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_entity_definitions: the definition of each version
    :param default_version: the version that is used when no version is asked for
    :return: the versions as they were stored
    :raises BadRequest: a definition breaks a rule, changes a version, or a version that has instances is missing
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/<version>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.compiler],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_get_entity_version(tid: uuid.UUID, service_entity: str, version: int) -> ServiceEntity:
    """
    Get one version of a service entity.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param version: the version of the service entity
    :return: the service entity
    :raises NotFound: the service entity or the version does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/<version>",
    operation="DELETE",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_delete_entity_version(tid: uuid.UUID, service_entity: str, version: int) -> None:
    """
    Remove one version of a service entity.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param version: the version of the service entity
    :raises BadRequest: it is the default version, or it has instances
    :raises NotFound: the service entity or the version does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/<version>/schema",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
    strict_typing=False,
)
def lsm_service_catalog_get_entity_version_schema(tid: uuid.UUID, service_entity: str, version: int) -> dict[str, Any]:
    """
    Get the JSON schema of the attributes with which an instance of a version is created or edited.

    Its properties are what users write. What was allocated may be there too, so that an attribute set can be edited around it.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param version: the version of the service entity
    :return: the JSON schema
    :raises NotFound: the service entity or the version does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/<version>/config",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_get_entity_version_config(tid: uuid.UUID, service_entity: str, version: int) -> dict[str, bool]:
    """
    Get all configuration options of the lifecycle of a version. An option that was not set is true.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param version: the version of the service entity
    :return: the value of each option
    :raises NotFound: the service entity or the version does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/<version>/config",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=2,
)
def lsm_service_catalog_set_entity_version_config(
    tid: uuid.UUID, service_entity: str, version: int, values: dict[str, bool]
) -> dict[str, bool]:
    """
    Set configuration options of the lifecycle of a version. Options that are not named keep their value.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param version: the version of the service entity
    :param values: The options to set. An option that is false switches off the auto transfers that name it.
    :return: the value of each option now
    :raises BadRequest: the lifecycle has no such option
    :raises NotFound: the service entity or the version does not exist
    """
