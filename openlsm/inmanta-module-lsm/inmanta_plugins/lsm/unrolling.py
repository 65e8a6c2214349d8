"""Which instances of a service are in the model of this compile: the work behind `lsm::all`."""

import copy
from collections.abc import Mapping

from inmanta.ast.type import Type
from inmanta.execute.proxy import DynamicProxy
from inmanta_plugins.lsm import bindings, compile_mode, partial, resolved
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.compile_mode import CompileMode


def unroll(
    binding: DynamicProxy,
    types: Mapping[str, Type],
    min_version: int | None = None,
    max_version: int | None = None,
) -> list[Instance]:
    """
    The instances of a service that take part in this compile, each with its chosen attribute set as `attributes`.

    :param binding: a `lsm::ServiceBinding` or a binding of a single version.
    :param types: all types of the model by fully qualified name.
    :param min_version: leave out instances of lower service entity versions; None: no lower bound.
    :param max_version: leave out instances of higher service entity versions; None: no upper bound.
    :return: copies that belong to the caller.
    :raises UnsetException, MultiUnsetException: the binding or its lifecycle is not complete yet; the compiler tries again.
    :raises PluginException: the inventory does not fit the model, or the server refused to answer.
    """
    mode = compile_mode.current()
    if mode.no_instances:
        return []
    versions = bindings.read_versions(binding)
    service = next(iter(versions.values())).service if versions else None
    if service is None:
        return []
    env = resolved.environment()
    selected = partial.selected_ids(mode, env, service, types)
    unrolled = []
    for instance in global_cache.get_all_instances(env, service):
        if not _within(instance, min_version, max_version) or not _takes_part(mode, instance, selected):
            continue
        found = resolved.record(mode, instance, versions)
        if found.chosen is not None:
            unrolled.append(copy.deepcopy({**found.instance, "attributes": found.chosen}))
    return unrolled


def _within(instance: Instance, min_version: int | None, max_version: int | None) -> bool:
    version = instance.get("service_entity_version", 0)
    return (min_version is None or min_version <= version) and (max_version is None or version <= max_version)


def _takes_part(mode: CompileMode, instance: Instance, selected: frozenset[str] | None) -> bool:
    return selected is None or instance["id"] in selected or mode.is_validated(instance["id"])
