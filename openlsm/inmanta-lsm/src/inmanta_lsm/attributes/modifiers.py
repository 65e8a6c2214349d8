"""
Who may write which attribute.

``r`` is for the allocation, ``rw`` for the user when the instance is created, ``rw+`` for the user at any time. Without
strict enforcement this holds for top-level attributes as a whole. With strict enforcement it holds inside embedded entities
too, and the modifier of their relation says whether embedded entities may be added and removed.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from inmanta_lsm.attributes.matching import Element, element_keys, elements_of, match_elements
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.model import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    ServiceAttribute,
    ServiceAttributeHolder,
    ServiceEntity,
)


def check_create(entity: ServiceEntity, body: Mapping[str, Any]) -> None:
    """
    Refuse attributes that may not be given when an instance is created.

    :param body: the attributes as the user gives them
    :raises RuleViolationError: an attribute is only for the allocation
    """
    _check_absent(entity, body, "", entity.strict_modifier_enforcement)


def _check_absent(holder: ServiceAttributeHolder, values: Mapping[str, Any], prefix: str, strict: bool) -> None:
    for member in holder.members:
        if member.modifier == "r" and member.name in values:
            raise RuleViolationError(read_only(f"{prefix}{member.name}"))
    if strict:
        for relation in holder.embedded_entities:
            path = f"{prefix}{relation.name}"
            for element, where in match_elements(relation, None, values.get(relation.name), path).added:
                _check_absent(relation, element, f"{where}.", strict)


def check_update(entity: ServiceEntity, base: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """
    Refuse an update that changes what a user may not change.

    :param base: the attribute set that is updated
    :param new: the attribute set after the update, which has to have the right shape
    :raises RuleViolationError: an attribute changes that may not change
    """
    if entity.strict_modifier_enforcement:
        _check_strict(entity, base, new, "")
        return
    for member in entity.members:
        if member.modifier != "rw+" and not unchanged(member, base.get(member.name), new.get(member.name)):
            raise RuleViolationError(refusal(member.modifier, member.name))


def _check_strict(holder: ServiceAttributeHolder, base: Mapping[str, Any], new: Mapping[str, Any], prefix: str) -> None:
    for member in holder.members:
        path, old_value, new_value = f"{prefix}{member.name}", base.get(member.name), new.get(member.name)
        if isinstance(member, EmbeddedServiceEntity) and member.modifier != "r":
            _check_strict_relation(member, old_value, new_value, path)
        elif member.modifier != "rw+" and not unchanged(member, old_value, new_value):
            raise RuleViolationError(refusal(member.modifier, path))


def _check_strict_relation(relation: EmbeddedServiceEntity, old: object, new: object, path: str) -> None:
    matching = match_elements(relation, old, new, path)
    if relation.modifier == "rw":
        for _, where in (*matching.added, *matching.removed):
            raise RuleViolationError(
                f"Attribute {where} may not be added or removed after the instance is created (the modifier of {path} is rw)."
            )
    for element, where in matching.added:
        _check_unallocated(relation, element, where)
    for old_element, new_element, where in matching.kept:
        _check_strict(relation, old_element, new_element, f"{where}.")


def _check_unallocated(holder: ServiceAttributeHolder, element: Element, path: str) -> None:
    """Refuse a new embedded entity in which something is written that only the allocation writes."""
    for member in holder.members:
        where, value = f"{path}.{member.name}", element.get(member.name)
        default = member.default_value if isinstance(member, ServiceAttribute) else None
        if member.modifier == "r":
            if value not in (None, []) and not same(value, default):
                raise RuleViolationError(read_only(where))
        elif isinstance(member, EmbeddedServiceEntity):
            for inner, inner_path in match_elements(member, None, value, where).added:
                _check_unallocated(member, inner, inner_path)


def check_allocation(entity: ServiceEntity, base: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """
    Refuse what an allocation may not write: without strict enforcement, read-only attributes inside embedded entities.

    :param base: the attribute set that is written to
    :param new: the attribute set afterwards, which has to have the right shape
    :raises RuleViolationError: such an attribute changes
    """
    if not entity.strict_modifier_enforcement:
        _check_nested_read_only(entity, base, new, "", nested=False)


def _check_nested_read_only(
    holder: ServiceAttributeHolder, base: Mapping[str, Any], new: Mapping[str, Any], prefix: str, nested: bool
) -> None:
    for member in holder.members:
        path, old_value, new_value = f"{prefix}{member.name}", base.get(member.name), new.get(member.name)
        if member.modifier == "r":
            if nested and not unchanged(member, old_value, new_value):
                raise RuleViolationError(
                    f"Attribute {path} cannot be allocated: it is inside an embedded entity, which requires a service with"
                    " strict modifier enforcement."
                )
        elif isinstance(member, EmbeddedServiceEntity):
            matching = match_elements(member, old_value, new_value, path)
            for old_element, new_element, where in matching.kept:
                _check_nested_read_only(member, old_element, new_element, f"{where}.", nested=True)
            for new_element, where in matching.added:
                _check_nested_read_only(member, {}, new_element, f"{where}.", nested=True)


def keep_read_only(
    entity: ServiceEntity, base: Mapping[str, Any], new: Mapping[str, Any], overwrite: bool = False
) -> dict[str, Any]:
    """
    Take what only the allocation writes from the old set, where the author of the new one left it out.

    :param base: the attribute set that is updated
    :param new: The attribute set after the update, of any shape. It is not changed.
    :param overwrite: whether to do so even where the new set has another value
    """
    return _keep_read_only(entity, base, new, overwrite, entity.strict_modifier_enforcement)


def _keep_read_only(
    holder: ServiceAttributeHolder, base: Mapping[str, Any], new: Mapping[str, Any], overwrite: bool, strict: bool
) -> dict[str, Any]:
    kept = dict(new)
    for member in holder.members:
        if member.modifier == "r" and (overwrite or member.name not in kept):
            kept.pop(member.name, None)
            if member.name in base:
                kept[member.name] = base[member.name]
    if not strict:
        return kept
    for relation in holder.embedded_entities:
        if relation.modifier == "r" or relation.name not in kept:
            continue
        value = kept[relation.name]
        elements = elements_of(value)
        if isinstance(value, list) and len(elements) != len(value):
            continue  # not embedded entities only: the check of the shape tells
        old_elements = elements_of(base.get(relation.name))
        old_by_key = dict(zip(element_keys(relation, old_elements), old_elements, strict=True))
        completed = [
            _keep_read_only(relation, old_by_key.get(key, {}), element, overwrite, strict)
            for key, element in zip(element_keys(relation, elements), elements, strict=True)
        ]
        if isinstance(value, list):
            kept[relation.name] = completed
        elif completed:
            kept[relation.name] = completed[0]
    return kept


def refusal(modifier: str, path: str) -> str:
    """
    Why an attribute may not change.

    :param path: where the attribute is
    """
    return read_only(path) if modifier == "r" else f"Attribute {path} may only be set when the instance is created."


def read_only(path: str) -> str:
    """
    Why a user may not write an attribute of modifier ``r``.

    :param path: where the attribute is
    """
    return f"Attribute {path} is read-only, only the allocation may write it."


def unchanged(member: ServiceAttribute | EmbeddedServiceEntity | InterServiceRelation, old: object, new: object) -> bool:
    """
    Whether a value stays as it is. The order of related entities does not matter, they are a set.

    :param member: what describes the value
    :param old: the value before
    :param new: the value afterwards
    """
    if same(old, new):
        return True
    if isinstance(member, ServiceAttribute) or not isinstance(old, list) or not isinstance(new, list):
        return False
    return Counter(map(_canonical, old)) == Counter(map(_canonical, new))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal. In JSON true is not 1."""
    match left, right:
        case dict(), dict():
            return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case _:
            return isinstance(left, bool) == isinstance(right, bool) and left == right
