"""Edits of attribute sets: replace, remove and merge what a dict path leads to."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from inmanta.util.dict_path import (
    ComposedPath,
    ContainerStructureException,
    DictPath,
    InDict,
    InvalidPathException,
    KeyedList,
    NullPath,
    WildKeyedList,
    to_path,
)

from inmanta_lsm.attributes.matching import element_key
from inmanta_lsm.attributes.storable import check_storable, check_text
from inmanta_lsm.attributes.violation import RuleViolationError, shown
from inmanta_lsm.model import EditOperation, EmbeddedServiceEntity, PatchCallEdit, ServiceAttributeHolder, ServiceEntity

# The time it takes to parse a dict path that is none grows with the square of its length.
MAXIMUM_TARGET_LENGTH = 2000


def edited(entity: ServiceEntity, base: Mapping[str, Any], edits: Sequence[PatchCallEdit]) -> dict[str, Any]:
    """
    The attribute set after some edits. Whether it fits the service entity is not checked.

    :param base: the attribute set, which is not changed
    :param edits: the edits, in the order in which they are applied
    :raises RuleViolationError: An edit cannot be applied. The text names it.
    """
    attributes: dict[str, Any] = copy.deepcopy(dict(base))
    for edit in edits:
        check_text(edit.edit_id, "the edit id")
        try:
            check_storable(edit.value, "the edit")
            check_text(edit.target, "the target")
            attributes = _applied(entity, attributes, edit)
            # The edits before this one may have nested the values deeper than each of them is.
            check_storable(attributes, "the attributes")
        except RuleViolationError as violation:
            raise RuleViolationError(f"edit {edit.edit_id}: {violation}") from None
        except (InvalidPathException, ValueError):
            raise RuleViolationError(f"edit {edit.edit_id}: The target {edit.target} is no valid dict path.") from None
        except ContainerStructureException:
            raise RuleViolationError(
                f"edit {edit.edit_id}: The target {edit.target} leads through a value that has no such elements."
            ) from None
        except (KeyError, IndexError):
            raise RuleViolationError(f"edit {edit.edit_id}: There is no element (or more than one) at {edit.target}.") from None
    return attributes


def _applied(entity: ServiceEntity, attributes: dict[str, Any], edit: PatchCallEdit) -> dict[str, Any]:
    path = _parsed(edit.target)
    value = copy.deepcopy(edit.value)
    match edit.operation:
        case EditOperation.replace:
            return _replaced(attributes, path, value)
        case EditOperation.remove:
            _remove(entity, attributes, path)
            return attributes
        case EditOperation.merge:
            return _merged(entity, attributes, path, value)
        case unknown:
            operations = ", ".join(EditOperation)
            raise RuleViolationError(f"The operation {shown(str(unknown))} is unknown, use one of {operations}.")


def _parsed(target: str) -> DictPath:
    if len(target) > MAXIMUM_TARGET_LENGTH:
        raise RuleViolationError(
            f"The target has {len(target)} characters, a dict path can have {MAXIMUM_TARGET_LENGTH} at most."
        )
    text = target.removeprefix(".")
    if text and ".".join(ComposedPath.split_on_dots(text)) != text:
        # The parser skips what it cannot read and would take the rest for the path.
        raise InvalidPathException(target)
    return to_path(target)


def _replaced(attributes: dict[str, Any], path: DictPath, value: object) -> dict[str, Any]:
    if isinstance(path, NullPath):
        # The path object would only overwrite the keys that the value has.
        if not isinstance(value, dict):
            raise RuleViolationError(f"The whole attribute set can only be replaced by an object, not by {shown(value)}.")
        return value
    *steps, last = path.get_path_sections()
    container: object = attributes
    for step in steps:
        container = step.get_element(container)
    if isinstance(last, KeyedList) and len(WildKeyedList.get_elements(last, container)) > 1:
        # The path object would append one more.
        raise KeyError(last.get_key())
    last.set_element(container, value)
    return attributes


def _remove(entity: ServiceEntity, attributes: dict[str, Any], path: DictPath) -> None:
    if isinstance(path, NullPath):
        raise RuleViolationError("The whole attribute set cannot be removed.")
    path.get_element(attributes)
    path.remove(attributes)
    sections = path.get_path_sections()
    if len(sections) > 1 or not isinstance(sections[0], InDict):
        return
    name = sections[0].get_key()
    defaults = entity.add_defaults({})
    if name in defaults:
        attributes[name] = defaults[name]
    elif any(member.name == name for member in entity.members):
        raise RuleViolationError(f"Attribute {name} is required, it cannot be removed.")


def _merged(entity: ServiceEntity, attributes: dict[str, Any], path: DictPath, value: object) -> dict[str, Any]:
    try:
        target = path.get_element(attributes)
    except KeyError:
        target = None
    if target is None:
        return _replaced(attributes, path, value)
    relation = _relation_at(entity, path)
    additions: list[Any] = value if isinstance(value, list) else [value]
    if isinstance(target, dict) and isinstance(value, dict):
        target.update(value)
    elif isinstance(target, list) and relation is not None and all(isinstance(addition, dict) for addition in additions):
        _merge_elements(relation, target, additions)
    else:
        raise RuleViolationError(
            "Only an object can be merged with an object, and only embedded entities with a list of them,"
            f" not {shown(value)} with {shown(target)}."
        )
    return attributes


def _merge_elements(relation: EmbeddedServiceEntity, elements: list[Any], additions: Sequence[dict[str, Any]]) -> None:
    if not relation.key_attributes:
        elements.extend(additions)
        return
    by_key: dict[str, dict[str, Any]] = {}
    for element in elements:
        if isinstance(element, dict):
            by_key.setdefault(element_key(relation, element), element)
    for addition in additions:
        # Merging does not change the key: it is what both have in common.
        match = by_key.setdefault(element_key(relation, addition), addition)
        if match is addition:
            elements.append(addition)
        else:
            match.update(addition)


def _relation_at(entity: ServiceEntity, path: DictPath) -> EmbeddedServiceEntity | None:
    """The relation to embedded entities that a path leads to, if it does."""
    holder: ServiceAttributeHolder = entity
    for section in path.get_path_sections():
        found = next((relation for relation in holder.embedded_entities if relation.name == section.get_key()), None)
        if found is None:
            return None
        holder = found
    return holder if isinstance(holder, EmbeddedServiceEntity) else None
