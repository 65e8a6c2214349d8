"""
The public face of the lsm module: its model plugins and what other modules import.

Plugins belong to the namespace of the python module that defines them, so the ones of namespace `lsm` are declared here; the
work is done in the modules next to this one.
"""

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import inmanta_lsm.methods  # noqa: F401  registers the protocol methods, in executors as well
from inmanta.execute.proxy import DynamicProxy
from inmanta.module import Project
from inmanta.plugins import Context, ModelType, plugin
from inmanta_lsm.model import Lifecycle, LifecycleState, LifecycleTransfer
from inmanta_plugins.lsm import (
    allocation_helpers,
    allocators,
    attribute_store,
    bindings,
    compile_state,
    instance_lookup,
    ownership,
    partial,
    purge_flags,
    suggested_values,
    unrolling,
)
from inmanta_plugins.lsm.allocation_v2 import wrapped_values
from inmanta_plugins.lsm.cache import CacheManager, global_cache
from inmanta_plugins.lsm.catalog import lifecycle_definition, lifecycle_graph
from inmanta_plugins.lsm.catalog.export import do_export_service_entities
from inmanta_plugins.lsm.embedded_changes import Flags
from inmanta_plugins.lsm.formatting import ModelFormatter
from inmanta_plugins.lsm.json_values import to_json
from inmanta_plugins.lsm.transfer import LifecycleTransferResource

__all__ = [
    "CacheManager",
    "Lifecycle",
    "LifecycleState",
    "LifecycleTransfer",
    "LifecycleTransferResource",
    "allocation_helpers",
    "allocators",
    "do_export_service_entities",
    "global_cache",
    "partial",
]

type SingleVersionBinding = Annotated[DynamicProxy, ModelType["lsm::ServiceEntityBinding"]]
type MultiVersionBinding = Annotated[DynamicProxy, ModelType["lsm::ServiceBinding"]]
type BindingVersion = Annotated[DynamicProxy, ModelType["lsm::ServiceBindingVersion"]]
type Service = Annotated[DynamicProxy, ModelType["lsm::ServiceEntity"]]
type StateMachine = Annotated[DynamicProxy, ModelType["lsm::LifecycleStateMachine"]]
type AnyEntity = Annotated[DynamicProxy, ModelType["std::Entity"]]


def inmanta_reset_state() -> None:
    """Forget everything about the last compile; the compiler calls this before each compile."""
    compile_state.begin()


@plugin("all")
def unroll(
    context: Context,
    binding: SingleVersionBinding | MultiVersionBinding,
    min_version: int | None = None,
    max_version: int | None = None,
    include_purged_embedded_entities: bool = False,
    added_attribute: str = "_added",
    removed_attribute: str = "_removed",
) -> list[dict[str, Any]]:
    """
    The instances of a service that take part in this compile, each with the attribute set to use as `attributes`.

    :param binding: the binding of the service
    :param min_version: leave out instances of lower service entity versions
    :param max_version: leave out instances of higher service entity versions
    :param include_purged_embedded_entities: whether to mark the embedded entities that the current update added or removed,
        and to put the removed ones back, so that the model can purge what belongs to them
    :param added_attribute: the attribute that marks an embedded entity that was added
    :param removed_attribute: the attribute that marks an embedded entity that was removed
    """
    flags = Flags(added_attribute, removed_attribute) if include_purged_embedded_entities else None
    return unrolling.unroll(binding, context.get_queue_scheduler().get_types(), min_version, max_version, flags)


@plugin
def has_current_state(service: Service, state: str) -> bool:
    """
    Whether a service is in a lifecycle state in this compile.

    :param state: the name of the state; false when the lifecycle does not have it
    """
    return instance_lookup.has_current_state(service, state)


@plugin
def get_service_binding_version(service_binding: MultiVersionBinding, version: int) -> BindingVersion:
    """
    The version of a service with a given number.

    :param service_binding: the binding of the service
    :param version: the service entity version
    """
    return bindings.find_version(service_binding, version)


@plugin("format")
def format_string(fmt: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None) -> str:
    """
    Format a string the way python does. A field leads to attributes of entities and to items of dicts and lists only.

    :param fmt: the format, like `items[name={name}].id`
    :param args: the values of the positional fields
    :param kwargs: the values of the named fields
    """
    return ModelFormatter().vformat(fmt, args or (), kwargs or {})


@plugin
def render_dot(fsm: StateMachine) -> None:
    """
    Draw a lifecycle into `fsm.svg` in the project directory; without graphviz, describe it in `fsm.dot`.

    :param fsm: the lifecycle
    """
    lifecycle_graph.draw(lifecycle_definition.read_lifecycle(fsm), pathlib.Path(Project.get().path))


@plugin
def update_read_only_attribute(service: Service, attribute_path: str, value: Any) -> Any:
    """
    Store a value that was computed in the model in a read-only attribute.

    :param attribute_path: the dict path of the attribute
    :param value: the value; it is returned, so that it can be assigned to the attribute in the model as well
    """
    attribute_store.update(service, attribute_path, to_json(value))
    return value


@plugin
def set_suggested_values(parameter_name: str, values: Sequence[Any]) -> None:
    """
    Let user interfaces suggest values.

    :param parameter_name: the name of the parameter that holds the suggestions
    :param values: the suggested values: strings, or dicts with the keys `label` and `value`
    """
    suggested_values.publish(parameter_name, to_json(values))


@plugin
def _default_purge_flags(context: Context) -> None:
    """Have the purge flags that nothing sets become false, once nothing can set them any longer."""
    purge_flags.add_fallback(context.get_queue_scheduler(), context.owner.location)


@plugin
def context_v2_unwrapper(
    assignments: Sequence[Mapping[str, Any]], fallback_attribute: str, track_deletes: bool = False
) -> list[dict[str, Any]]:
    """
    Put the values that a `ContextV2Wrapper` stored back in the embedded entities they belong to.

    :param assignments: what `lsm::all` returned
    :param fallback_attribute: the attribute that holds the stored values
    :param track_deletes: whether the values of embedded entities that were removed are left out; they bring these back
        otherwise
    """
    return [
        wrapped_values.unwrap_instance(to_json(assignment), fallback_attribute, construct=not track_deletes)
        for assignment in assignments
    ]


@plugin
def _has_purged_state(service: Service) -> bool:
    """Whether the resources of a service are purged in its current lifecycle state."""
    return instance_lookup.purge_resources(service)


@plugin
def _is_exported(service: Service) -> bool:
    """Whether a service is in an exporting lifecycle state, and thus has a transfer."""
    return instance_lookup.transfer_data(service) is not None


@plugin
def _transfer_attributes(service: Service) -> dict[str, str | int]:
    """The attributes of the `lsm::LifecycleTransfer` of an exported service."""
    data = instance_lookup.transfer_data(service)
    return {} if data is None else asdict(data)


@plugin
def _is_owned(service: Service) -> bool:
    """Whether the resources of a service are part of the resource set of its owner."""
    return ownership.relation_to_owner(service) is not None


@plugin
def _get_owner(service: Service) -> AnyEntity:
    """The entity whose resource set holds the resources of an owned service."""
    return ownership.owner_of(service)
