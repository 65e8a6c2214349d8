"""The service entity: the definition of a service in the catalog."""

import uuid
from typing import Any

from inmanta.data.model import BaseModel
from pydantic import Field

from inmanta_lsm.model.attribute import ServiceAttributeHolder
from inmanta_lsm.model.lifecycle import Lifecycle

COMPUTED_FIELDS = frozenset({"environment", "config", "instance_summary", "owned_entities"})
"""What a definition shows and does not consist of: its place, what was set apart from it, and what is counted."""


class LabelCount(BaseModel):
    """The number of instances per label of their state."""

    danger: int = 0
    warning: int = 0
    success: int = 0
    info: int = 0
    no_label: int = 0


class InstanceSummary(BaseModel):
    """
    How many instances of a service there are. Deleted instances do not count.

    :param by_state: the number of instances per state, for every state that is not a deleted one
    """

    by_state: dict[str, int]
    by_label: LabelCount
    total: int


class ServiceEntity(ServiceAttributeHolder):
    """
    The definition of a service.

    :param version: the version of the definition, 0 for a service without versions
    :param config: The configuration options of the lifecycle. An answer has all of them, those that were not set as true.
    :param service_identity: the attribute that identifies an instance to people, if any
    :param strict_modifier_enforcement: whether modifiers apply inside embedded entities too
    :param owner: the name of the service entity whose instances own those of this one, if any
    :param relation_to_owner: the relation that leads to the owner
    :param owned_entities: the names of the service entities that have this one as owner
    :param instance_summary: the number of instances, if it was asked for
    """

    environment: uuid.UUID
    name: str
    version: int = 0
    description: str | None = None
    lifecycle: Lifecycle
    config: dict[str, bool] = Field(default_factory=dict)
    service_identity: str | None = None
    service_identity_display_name: str | None = None
    strict_modifier_enforcement: bool = False
    key_attributes: list[str] | None = None
    owner: str | None = None
    relation_to_owner: str | None = None
    instance_summary: InstanceSummary | None = None
    owned_entities: list[str] = Field(default_factory=list)


class ServiceEntityVersions(BaseModel):
    """
    All versions of the definition of a service.

    :param default_version: the version that is used when no version is asked for
    """

    versions: list[ServiceEntity]
    default_version: int


def definition_of(entity: ServiceEntity) -> dict[str, Any]:
    """
    What a service entity consists of, as JSON.

    :param entity: the service entity
    """
    definition: dict[str, Any] = entity.model_dump(mode="json", by_alias=True, exclude=set(COMPUTED_FIELDS))
    return definition
