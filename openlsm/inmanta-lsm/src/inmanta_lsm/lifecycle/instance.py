"""A service instance at one moment, as plain data: what the lifecycle decides on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from inmanta_lsm.attributes.sets import AttributeSets


@dataclass(frozen=True, slots=True)
class DeploymentReport:
    """
    The result of the deployment of an instance, as the handler of the transfer resource sends it.

    :param next_version: the version that the instance would get when it was still as it was exported
    :param next_desired_state_version: the same for the desired state version
    :param success: whether all resources are deployed
    :param failed_resources: ids of the resources that are not; they do not make two reports different
    """

    next_version: int
    next_desired_state_version: int
    success: bool
    failed_resources: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class EnvironmentOptions:
    """
    What the lifecycle needs to know about an environment.

    :param server_compile: whether the server compiles at all
    :param transfer_optimization: whether transfers that keep the desired state are not exported
    :param partial_compile: whether only the instances that are involved are compiled
    :param batched: whether waiting partial exports are merged
    """

    id: uuid.UUID
    name: str
    server_compile: bool = True
    transfer_optimization: bool = False
    partial_compile: bool = False
    batched: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


@dataclass(frozen=True, slots=True)
class Instance:
    """
    A service instance.

    :param auto_done: the auto transfer of the state had its outcome in this version: it does not start by itself again
    :param report_pending: a deployment report for this version is being waited for
    :param last_report: the report that caused the last resource-based transfer
    """

    id: uuid.UUID
    environment: uuid.UUID
    service_entity: str
    service_entity_version: int
    version: int
    desired_state_version: int
    state: str
    sets: AttributeSets
    config: Mapping[str, bool] = field(default_factory=dict)
    deleted: bool = False
    auto_done: bool = False
    report_pending: bool = False
    last_report: DeploymentReport | None = None


@dataclass(frozen=True, slots=True)
class InstanceSets:
    """
    The part of a service instance that the definition of its service has to fit.

    :param id: the id of the service instance
    """

    id: uuid.UUID
    state: str
    sets: AttributeSets
