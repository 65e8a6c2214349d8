"""A service instance as one compile sees it: its lifecycle state and the attribute set chosen for it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inmanta.config import Config
from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import bindings, compile_mode
from inmanta_plugins.lsm.bindings import Binding, State
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.compile_mode import CompileMode

type Attributes = dict[str, Any]
"""An attribute set of a service instance (decoded JSON)."""


@dataclass(frozen=True)
class ResolvedInstance:
    """
    A service instance as this compile sees it.

    :param instance: the instance of the inventory; the one dict that the whole compile shares.
    :param binding: the version of the service it belongs to.
    :param state: its state in the lifecycle of that version.
    :param chosen: the attribute set this compile uses for it, None when the compile leaves it out. Values that are written
        in this compile are in it, even when they are stored in another set.
    :param previous: the attribute set to compare the chosen one with, None when there is nothing to compare.
    :param validated: whether this compile validates this instance.
    """

    instance: Instance
    binding: Binding
    state: State
    chosen: Attributes | None
    previous: Attributes | None
    validated: bool

    @property
    def id(self) -> str:
        """Id of the instance."""
        return str(self.instance["id"])


@dataclass(frozen=True)
class TransferData:
    """
    What the `lsm::LifecycleTransfer` of an instance says about it.

    :param service_entity: name of the service in the catalog.
    :param instance_id: id of the instance.
    :param next_version: version of the instance after the transfer.
    :param next_desired_state_version: its desired state version after the transfer.
    """

    service_entity: str
    instance_id: str
    next_version: int
    next_desired_state_version: int


_resolved: dict[str, ResolvedInstance] = {}


def reset() -> None:
    """Forget all instances; called between two compiles."""
    _resolved.clear()


def environment() -> str:
    """
    The id of the environment of this compile.

    :raises PluginException: no environment is configured.
    """
    configured = Config.get("config", "environment")
    if configured is None:
        raise PluginException(
            "The service instances of an environment are needed, but none is configured: set the option environment in the"
            " section config."
        )
    return str(configured)


def attribute_set(instance: Instance, name: str | None) -> Attributes | None:
    """
    :param instance: a service instance.
    :param name: `candidate`, `active` or `rollback`; None for no set at all.
    :return: that attribute set, None when the instance does not have it.
    """
    attributes: Attributes | None = None if name is None else instance.get(f"{name}_attributes")
    return attributes


def chosen_set(mode: CompileMode, instance: Instance, state: State) -> str | None:
    """
    Name the attribute set that a compile uses for an instance.

    :param mode: the kind of compile.
    :param instance: the instance.
    :param state: its lifecycle state.
    :return: `candidate`, `active` or `rollback`, a set the instance has; None when the compile leaves the instance out.
    """
    if mode.no_instances or instance.get("deleted"):
        return None
    if mode.is_validated(instance["id"]):
        name = state.validate_self
    elif mode.validating:
        name = state.validate_others
    else:
        name = "active" if state.export_resources else None
    return None if attribute_set(instance, name) is None else name


def previous_set(mode: CompileMode, instance: Instance, state: State, chosen: str | None) -> str | None:
    """
    Name the attribute set that tells, by comparison, which embedded entities were added or removed.

    :param mode: the kind of compile.
    :param instance: the instance.
    :param state: its lifecycle state.
    :param chosen: the attribute set this compile uses for the instance.
    :return: `candidate`, `active` or `rollback`; None when there is nothing to compare with.
    """
    if mode.is_validated(instance["id"]):
        return state.previous_attr_set_on_validate
    # An export emits the active set: what it added and removed only means something for that set.
    return state.previous_attr_set_on_export if chosen == "active" else None


def record(mode: CompileMode, instance: Instance, versions: dict[int, Binding]) -> ResolvedInstance:
    """
    Look up the lifecycle state of an instance and remember it for the rest of the compile.

    :param mode: the kind of compile.
    :param instance: the instance of the inventory.
    :param versions: the versions of its service in the model, by number.
    :raises PluginException: the model does not know the version or the state of the instance.
    """
    known = _resolved.get(str(instance["id"]))
    if known is not None and known.instance is instance and known.binding in versions.values():
        # Not built anew: it may hold values that were written since.
        return known
    binding = _find(versions, instance.get("service_entity_version", 0), instance, "version")
    state = _find(binding.states, instance["state"], instance, "lifecycle state")
    name = chosen_set(mode, instance, state)
    chosen = attribute_set(instance, name)
    resolved = ResolvedInstance(
        instance=instance,
        binding=binding,
        state=state,
        # The candidate set is the one that is written to; a view of another set gets the written values too.
        chosen=chosen if name == "candidate" else copy.deepcopy(chosen),
        previous=attribute_set(instance, previous_set(mode, instance, state, name)),
        validated=mode.is_validated(instance["id"]),
    )
    _resolved[resolved.id] = resolved
    return resolved


def resolve(service: DynamicProxy) -> ResolvedInstance | None:
    """
    The instance that an entity of the model stands for.

    The state comes from what `lsm::all` found; only for an instance that it did not return the lifecycle of the entity's own
    binding counts.

    :param service: a `lsm::ServiceEntity`.
    :return: the instance; None while the catalog is exported, when no instance is looked up.
    :raises UnsetException, MultiUnsetException: the entity is not complete yet; the compiler tries again.
    :raises PluginException: there is no such instance, or nothing tells its lifecycle.
    """
    model: Any = service
    mode = compile_mode.current()
    if mode.no_instances:
        return None
    instance_id = str(model.instance_id)
    if instance_id in _resolved:
        return _resolved[instance_id]
    instance = global_cache.get_instance(environment(), None, instance_id, include_terminated=True)
    if instance is None:
        raise PluginException(
            f"There is no service instance with id {instance_id} in the inventory: build {service._type().get_full_name()}"
            " from what lsm::all returns."
        )
    return record(mode, instance, _own_version(service, instance))


def resolve_cached(service: DynamicProxy) -> ResolvedInstance | None:
    """
    As :func:`resolve`, but None for an instance that this compile did not read from the inventory before.

    :param service: a `lsm::ServiceEntity`.
    """
    model: Any = service
    if compile_mode.current().no_instances:
        return None
    instance_id = str(model.instance_id)
    if instance_id not in _resolved and global_cache.cached_instance(environment(), instance_id) is None:
        return None
    return resolve(service)


def purge_resources(service: DynamicProxy) -> bool:
    """
    Whether the resources of a service are purged in its current lifecycle state.

    :param service: a `lsm::ServiceEntity`.
    :raises PluginException: there is no such instance, or nothing tells its lifecycle.
    """
    resolved = resolve(service)
    return resolved is not None and resolved.state.purge_resources


def transfer_data(service: DynamicProxy) -> TransferData | None:
    """
    What the `lsm::LifecycleTransfer` of a service holds, None when it has none: only instances in an exporting state do.

    :param service: a `lsm::ServiceEntity`.
    :raises PluginException: there is no such instance, or nothing tells its lifecycle.
    """
    resolved = resolve(service)
    if resolved is None or not resolved.state.export_resources:
        return None
    next_version = resolved.instance["version"] + 1
    # Older servers have no desired state versions.
    desired = resolved.instance.get("desired_state_version")
    return TransferData(
        service_entity=resolved.instance["service_entity"],
        instance_id=resolved.id,
        next_version=next_version,
        next_desired_state_version=next_version if desired is None else desired + 1,
    )


def has_current_state(service: DynamicProxy, state: str) -> bool:
    """
    Whether a service is in a lifecycle state in this compile; false for a state its lifecycle does not have.

    :param service: a `lsm::ServiceEntity`.
    :param state: name of the state.
    :raises PluginException: there is no such instance, or nothing tells its lifecycle.
    """
    resolved = resolve(service)
    return resolved is not None and resolved.state.name == state


def _own_version(service: DynamicProxy, instance: Instance) -> dict[int, Binding]:
    binding = bindings.optional(service, "entity_binding")
    if binding is None:
        raise PluginException(
            f"The lifecycle of service instance {instance['id']} ({instance['service_entity']}) is not known: set"
            f" entity_binding on {service._type().get_full_name()}, or build it from what lsm::all returns."
        )
    # The binding of one version may be used for the instances of another one.
    version = instance.get("service_entity_version", 0)
    return {version: bindings.read_version(binding, instance["service_entity"])}


def _find[K, V](known: Mapping[K, V], wanted: K, instance: Instance, what: str) -> V:
    if wanted not in known:
        raise PluginException(
            f"Service instance {instance['id']} of service {instance['service_entity']} has {what} {wanted!r}, which the model"
            f" does not define: it knows {', '.join(sorted(map(str, known))) or 'none'}."
        )
    return known[wanted]
