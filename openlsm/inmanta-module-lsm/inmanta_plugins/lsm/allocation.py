"""
Allocators for attributes of a service, and the specifications that put them together.

This module is part of the interface: modules with services extend its allocators.
"""

import abc
import random
import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from inmanta.plugins import PluginException
from inmanta_plugins.lsm.allocation_spec import AllocationSpec, AllocationSpecV2
from inmanta_plugins.lsm.allocator import AllocationContext, Allocator, run_allocator
from inmanta_plugins.lsm.allocators import used_values
from inmanta_plugins.lsm.cache import Instance, global_cache

__all__ = [
    "AllocationContext",
    "AllocationSpec",
    "AllocationSpecV2",
    "Allocator",
    "AllocatorWrapper",
    "AnyUniqueInt",
    "ExternalAllocator",
    "ExternalAttributeAllocator",
    "ExternalServiceIdAllocator",
    "LSM_Allocator",
    "T",
]

T = TypeVar("T")
"""What an allocator finds; for allocators of users that are generic themselves."""


class ExternalAllocator(Allocator, abc.ABC):
    """Finds values in an external inventory."""


class ExternalServiceIdAllocator[T](ExternalAllocator):
    """
    Finds a value in an external inventory that is organised by service id.

    :param attribute: name of the attribute that gets the value
    """

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute

    def get_attributes(self) -> list[str]:
        """See :meth:`Allocator.get_attributes`."""
        return [self.attribute]

    def allocate_for(self, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
        """See :meth:`Allocator.allocate_for`."""
        return {self.attribute: self.allocate_for_id(uuid.UUID(str(instance["id"])))}

    @abc.abstractmethod
    def allocate_for_id(self, serviceid: uuid.UUID) -> T:
        """
        Find the value.

        :param serviceid: id of the service instance
        """


class ExternalAttributeAllocator[T](ExternalAllocator):
    """
    Finds a value in an external inventory that is organised by the value of another attribute.

    :param attribute: name of the attribute that gets the value
    :param id_attribute: name of the attribute to look it up by
    """

    def __init__(self, attribute: str, id_attribute: str) -> None:
        self.attribute = attribute
        self.id_attribute = id_attribute

    def get_attributes(self) -> list[str]:
        """See :meth:`Allocator.get_attributes`."""
        return [self.attribute]

    def allocate_for(self, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
        """See :meth:`Allocator.allocate_for`."""
        return {self.attribute: self.allocate_for_attribute(instance["attributes"].get(self.id_attribute))}

    @abc.abstractmethod
    def allocate_for_attribute(self, id_attribute_value: Any) -> T:
        """
        Find the value.

        :param id_attribute_value: value of the attribute to look it up by
        """


class AnyUniqueInt:
    """
    Picks a random integer.

    :param lower: lowest value
    :param upper: highest value
    """

    def __init__(self, lower: int, upper: int) -> None:
        self.lower = lower
        self.upper = upper

    def select(self, taken: Iterable[Any]) -> int | None:
        """
        :param taken: values that are in use; those that are no integers of the range do not matter
        :return: an integer of the range that is not in use, None when all are
        """
        used = sorted({value for value in taken if isinstance(value, int) and self.lower <= value <= self.upper})
        free = self.upper - self.lower + 1 - len(used)
        if free <= 0:
            return None
        value = self.lower + random.randrange(free)
        # Each value in use that is passed makes place for one more free value.
        for passed in used:
            if passed > value:
                break
            value += 1
        return value


class LSM_Allocator(Allocator):  # noqa: N801  the name is part of the interface
    """
    Finds a value that no other instance of the service uses in any of its attribute sets.

    :param attribute: name of the attribute that gets the value
    :param strategy: how to pick a value
    """

    def __init__(self, attribute: str, strategy: AnyUniqueInt) -> None:
        self.attribute = attribute
        self.strategy = strategy

    def get_attributes(self) -> list[str]:
        """See :meth:`Allocator.get_attributes`."""
        return [self.attribute]

    def allocate_for(self, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
        """
        See :meth:`Allocator.allocate_for`.

        :raises PluginException: all values are in use
        """
        instances = global_cache.get_all_instances(ctx.env, ctx.service_entity_name)
        value = self.strategy.select(used_values(instances, self.attribute))
        if value is None:
            raise PluginException(
                f"No integer from {self.strategy.lower} to {self.strategy.upper} is free for {self.attribute} of service"
                f" instance {instance['id']} ({ctx.service_entity_name}): widen the range, or terminate instances that are not"
                " needed any more."
            )
        return {self.attribute: value}


class AllocatorWrapper(Allocator):
    """
    Makes sure that no value gets lost: when one of its allocators fails, the values of those before it are saved first, so that
    they can be given back later.

    :param allocators: the allocators, in the order in which they run
    """

    def __init__(self, *allocators: Allocator) -> None:
        self.allocators = allocators
        self._prepared: list[Allocator] = []

    def get_attributes(self) -> list[str]:
        """See :meth:`Allocator.get_attributes`."""
        return [attribute for allocator in self.allocators for attribute in allocator.get_attributes()]

    def needs_allocation(self, ctx: AllocationContext, instance: Instance) -> bool:
        """See :meth:`Allocator.needs_allocation`."""
        return any(allocator.needs_allocation(ctx, instance) for allocator in self.allocators)

    def allocate_for(self, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
        """See :meth:`Allocator.allocate_for`."""
        found: dict[str, Any] = {}
        try:
            for allocator in self.allocators:
                if allocator.needs_allocation(ctx, instance):
                    found.update(run_allocator(allocator, ctx, instance))
        except Exception:
            if ctx._save is not None:
                ctx._save(found)
            raise
        return found

    def pre_allocate(self) -> None:
        """See :meth:`Allocator.pre_allocate`; when one allocator cannot start, those that did are ended."""
        try:
            for allocator in self.allocators:
                allocator.pre_allocate()
                self._prepared.append(allocator)
        except Exception:
            self.post_allocate()
            raise

    def post_allocate(self) -> None:
        """See :meth:`Allocator.post_allocate`; the allocators end in reverse order."""
        try:
            while self._prepared:
                self._prepared.pop().post_allocate()
        finally:
            if self._prepared:
                self.post_allocate()
