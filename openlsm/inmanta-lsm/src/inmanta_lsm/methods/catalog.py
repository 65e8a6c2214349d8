"""Protocol methods of the service catalog."""

# The methods declare an interface: the server handles them, so they have no body.
# mypy: disable-error-code="empty-body"

import uuid
from typing import Any

from inmanta.const import ApiDocsFormat, ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ArgOption, ReturnValue
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS, convert_environment
from inmanta.protocol.openapi.model import OpenAPI

from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.model import ServiceEntity


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_list(tid: uuid.UUID, instance_summary: bool = False) -> list[ServiceEntity]:
    """
    Get the default version of every service entity, ordered by name.

    :param tid: the id of the environment
    :param instance_summary: whether to count the instances of each service
    :return: the service entities
    :raises NotFound: the environment does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_create_entity(tid: uuid.UUID, service_entity_definition: ServiceEntity) -> ServiceEntity:
    """
    Add a service entity to the catalog.

    :param tid: the id of the environment
    :param service_entity_definition: the definition of the service
    :return: the service entity as it was stored
    :raises BadRequest: the definition breaks a rule
    :raises Conflict: there is a service entity of that name
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.agent, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_get_entity(
    tid: uuid.UUID, service_entity: str, instance_summary: bool = False, version: int | None = None
) -> ServiceEntity:
    """
    Get a service entity.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param instance_summary: whether to count the instances of the service
    :param version: the version of the service entity, the default version if it is left out
    :return: the service entity
    :raises NotFound: the service entity or the version does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>",
    operation="PUT",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api, ClientType.compiler],
    api_prefix="lsm",
    api_version=1,
    varkw=True,
)
def lsm_service_catalog_update_entity(
    tid: uuid.UUID,
    service_entity: str,
    service_entity_definition: ServiceEntity,
    allow_instance_updates: bool = True,
    **kwargs: object,
) -> ServiceEntity:
    """
    Replace the definition of a service without versions.

    The attribute sets of the existing instances follow the new definition: attributes that are new get their default,
    attributes that are gone are dropped. That cannot be undone.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_entity_definition: the new definition of the service
    :param allow_instance_updates: Whether the attribute sets of instances may be changed. If not, a definition that would
        change one is refused.
    :param kwargs: flags of other generations of this call, which are ignored
    :return: the service entity as it was stored
    :raises BadRequest: the definition breaks a rule, does not fit the instances, or the service has versions
    :raises NotFound: the service entity does not exist
    :raises Conflict: the service identity that is added is not unique among the instances
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>",
    operation="DELETE",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_delete_entity(tid: uuid.UUID, service_entity: str) -> None:
    """
    Remove a service entity with all its versions, and what is left of its deleted instances.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :raises BadRequest: the service has instances
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/schema",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    strict_typing=False,
)
def lsm_service_catalog_get_schema(tid: uuid.UUID, service_entity: str) -> dict[str, Any]:
    """
    Get the JSON schema of the attributes with which an instance is created or edited.

    Its properties are what users write. What was allocated may be there too, so that an attribute set can be edited around it.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :return: the JSON schema
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_READ, read_only=True, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/config",
    operation="GET",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_get_config(tid: uuid.UUID, service_entity: str) -> dict[str, bool]:
    """
    Get all configuration options of the lifecycle. An option that was not set is true.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :return: the value of each option
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/service_catalog/<service_entity>/config",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_service_catalog_set_config(tid: uuid.UUID, service_entity: str, values: dict[str, bool]) -> dict[str, bool]:
    """
    Set configuration options of the lifecycle. Options that are not named keep their value.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param values: The options to set. An option that is false switches off the auto transfers that name it.
    :return: the value of each option now
    :raises BadRequest: the lifecycle has no such option
    :raises NotFound: the service entity does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.DOCS_READ, read_only=True, environment_param="environment")
@typedmethod(
    path="/service_catalog_docs",
    operation="GET",
    arg_options={"environment": ArgOption(getter=convert_environment)},
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
    token_param="token",
)
def lsm_services_openapi_docs(
    environment: uuid.UUID,
    format: ApiDocsFormat | None = ApiDocsFormat.swagger,  # noqa: A002
    token: str | None = None,
) -> ReturnValue[OpenAPI | str]:
    """
    Get the documentation of the API for each service of the catalog.

    :param environment: the id of the environment
    :param format: use 'openapi' to get the schema in json format, leave empty or use 'swagger' to get the Swagger-UI view
    :param token: if provided, use this token to authorize the request instead of the value from the authorization header
    :return: the documentation
    :raises NotFound: the environment does not exist
    """


@auth(auth_label=LsmAuthorizationLabel.CATALOG_WRITE, read_only=False, environment_param="tid")
@typedmethod(
    path="/exporter/export_service_definition",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.api],
    api_prefix="lsm",
    api_version=1,
)
def lsm_export_service_definition(tid: uuid.UUID, force_update: bool = True) -> None:
    """
    Update the project, export its service entities to the catalog and recompile it with their instances.

    :param tid: the id of the environment
    :param force_update: whether to update the project and its modules first
    :raises NotFound: the environment does not exist
    """
