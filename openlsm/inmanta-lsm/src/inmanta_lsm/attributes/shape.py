"""Whether an attribute set has the shape that its service entity describes."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from inmanta_lsm.attributes.matching import element_key, element_paths
from inmanta_lsm.attributes.value_type import ValueType
from inmanta_lsm.attributes.violation import RuleViolationError, shown
from inmanta_lsm.model import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    ServiceAttributeHolder,
    ServiceEntity,
    ServiceRelation,
)


def check_set(entity: ServiceEntity, attributes: Mapping[str, Any], only: Collection[str] | None = None) -> None:
    """
    Refuse an attribute set that does not fit its service entity.

    The set has to be complete. What only the allocation writes may be null.

    :param only: the names of the top-level attributes to look at, all of them if None
    :raises RuleViolationError: an attribute is missing, unknown or does not fit its type
    """
    checker = _ShapeChecker(unique_keys=entity.strict_modifier_enforcement)
    checker.check(entity, attributes, prefix="", owner=f"Service {entity.name}", only=only)


class _ShapeChecker:
    """Checks the shape of attribute sets."""

    def __init__(self, unique_keys: bool) -> None:
        """:param unique_keys: whether the embedded entities of a list have to differ in their key attributes"""
        self.unique_keys = unique_keys

    def check(
        self,
        holder: ServiceAttributeHolder,
        values: Mapping[str, Any],
        prefix: str,
        owner: str,
        only: Collection[str] | None = None,
    ) -> None:
        """
        Check the values of a service instance or of an embedded entity.

        :param holder: what describes the values
        :param prefix: the path of the values, with a dot at the end, for error messages
        :param owner: what the values belong to, for error messages
        :param only: the names to look at, all of them if None
        """
        known = {member.name for member in holder.members}
        for name in values:
            if name not in known and (only is None or name in only):
                raise RuleViolationError(f"{owner} has no attribute {prefix}{name}, it has {', '.join(sorted(known))}.")
        for member in holder.members:
            path = f"{prefix}{member.name}"
            if only is not None and member.name not in only:
                continue
            if member.name not in values:
                raise RuleViolationError(f"Attribute {path} is required.")
            value = values[member.name]
            if value is None and member.modifier == "r":
                continue
            match member:
                case EmbeddedServiceEntity():
                    self.check_embedded(member, value, path)
                case InterServiceRelation():
                    check_references(member, value, path)
                case _:
                    ValueType.of(member).check(value, path)

    def check_embedded(self, relation: EmbeddedServiceEntity, value: object, path: str) -> None:
        """
        Check the embedded entities of a relation.

        :param path: where the value is, for error messages
        """
        elements = related(relation, value, path)
        for element in elements:
            if not isinstance(element, dict):
                raise RuleViolationError(f"Attribute {path} must hold embedded entities (objects), not {shown(element)}.")
        if relation.key_attributes and self.unique_keys and not relation.single:
            seen: set[str] = set()
            for element in elements:
                key = element_key(relation, element)
                if key in seen:
                    names = ", ".join(relation.key_attributes)
                    raise RuleViolationError(f"Attribute {path} has several entities with the same {names}: {key}.")
                seen.add(key)
        for element, element_path in zip(elements, element_paths(relation, elements, path), strict=True):
            self.check(relation, element, f"{element_path}.", f"Embedded entity {path}")


def related(relation: ServiceRelation, value: object, path: str) -> list[Any]:
    """
    The value of a relation as a list, after checking the number of related entities.

    :param path: where the value is, for error messages
    :raises RuleViolationError: the value is no list where it has to be one, or there are too few or too many entities
    """
    if relation.single:
        if value is None:
            if not relation.optional:
                raise RuleViolationError(f"Attribute {path} is required, it cannot be null.")
            return []
        if isinstance(value, list):
            raise RuleViolationError(f"Attribute {path} must be a single value, not a list.")
        return [value]
    if not isinstance(value, list):
        raise RuleViolationError(f"Attribute {path} must be a list, not {shown(value)}.")
    if len(value) < relation.lower_limit:
        raise RuleViolationError(f"Attribute {path} must have at least {relation.lower_limit} entities, it has {len(value)}.")
    if relation.upper_limit is not None and len(value) > relation.upper_limit:
        raise RuleViolationError(f"Attribute {path} must have at most {relation.upper_limit} entities, it has {len(value)}.")
    return value


def check_references(relation: InterServiceRelation, value: object, path: str) -> None:
    """
    Check the ids that a relation to other services holds.

    :param path: where the value is, for error messages
    :raises RuleViolationError: the value does not fit
    """
    for reference in related(relation, value, path):
        if not is_identifier(reference):
            raise RuleViolationError(
                f"Attribute {path} must be the id of an instance of service {relation.entity_type}, not {shown(reference)}."
            )


def is_identifier(value: object) -> bool:
    """Whether a value is the id of a service instance, a uuid in its canonical notation."""
    if not isinstance(value, str):
        return False
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False
