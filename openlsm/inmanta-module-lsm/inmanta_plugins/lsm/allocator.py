"""What an allocator for attributes of a service has to do, and what it gets to know."""

import abc
from collections.abc import Callable, Mapping
from typing import Any

from inmanta_plugins.lsm.cache import Instance
from inmanta_plugins.lsm.json_values import to_json


class AllocationContext:
    """
    Where an allocation takes place.

    :param env: id of the environment
    :param service_entity_name: name of the service in the catalog
    :param save: writes values of attributes of the instance at once; without it nothing can be saved
    """

    def __init__(self, env: str, service_entity_name: str, save: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        self.env = env
        self.service_entity_name = service_entity_name
        self._save = save


class Allocator(abc.ABC):
    """Finds values for attributes of a service. A subclass does not have to call `__init__`."""

    def get_attributes(self) -> list[str]:
        """The names of the attributes this allocator finds values for."""
        return []

    def needs_allocation(self, ctx: AllocationContext, instance: Instance) -> bool:
        """
        Whether a value has to be found; by default when one of the attributes is not set.

        :param ctx: where the allocation takes place
        :param instance: the service instance, with the attributes to look at as `attributes`
        """
        return any(instance["attributes"].get(attribute) is None for attribute in self.get_attributes())

    @abc.abstractmethod
    def allocate_for(self, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
        """
        Find the values.

        :param ctx: where the allocation takes place
        :param instance: the service instance, with the attributes to look at as `attributes`
        :return: the values by name of the attribute
        """

    def pre_allocate(self) -> None:  # noqa: B027  most allocators have nothing to do here
        """Called once before the allocation for an instance, before :meth:`needs_allocation`."""

    def post_allocate(self) -> None:  # noqa: B027  most allocators have nothing to do here
        """Called once after the allocation for an instance, also when it failed, unless :meth:`pre_allocate` did."""


def run_allocator(allocator: Allocator, ctx: AllocationContext, instance: Instance) -> dict[str, Any]:
    """
    Run one allocator; those after it see what it found.

    :param allocator: an allocator that needs allocation
    :param ctx: where the allocation takes place
    :param instance: the service instance; its `attributes` get the values
    :return: the values by name of the attribute, as JSON data
    """
    found = {attribute: to_json(value) for attribute, value in allocator.allocate_for(ctx, instance).items()}
    instance["attributes"].update(found)
    return found
