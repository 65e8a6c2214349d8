"""Which instances of a service are in the model of this compile: the work behind `lsm::all`."""

import copy
from collections.abc import Mapping

from inmanta.ast.entity import Entity
from inmanta.ast.type import Type
from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import (
    allocation_spec,
    bindings,
    compile_mode,
    compile_state,
    embedded_changes,
    instance_lookup,
    partial,
)
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.compile_mode import CompileMode
from inmanta_plugins.lsm.compiled_instance import Attributes, CompiledInstance
from inmanta_plugins.lsm.embedded_changes import Flags


def unroll(
    binding: DynamicProxy,
    types: Mapping[str, Type],
    min_version: int | None = None,
    max_version: int | None = None,
    flags: Flags | None = None,
) -> list[Instance]:
    """
    The instances of a service that take part in this compile, each with its chosen attribute set as `attributes`.

    :param binding: a `lsm::ServiceBinding` or a binding of a single version
    :param types: all types of the model by fully qualified name
    :param min_version: leave out instances of lower service entity versions; None: no lower bound
    :param max_version: leave out instances of higher service entity versions; None: no upper bound
    :param flags: how to mark added and removed embedded entities; None: do not look for them
    :return: copies that belong to the caller
    :raises UnsetException, MultiUnsetException: the binding or its lifecycle is not complete yet; the compiler tries again
    :raises PluginException: the inventory does not fit the model, or the server refused to answer
    """
    mode = compile_mode.current()
    if mode.no_instances:
        return []
    versions = bindings.read_versions(binding, compile_state.current().lifecycles)
    service = next(iter(versions.values())).service if versions else None
    if service is None:
        return []
    env = compile_mode.environment()
    unrolled = []
    for instance in _taking_part(mode, env, service, types):
        if not _within(instance, min_version, max_version):
            continue
        found = instance_lookup.record(mode, instance, versions)
        if found.chosen is not None:
            allocation_spec.allocate(found)
            attributes = found.chosen if flags is None else _tracked(found, found.chosen, env, types, flags)
            unrolled.append(copy.deepcopy({**found.instance, "attributes": attributes}))
    return unrolled


def _taking_part(mode: CompileMode, env: str, service: str, types: Mapping[str, Type]) -> list[Instance]:
    """
    The instances of a service that may be in the model, as the server lists them: the newest first.

    Only a full compile reads the whole inventory: what a partial one costs does not depend on what else there is.
    """
    selected = partial.selected_ids(mode, env, service, types)
    if selected is None:
        return global_cache.get_all_instances(env, service)
    ids = selected if mode.validated is None else selected | {mode.validated}
    # Selectors of models may give anything that has an id: what counts is what the inventory says.
    found = [global_cache.get_instance(env, None, instance_id) for instance_id in sorted(ids)]
    instances = [instance for instance in found if instance is not None and instance["service_entity"] == service]
    return sorted(instances, key=lambda instance: (str(instance.get("created_at")), str(instance["id"])), reverse=True)


def _tracked(found: CompiledInstance, chosen: Attributes, env: str, types: Mapping[str, Type], flags: Flags) -> Attributes:
    binding = found.binding
    definition = global_cache.get_definition(env, binding.service, binding.version)
    if definition is None:
        raise PluginException(
            f"Added and removed embedded entities of service {binding.service} cannot be found: its version"
            f" {binding.version} is not in the catalog. Export the service entities first."
        )
    entity = types.get(binding.service_entity)
    relations = embedded_changes.read_relations(definition, entity if isinstance(entity, Entity) else None, flags)
    return embedded_changes.track(chosen, found.previous, relations, flags)


def _within(instance: Instance, min_version: int | None, max_version: int | None) -> bool:
    version = instance.get("service_entity_version", 0)
    return (min_version is None or min_version <= version) and (max_version is None or version <= max_version)
