"""The service instance, its log and the state of its deployment."""

import datetime
import uuid
from enum import StrEnum
from typing import Any, Literal

from inmanta.data.model import BaseModel
from pydantic import Field

from inmanta_lsm.model.event import ServiceInstanceEvent

type TransferContext = Literal["stable", "auto"]
"""Whether an instance stays where it is until it is asked to move, or is about to move by itself."""


class ModelState(StrEnum):
    """What a compile is for: validating a candidate or exporting what is active. The other two are history."""

    inactive = "inactive"
    candidate = "candidate"
    designed = "designed"
    active = "active"


class ResourceState(StrEnum):
    """The state of a resource, with the members of the enum of that name in inmanta-core."""

    unavailable = "unavailable"
    skipped = "skipped"
    dry = "dry"
    deployed = "deployed"
    failed = "failed"
    deploying = "deploying"
    available = "available"
    cancelled = "cancelled"
    undefined = "undefined"
    skipped_for_undefined = "skipped_for_undefined"
    non_compliant = "non_compliant"


class Resource(BaseModel):
    """
    A resource that a service instance depends on.

    :param resource_id: the id of the resource, without version
    """

    resource_id: str
    resource_state: ResourceState


class DeploymentProgress(BaseModel):
    """
    How many resources of an instance there are, and how far they are.

    :param waiting: the number of resources that neither failed nor are deployed
    """

    total: int
    failed: int
    deployed: int
    waiting: int


class ServiceInstance(BaseModel):
    """
    An instance of a service.

    :param version: counts the transfers of the instance, from 1
    :param desired_state_version: counts the transfers that may change the desired state, from 1
    :param config: the configuration options of the lifecycle that were set for this instance
    :param candidate_attributes: the attributes that are asked for and not active yet
    :param active_attributes: the attributes that are deployed
    :param rollback_attributes: the attributes that were active before
    :param callback: always empty
    :param deployment_progress: the state of the deployment, if it was asked for and there are resources
    :param service_identity_attribute_value: the value of the attribute that identifies the instance to people
    :param referenced_by: the ids of the instances that refer to this one, if they were asked for
    :param metadata: what clients stored with the instance, if it was asked for
    """

    id: uuid.UUID
    environment: uuid.UUID
    service_entity: str
    service_entity_version: int = 0
    version: int
    desired_state_version: int
    config: dict[str, bool]
    state: str
    candidate_attributes: dict[str, Any] | None
    active_attributes: dict[str, Any] | None
    rollback_attributes: dict[str, Any] | None
    created_at: datetime.datetime
    last_updated: datetime.datetime
    callback: list[str]
    deleted: bool
    deployment_progress: DeploymentProgress | None = None
    service_identity_attribute_value: str | None = None
    referenced_by: list[uuid.UUID] | None = None
    transfer_context: TransferContext = "stable"
    metadata: dict[str, str] | None = None


class ServiceInstanceLog(BaseModel):
    """
    A service instance as it was right after it got a version, with the events that led there.

    :param timestamp: when the version was written
    :param events: the events of the flow that ended in this version
    """

    service_instance_id: uuid.UUID
    environment: uuid.UUID
    service_entity: str
    service_entity_version: int = 0
    version: int
    desired_state_version: int
    timestamp: datetime.datetime
    config: dict[str, bool]
    state: str
    candidate_attributes: dict[str, Any] | None
    active_attributes: dict[str, Any] | None
    rollback_attributes: dict[str, Any] | None
    created_at: datetime.datetime
    last_updated: datetime.datetime
    callback: list[str]
    deleted: bool
    events: list[ServiceInstanceEvent] = Field(default_factory=list)
    service_identity_attribute_value: str | None = None
    transfer_context: TransferContext = "stable"

    def to_service_instance(self) -> ServiceInstance:
        """The instance as it was in this version."""
        fields = self.model_dump(exclude={"service_instance_id", "timestamp", "events"})
        return ServiceInstance(id=self.service_instance_id, **fields)
