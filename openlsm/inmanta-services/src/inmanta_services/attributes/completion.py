"""What the author of attributes leaves out: defaults, and what only the orchestrator writes."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity, ServiceEntity

from inmanta_services.attributes.equality import unchanged
from inmanta_services.attributes.members import Holder, elements, is_single, key_of, keys_of, members


def completed(entity: ServiceEntity, given: Mapping[str, Any], current: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Complete what somebody wrote to a whole attribute set: with the defaults, and with the values of what is read-only.

    :param entity: the service.
    :param given: what somebody wrote.
    :param current: the attribute set that is there, None for an instance that is to be created.
    """
    kept = _with_read_only(entity, given, current or {}, entity.strict_modifier_enforcement)
    return entity.add_defaults(kept)


def without_read_only(entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    An attribute set without what only the orchestrator writes.

    :param entity: the service.
    :param attributes: the set.
    """
    return _without(entity, attributes, entity.strict_modifier_enforcement)


def stripped(relation: EmbeddedServiceEntity, element: Mapping[str, Any]) -> dict[str, Any]:
    """
    An embedded entity of a strict service without what only the orchestrator writes.

    :param relation: the relation that leads to it.
    :param element: the embedded entity.
    """
    return _without(relation, element, strict=True)


def without_defaults(entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    What somebody would write to get an attribute set: neither read-only attributes nor what the defaults give anyway.

    :param entity: the service.
    :param attributes: the set.
    """
    return _without_defaults(entity, ordered(entity, without_read_only(entity, attributes)))


def ordered(holder: Holder, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    The same attributes in the order of their definition, also inside embedded entities.

    :param holder: the service or embedded entity that has them.
    :param attributes: the attributes.
    """
    rank = {member.name: position for position, member in enumerate(members(holder))}
    sorted_ = dict(sorted(attributes.items(), key=lambda item: rank.get(item[0], len(rank))))
    for relation in holder.embedded_entities:
        _each(sorted_, relation, lambda element, relation=relation: ordered(relation, element))
    return sorted_


def read_only(entity: ServiceEntity, given: Mapping[str, Any], current: Mapping[str, Any] | None) -> Iterator[str]:
    """
    Where something is written that only the orchestrator writes, with another value than it has.

    :param entity: the service.
    :param given: what somebody wrote.
    :param current: the attribute set that is there, None for an instance that is to be created.
    """
    yield from _read_only(entity, given, current or {}, "", entity.strict_modifier_enforcement)


def _read_only(
    holder: Holder, given: Mapping[str, Any], current: Mapping[str, Any], prefix: str, strict: bool
) -> Iterator[str]:
    for member in members(holder):
        if member.name not in given:
            continue
        path, value, there = f"{prefix}{member.name}", given[member.name], current.get(member.name)
        if member.modifier == "r":
            if value is not None and not unchanged(member, there, value):
                yield path
        elif strict and isinstance(member, EmbeddedServiceEntity):
            for element in elements(value):
                yield from _read_only(member, element, _counterpart(member, element, there), f"{path}.", strict)


def _with_read_only(holder: Holder, given: Mapping[str, Any], current: Mapping[str, Any], strict: bool) -> dict[str, Any]:
    kept: dict[str, Any] = copy.deepcopy(dict(given))
    for member in members(holder):
        if member.modifier == "r":
            kept.pop(member.name, None)
            if member.name in current:
                kept[member.name] = copy.deepcopy(current[member.name])
        elif strict and isinstance(member, EmbeddedServiceEntity) and member.name in kept:
            value, there = kept[member.name], current.get(member.name)
            if isinstance(value, dict):
                kept[member.name] = _with_read_only(member, value, _counterpart(member, value, there), strict)
            elif isinstance(value, list):
                kept[member.name] = [
                    _with_read_only(member, element, _counterpart(member, element, there), strict)
                    if isinstance(element, dict)
                    else element
                    for element in value
                ]
    return kept


def _counterpart(relation: EmbeddedServiceEntity, element: Mapping[str, Any], there: Any) -> dict[str, Any]:
    """
    The embedded entity that another one is a new version of.

    :param relation: the relation that leads to both.
    :param element: the new version.
    :param there: what the relation leads to now.
    :return: empty when it is an addition.
    """
    candidates = elements(there)
    if keys_of(relation):
        wanted = key_of(relation, element)
        return next((candidate for candidate in candidates if key_of(relation, candidate) == wanted), {})
    return candidates[0] if candidates and is_single(relation) else {}


def _without(holder: Holder, attributes: Mapping[str, Any], strict: bool) -> dict[str, Any]:
    kept: dict[str, Any] = copy.deepcopy(dict(attributes))
    for member in members(holder):
        if member.modifier == "r":
            kept.pop(member.name, None)
        elif strict and isinstance(member, EmbeddedServiceEntity):
            _each(kept, member, lambda element, relation=member: _without(relation, element, strict))
    return kept


def _without_defaults(holder: Holder, attributes: Mapping[str, Any]) -> dict[str, Any]:
    defaults = holder.add_defaults({})
    kept = dict(attributes)
    for member in members(holder):
        if member.name in kept and member.name in defaults and unchanged(member, kept[member.name], defaults[member.name]):
            del kept[member.name]
        elif isinstance(member, EmbeddedServiceEntity):
            _each(kept, member, lambda element, relation=member: _without_defaults(relation, element))
    return kept


def _each(attributes: dict[str, Any], relation: EmbeddedServiceEntity, change: Any) -> None:
    """
    Change the embedded entities that a relation leads to.

    :param attributes: what has the relation.
    :param change: gives the new one for an old one.
    """
    value = attributes.get(relation.name)
    if isinstance(value, dict):
        attributes[relation.name] = change(value)
    elif isinstance(value, list):
        attributes[relation.name] = [change(element) if isinstance(element, dict) else element for element in value]
