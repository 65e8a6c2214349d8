"""
Allocation specifications: what `allocation_spec` of a binding names.

A specification runs while `lsm::all` unrolls the instance that is being validated. Its values are written to the candidate
attributes, in one go, when all of it succeeded.
"""

import copy
from typing import Any

from inmanta.plugins import PluginException
from inmanta_plugins.lsm.allocation_v2.framework import AllocatorV2, allocate_all
from inmanta_plugins.lsm.attribute_allocator import AllocationContext, Allocator, run_allocator
from inmanta_plugins.lsm.attribute_store import store
from inmanta_plugins.lsm.resolved import ResolvedInstance, environment

_specs: "dict[str, AllocationSpec | AllocationSpecV2]" = {}
"""By name. The modules of users register them on import, so that they stay when the state of a compile is reset."""

_done: set[str] = set()
"""Ids of the instances whose specification ran in this compile: `lsm::all` may be called more than once."""


def reset() -> None:
    """Forget which specifications ran; called between two compiles."""
    _done.clear()


class AllocationSpec:
    """
    The allocators of a service. A later specification with the same name replaces an earlier one.

    :param name: what the `allocation_spec` of a binding refers to.
    :param allocators: the allocators, in the order in which they run.
    """

    def __init__(self, name: str, *allocators: Allocator) -> None:
        self.name = name
        self.allocators = allocators
        _specs[name] = self

    def _find_values(self, resolved: ResolvedInstance) -> dict[str, Any]:
        service = resolved.instance["service_entity"]
        context = AllocationContext(environment(), service, save=lambda values: store(resolved, values))
        instance = copy.deepcopy({**resolved.instance, "attributes": resolved.chosen})
        found: dict[str, Any] = {}
        for allocator in self.allocators:
            allocator.pre_allocate()
            try:
                if allocator.needs_allocation(context, instance):
                    found.update(run_allocator(allocator, context, instance))
            finally:
                allocator.post_allocate()
        return found


class AllocationSpecV2:
    """
    The allocators of a service and of the entities embedded in it. A later specification with the same name replaces an earlier
    one.

    :param name: what the `allocation_spec` of a binding refers to.
    :param allocators: the allocators, in the order in which they run.
    """

    def __init__(self, name: str, *allocators: AllocatorV2) -> None:
        self.name = name
        self.allocators = allocators
        _specs[name] = self

    def _find_values(self, resolved: ResolvedInstance) -> dict[str, Any]:
        chosen = resolved.chosen or {}
        updating = resolved.instance.get("candidate_attributes") is resolved.chosen
        previous = resolved.instance.get("active_attributes") if updating else chosen
        return allocate_all(self.allocators, chosen, previous or {})


def find_spec(name: str, service: str) -> AllocationSpec | AllocationSpecV2:
    """
    The specification with a name.

    :param name: its name.
    :param service: name of the service that refers to it, for the error message.
    :raises PluginException: there is none.
    """
    if name not in _specs:
        raise PluginException(
            f"Service {service} has the allocation_spec {name!r}, which does not exist: define it in a python module of an"
            f" inmanta module that the model imports. Known are: {', '.join(sorted(_specs)) or 'none'}."
        )
    return _specs[name]


def allocate(resolved: ResolvedInstance) -> None:
    """
    Run the specification of the service for the instance that is being validated, once per compile.

    :param resolved: an instance that takes part in this compile.
    :raises PluginException: the specification does not exist, or the values could not be written.
    """
    if resolved.binding.allocation_spec is None:
        return
    spec = find_spec(resolved.binding.allocation_spec, resolved.binding.service)
    if not resolved.validated or resolved.id in _done:
        return
    store(resolved, spec._find_values(resolved))
    _done.add(resolved.id)
