"""The members of a service or of an embedded entity, by the words of its definition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute, ServiceInstance

type Holder = Any
"""
What has members: a :class:`inmanta_lsm.model.ServiceEntity` or an :class:`inmanta_lsm.model.EmbeddedServiceEntity`. Only what
both implementations of LSM offer is used of it.
"""

type Member = ServiceAttribute | EmbeddedServiceEntity | InterServiceRelation


def members(holder: Holder) -> list[Member]:
    """
    The attributes, embedded entities and relations of a holder.

    :param holder: the service or embedded entity.
    """
    return [*holder.attributes, *holder.embedded_entities, *holder.inter_service_relations]


def elements(value: object) -> list[dict[str, Any]]:
    """
    The embedded entities that the value of a relation holds.

    :param value: one of them, a list of them, or nothing.
    """
    if isinstance(value, dict):
        return [value]
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def keys_of(relation: EmbeddedServiceEntity) -> Sequence[str]:
    """
    The attributes that tell the embedded entities of a relation apart.

    :param relation: the relation.
    :return: empty when nothing does.
    """
    return relation.key_attributes or ()


def key_of(relation: EmbeddedServiceEntity, element: Mapping[str, Any]) -> tuple[str, ...]:
    """
    What tells an embedded entity from the others of its relation.

    :param relation: the relation, which has keys.
    :param element: the embedded entity.
    """
    return tuple(str(element.get(name)) for name in keys_of(relation))


def is_single(relation: EmbeddedServiceEntity | InterServiceRelation) -> bool:
    """
    Whether the value of a relation is one element instead of a list.

    :param relation: the relation.
    """
    return relation.upper_limit == 1


def base_of(instance: ServiceInstance) -> dict[str, Any]:
    """
    The attribute set that an update of an instance starts from: the candidate when there is one, else what is active.

    :param instance: the instance.
    """
    return instance.candidate_attributes or instance.active_attributes or {}


def references(value: object) -> Iterator[str]:
    """
    All texts in a value, at any depth: whatever an instance refers to is among them.

    :param value: the value.
    """
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
