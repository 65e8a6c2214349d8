"""Names that the server, the compiler and the clients of LSM agree on."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

ENV_NO_INSTANCES: Final[str] = "lsm_no_instances"
"""Set to ``true`` for a compile that exports the service entities: no instance is unrolled."""

ENV_INSTANCE_ID: Final[str] = "inmanta_instance_id"
"""The instance a validation compile is about, or the space separated instances of a partial export."""

ENV_INSTANCE_VERSION: Final[str] = "inmanta_instance_version"
"""The version of the instance a validation compile is about."""

ENV_MODEL_STATE: Final[str] = "inmanta_model_state"
"""What the compile is for, a value of :class:`inmanta_lsm.model.ModelState`."""

ENV_PARTIAL_COMPILE: Final[str] = "inmanta_partial_compile"
"""``True`` when only the instances of :data:`ENV_INSTANCE_ID` and what belongs to them are compiled."""

LSM_ENV_VARS: Final[Sequence[str]] = (
    ENV_NO_INSTANCES,
    ENV_INSTANCE_ID,
    ENV_INSTANCE_VERSION,
    ENV_MODEL_STATE,
    ENV_PARTIAL_COMPILE,
)
"""Every environment variable that LSM passes to a compile."""


DATABASE_UNAVAILABLE: Final[str] = "The database is not available at the moment"
"""
The beginning of the message of an answer 503. In the output of a compile it tells that the compile is to be repeated.
"""

SLICE_LSM_DATABASE: Final[str] = "lsm.database"
SLICE_SERVICE_CATALOG: Final[str] = "lsm.service_catalog"
SLICE_SERVICE_INVENTORY: Final[str] = "lsm.service_inventory"
SLICE_CALLBACK: Final[str] = "lsm.callback"
SLICE_SUPPORT: Final[str] = "lsm.support"
SLICE_ORDER: Final[str] = "lsm.order"
"""The names of the slices of the extension."""


class TransferTrigger(StrEnum):
    """What asks for a transfer in the lifecycle of a service instance."""

    AUTO = "AUTO"
    API_SET_STATE = "API_SET_STATE"
    ON_UPDATE = "ON_UPDATE"
    ON_DELETE = "ON_DELETE"
    RESOURCE_BASED = "RESOURCE_BASED"
