"""
Allocators for common kinds of values.

This module is part of the interface: its plugins are those of the model namespace `lsm::allocators`.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import ModelType, PluginException, plugin
from inmanta.util import dict_path
from inmanta_plugins.lsm import compile_mode, compile_state
from inmanta_plugins.lsm.allocation_helpers import allocator
from inmanta_plugins.lsm.attribute_path import AttributePath, elements
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.instance_lookup import look_up_known

ATTRIBUTE_SETS = ("candidate_attributes", "active_attributes", "rollback_attributes")

type AnyBinding = (
    Annotated[DynamicProxy, ModelType["lsm::ServiceEntityBinding"]] | Annotated[DynamicProxy, ModelType["lsm::ServiceBinding"]]
)
type Service = Annotated[DynamicProxy, ModelType["lsm::ServiceEntity"]]


def used_values(instances: Sequence[Instance], path: str) -> list[Any]:
    """
    The values of an attribute in all attribute sets of some instances: an update that is not finished, or that is rolled back,
    needs the values of more than one set.

    :param instances: service instances
    :param path: dict path of the attribute, possibly with wildcards
    :return: the values that are not null, repeated when several sets have them
    :raises PluginException: the path is not valid
    """
    try:
        sections = tuple(dict_path.to_wild_path(path).get_path_sections())
    except (dict_path.InvalidPathException, ValueError) as exception:
        raise PluginException(f"{path!r} is not a valid attribute path: {exception}.") from exception
    return [
        value
        for instance in instances
        for name in ATTRIBUTE_SETS
        for value in elements(instance.get(name), sections)
        if value is not None
    ]


def first_free(range_start: int, range_end: int, taken: set[Any]) -> int | None:
    """
    The smallest integer of a range that is not taken, None when all are.

    :param range_start: lowest value of the range
    :param range_end: highest value of the range
    :param taken: values that cannot be used; may hold other values than integers of the range
    """
    return next((value for value in range(range_start, range_end + 1) if value not in taken), None)


@plugin
def get_used_values(binding: AnyBinding, attribute_path: str) -> list[Any]:
    """
    The values an attribute has in any attribute set of any instance of a service that is not terminated.

    :param binding: the binding of the service
    :param attribute_path: the dict path of the attribute; wildcards are allowed, like in `items[name=*].id`
    """
    if compile_mode.current().no_instances:
        return []
    model: Any = binding
    service = model.service_entity_name
    known = compile_state.current().used_values
    key = (service, attribute_path)
    if key not in known:
        known[key] = used_values(global_cache.get_all_instances(compile_mode.environment(), service), attribute_path)
    return list(known[key])


@allocator()
def get_first_free_integer(
    service: Service,
    attribute_path: str,
    *,
    range_start: int,
    range_end: int,
    used_values: Sequence[Any],
    pool: str | None = None,
) -> int:
    """
    The smallest integer of a range that is not in use. No value of a pool is returned twice in one compile.

    :param service: the service to find a value for
    :param attribute_path: the dict path of the attribute to find a value for
    :param range_start: the lowest value of the range
    :param range_end: the highest value of the range
    :param used_values: the values that are in use, as returned by `get_used_values`
    :param pool: a name for what shares its values; by default one attribute of one service does, in all of its elements
    """
    pools = compile_state.current().handed_out
    handed_out = pools.setdefault(_pool(service, attribute_path) if pool is None else (pool,), set())
    taken = {value for value in used_values if isinstance(value, int)}
    value = first_free(range_start, range_end, taken | handed_out)
    if value is None:
        model: Any = service
        raise PluginException(
            f"No integer from {range_start} to {range_end} is free for {attribute_path} of {service._type().get_full_name()}"
            f" {model.instance_id}: widen the range, or terminate instances that are not needed any more."
        )
    handed_out.add(value)
    return value


def _pool(service: DynamicProxy, attribute_path: str) -> tuple[str, ...]:
    compiled = look_up_known(service)
    assert compiled is not None, "an allocator only runs for an instance that this compile has read"
    return (compiled.instance["service_entity"], *AttributePath(attribute_path).names)
