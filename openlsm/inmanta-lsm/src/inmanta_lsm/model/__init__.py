"""
The data model of the LSM, as it travels over the API.

It has service entities with their attributes and lifecycle, service instances with their log and events, edits and callbacks.
Orders and diagnoses have modules of their own, with import paths of their own: ``inmanta_lsm.order.model`` and
``inmanta_lsm.diagnose.model``.
"""

from inmanta_lsm.model.attribute import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    Modifier,
    ServiceAttribute,
    ServiceAttributeHolder,
    ServiceRelation,
)
from inmanta_lsm.model.callback import Callback
from inmanta_lsm.model.edit import AttributeSetName, EditOperation, PatchCallEdit
from inmanta_lsm.model.entity import InstanceSummary, LabelCount, ServiceEntity, ServiceEntityVersions, definition_of
from inmanta_lsm.model.event import EventType, ServiceInstanceEvent
from inmanta_lsm.model.instance import (
    DeploymentProgress,
    ModelState,
    Resource,
    ResourceState,
    ServiceInstance,
    ServiceInstanceLog,
    TransferContext,
)
from inmanta_lsm.model.lifecycle import (
    AttributeOperation,
    AttributeSet,
    Lifecycle,
    LifecycleState,
    LifecycleTransfer,
    State,
    StateLabel,
    StateTransfer,
)

__all__ = [
    "AttributeOperation",
    "AttributeSet",
    "AttributeSetName",
    "Callback",
    "DeploymentProgress",
    "EditOperation",
    "EmbeddedServiceEntity",
    "EventType",
    "InstanceSummary",
    "InterServiceRelation",
    "LabelCount",
    "Lifecycle",
    "LifecycleState",
    "LifecycleTransfer",
    "ModelState",
    "Modifier",
    "PatchCallEdit",
    "Resource",
    "ResourceState",
    "ServiceAttribute",
    "ServiceAttributeHolder",
    "ServiceEntity",
    "ServiceEntityVersions",
    "ServiceInstance",
    "ServiceInstanceEvent",
    "ServiceInstanceLog",
    "ServiceRelation",
    "State",
    "StateLabel",
    "StateTransfer",
    "TransferContext",
    "definition_of",
]
