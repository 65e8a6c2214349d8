"""
Allocation specifications: what `allocation_spec` of a binding names.

A specification runs while `lsm::all` unrolls the instance that is being validated. Its values are written to the candidate
attributes, in one go, when all of it succeeded.
"""

import copy
from typing import Any

from inmanta.plugins import PluginException
from inmanta_plugins.lsm import compile_mode, compile_state
from inmanta_plugins.lsm.allocation_v2.framework import AllocatorV2, allocate_all
from inmanta_plugins.lsm.allocator import AllocationContext, Allocator, run_allocator
from inmanta_plugins.lsm.attribute_store import store
from inmanta_plugins.lsm.compiled_instance import CompiledInstance

_specs: "dict[str, AllocationSpec | AllocationSpecV2]" = {}
"""By name. The modules of users register them on import, so that they stay when the state of a compile is reset."""


class AllocationSpec:
    """
    The allocators of a service. A later specification with the same name replaces an earlier one.

    :param name: what the `allocation_spec` of a binding refers to
    :param allocators: the allocators, in the order in which they run
    """

    def __init__(self, name: str, *allocators: Allocator) -> None:
        self.name = name
        self.allocators = allocators
        _specs[name] = self

    def _find_values(self, compiled: CompiledInstance) -> dict[str, Any]:
        service = compiled.instance["service_entity"]
        context = AllocationContext(compile_mode.environment(), service, save=lambda values: store(compiled, values))
        instance = copy.deepcopy({**compiled.instance, "attributes": compiled.chosen})
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

    :param name: what the `allocation_spec` of a binding refers to
    :param allocators: the allocators, in the order in which they run
    """

    def __init__(self, name: str, *allocators: AllocatorV2) -> None:
        self.name = name
        self.allocators = allocators
        _specs[name] = self

    def _find_values(self, compiled: CompiledInstance) -> dict[str, Any]:
        chosen = compiled.chosen or {}
        updating = compiled.instance.get("candidate_attributes") is compiled.chosen
        previous = compiled.instance.get("active_attributes") if updating else chosen
        return allocate_all(self.allocators, chosen, previous or {})


def find_spec(name: str, service: str) -> AllocationSpec | AllocationSpecV2:
    """
    The specification with a name.

    :param name: its name
    :param service: name of the service that refers to it, for the error message
    :raises PluginException: there is none
    """
    if name not in _specs:
        raise PluginException(
            f"Service {service} has the allocation_spec {name!r}, which does not exist: define it in a python module of an"
            f" inmanta module that the model imports. Known are: {', '.join(sorted(_specs)) or 'none'}."
        )
    return _specs[name]


def allocate(compiled: CompiledInstance) -> None:
    """
    Run the specification of the service for the instance that is being validated, once per compile.

    :param compiled: an instance that takes part in this compile
    :raises PluginException: the specification does not exist, or the values could not be written
    """
    if compiled.binding.allocation_spec is None:
        return
    spec = find_spec(compiled.binding.allocation_spec, compiled.binding.service)
    allocated = compile_state.current().allocated
    if not compiled.validated or compiled.id in allocated:
        return
    store(compiled, spec._find_values(compiled))
    allocated.add(compiled.id)
