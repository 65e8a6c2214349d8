"""The service instance that an entity of the model stands for, and what its lifecycle state means for the entity."""

import copy
from collections.abc import Mapping
from typing import Any

from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import bindings, compile_mode, compile_state
from inmanta_plugins.lsm.bindings import Binding
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.compile_mode import CompileMode
from inmanta_plugins.lsm.compiled_instance import CompiledInstance, TransferData, attribute_set, chosen_set, previous_set


def record(mode: CompileMode, instance: Instance, versions: dict[int, Binding]) -> CompiledInstance:
    """
    Look up the lifecycle state of an instance and remember it for the rest of the compile.

    :param mode: the kind of compile
    :param instance: the instance of the inventory
    :param versions: the versions of its service in the model, by number
    :raises PluginException: the model does not know the version or the state of the instance
    """
    instances = compile_state.current().instances
    known = instances.get(str(instance["id"]))
    if known is not None and known.instance is instance and known.binding in versions.values():
        # Not built anew: it may hold values that were written since.
        return known
    binding = _find(versions, instance.get("service_entity_version", 0), instance, "version")
    state = _find(binding.states, instance["state"], instance, "lifecycle state")
    name = chosen_set(mode, instance, state)
    chosen = attribute_set(instance, name)
    compiled = CompiledInstance(
        instance=instance,
        binding=binding,
        state=state,
        # The candidate set is the one that is written to; a view of another set gets the written values too.
        chosen=chosen if name == "candidate" else copy.deepcopy(chosen),
        previous=attribute_set(instance, previous_set(mode, instance, state, name)),
        validated=mode.is_validated(instance["id"]),
    )
    instances[compiled.id] = compiled
    return compiled


def look_up(service: DynamicProxy) -> CompiledInstance | None:
    """
    The instance that an entity of the model stands for.

    The state comes from what `lsm::all` found; only for an instance that it did not return the lifecycle of the entity's own
    binding counts.

    :param service: a `lsm::ServiceEntity`
    :return: the instance; None while the catalog is exported, when no instance is looked up
    :raises UnsetException, MultiUnsetException: the entity is not complete yet; the compiler tries again
    :raises PluginException: there is no such instance, or nothing tells its lifecycle
    """
    model: Any = service
    mode = compile_mode.current()
    if mode.no_instances:
        return None
    instance_id = str(model.instance_id)
    known = compile_state.current().instances.get(instance_id)
    if known is not None:
        return known
    instance = global_cache.get_instance(compile_mode.environment(), None, instance_id, include_terminated=True)
    if instance is None:
        raise PluginException(
            f"There is no service instance with id {instance_id} in the inventory: build {service._type().get_full_name()}"
            " from what lsm::all returns."
        )
    return record(mode, instance, _own_version(service, instance))


def look_up_known(service: DynamicProxy) -> CompiledInstance | None:
    """
    As :func:`look_up`, but None for an instance that this compile did not read from the inventory before.

    :param service: a `lsm::ServiceEntity`
    """
    model: Any = service
    if compile_mode.current().no_instances:
        return None
    instance_id = str(model.instance_id)
    known = instance_id in compile_state.current().instances
    if not known and global_cache.cached_instance(compile_mode.environment(), instance_id) is None:
        return None
    return look_up(service)


def purge_resources(service: DynamicProxy) -> bool:
    """
    Whether the resources of a service are purged in its current lifecycle state.

    :param service: a `lsm::ServiceEntity`
    :raises PluginException: there is no such instance, or nothing tells its lifecycle
    """
    compiled = look_up(service)
    return compiled is not None and compiled.state.purge_resources


def transfer_data(service: DynamicProxy) -> TransferData | None:
    """
    What the `lsm::LifecycleTransfer` of a service holds, None when it has none: only instances in an exporting state do.

    :param service: a `lsm::ServiceEntity`
    :raises PluginException: there is no such instance, or nothing tells its lifecycle
    """
    compiled = look_up(service)
    if compiled is None or not compiled.state.export_resources:
        return None
    next_version = compiled.instance["version"] + 1
    # Older servers have no desired state versions.
    desired = compiled.instance.get("desired_state_version")
    return TransferData(
        service_entity=compiled.instance["service_entity"],
        instance_id=compiled.id,
        next_version=next_version,
        next_desired_state_version=next_version if desired is None else desired + 1,
    )


def has_current_state(service: DynamicProxy, state: str) -> bool:
    """
    Whether a service is in a lifecycle state in this compile; false for a state its lifecycle does not have.

    :param service: a `lsm::ServiceEntity`
    :param state: name of the state
    :raises PluginException: there is no such instance, or nothing tells its lifecycle
    """
    compiled = look_up(service)
    return compiled is not None and compiled.state.name == state


def _own_version(service: DynamicProxy, instance: Instance) -> dict[int, Binding]:
    binding = bindings.optional(service, "entity_binding")
    if binding is None:
        raise PluginException(
            f"The lifecycle of service instance {instance['id']} ({instance['service_entity']}) is not known: set"
            f" entity_binding on {service._type().get_full_name()}, or build it from what lsm::all returns."
        )
    # The binding of one version may be used for the instances of another one.
    version = instance.get("service_entity_version", 0)
    return {version: bindings.read_version(binding, instance["service_entity"], compile_state.current().lifecycles)}


def _find[K, V](known: Mapping[K, V], wanted: K, instance: Instance, what: str) -> V:
    if wanted not in known:
        raise PluginException(
            f"Service instance {instance['id']} of service {instance['service_entity']} has {what} {wanted!r}, which the model"
            f" does not define: it knows {', '.join(sorted(map(str, known))) or 'none'}."
        )
    return known[wanted]
