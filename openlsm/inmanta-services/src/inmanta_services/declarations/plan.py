"""What has to be done for an inventory to become what files declare."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inmanta_lsm.model import ServiceInstance

from inmanta_services.attributes.differences import Difference
from inmanta_services.naming import name_of


@dataclass(frozen=True)
class Creation:
    """
    An instance to create.

    :ivar key: its identity, or its id where the service has none.
    :ivar attributes: with ids for what they refer to.
    """

    service: str
    key: str
    id: uuid.UUID
    attributes: Mapping[str, Any]
    origin: str

    @property
    def name(self) -> str:
        """The name of the instance."""
        return f"{self.service}/{self.key}"


@dataclass(frozen=True)
class Update:
    """
    An instance to update.

    :ivar in_order: whether an order can do it, which takes a service with strict enforcement of modifiers.
    """

    instance: ServiceInstance
    differences: Sequence[Difference]
    origin: str
    in_order: bool

    @property
    def name(self) -> str:
        """The name of the instance."""
        return name_of(self.instance)


@dataclass(frozen=True)
class Deletion:
    """An instance to delete."""

    instance: ServiceInstance

    @property
    def name(self) -> str:
        """The name of the instance."""
        return name_of(self.instance)


@dataclass(frozen=True)
class Plan:
    """
    What has to be done.

    :ivar unchanged: how many instances are as declared.
    :ivar remarks: what somebody should know about instances that stay as they are.
    """

    creations: Sequence[Creation] = ()
    updates: Sequence[Update] = ()
    deletions: Sequence[Deletion] = ()
    unchanged: int = 0
    remarks: Sequence[str] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.creations or self.updates or self.deletions)

    @property
    def summary(self) -> str:
        """The plan in one sentence."""
        return (
            f"{len(self.creations)} to create, {len(self.updates)} to update, {len(self.deletions)} to delete, "
            f"{self.unchanged} as declared."
        )
