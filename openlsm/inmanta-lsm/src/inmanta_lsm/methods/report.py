"""The protocol method with which an agent reports that the resources of a service instance are deployed."""

import uuid

from inmanta.const import ClientType
from inmanta.protocol.decorators import typedmethod
from inmanta.protocol.methods import ENV_OPTS


@typedmethod(
    path="/service_inventory/<service_entity>/<service_id>/deployment_report",
    operation="POST",
    arg_options=ENV_OPTS,
    client_types=[ClientType.agent],
    agent_server=True,
    api_prefix="lsm",
    api_version=1,
)
def lsm_services_report_deployment(
    tid: uuid.UUID,
    service_entity: str,
    service_id: uuid.UUID,
    next_version: int,
    next_desired_state_version: int,
    success: bool,
    failed_resources: list[str],
) -> None:
    """
    Report how the deployment of a service instance ended. A report that came too late is ignored.

    :param tid: the id of the environment
    :param service_entity: the name of the service entity
    :param service_id: the id of the service instance
    :param next_version: the version that the deployed instance would get next
    :param next_desired_state_version: the desired state version that the deployed instance would get next
    :param success: whether all resources are deployed
    :param failed_resources: the ids of the resources that failed
    :raises NotFound: the service instance does not exist
    """
