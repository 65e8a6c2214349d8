"""Values and edits as people write them on a command line: ``path=value``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml
from inmanta.util.dict_path import DictPath
from inmanta_lsm.model import (
    EditOperation,
    EmbeddedServiceEntity,
    InterServiceRelation,
    PatchCallEdit,
    ServiceAttribute,
    ServiceEntity,
)

from inmanta_services.attributes import paths
from inmanta_services.attributes.members import Holder, Member, is_single, members
from inmanta_services.errors import ServicesError
from inmanta_services.yaml_documents import PlainLoader


class ChangeKind(StrEnum):
    """What a change does."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"


def split(text: str) -> tuple[str, str | None]:
    """
    Divide path and value.

    :param text: such as ``items[name=cable].priority=HIGH``.
    :return: the value is None when there is none.
    """
    depth = 0
    position = 0
    while position < len(text):
        match text[position]:
            case "\\":
                position += 1
            case "[":
                depth += 1
            case "]":
                depth = max(0, depth - 1)
            case "=" if depth == 0:
                return text[:position], text[position + 1 :]
        position += 1
    return text, None


def member_at(entity: ServiceEntity, path: DictPath) -> Member | None:
    """
    The member of a service that a path leads to.

    :param entity: the service.
    :param path: the path.
    :return: None when it leads to none, for example inside a value without a description.
    :raises ServicesError: when the service has no attribute where the path starts.
    """
    holder: Holder = entity
    member: Member | None = None
    for step in path.get_path_sections():
        member = next((known for known in members(holder) if known.name == step.get_key()), None)
        if member is None and holder is entity:
            known = ", ".join(known.name for known in members(entity))
            raise ServicesError(f"{entity.name} has no attribute {step.get_key()}: it has {known}.")
        if not isinstance(member, EmbeddedServiceEntity):
            break
        holder = member
    return member if path.get_path_sections()[-1].get_key() == getattr(member, "name", None) else None


def value_at(entity: ServiceEntity, path: DictPath, text: str) -> Any:
    """
    A value as it is written on a command line: text where the attribute is one, else YAML.

    :param entity: the service.
    :param path: where the value belongs.
    :param text: the value.
    :raises ServicesError: when it is no value.
    """
    member = member_at(entity, path)
    if isinstance(member, InterServiceRelation) and not text.startswith("["):
        return None if text == "null" else text if is_single(member) else [text]
    if isinstance(member, ServiceAttribute) and member.type in ("string", "string?"):
        return None if text == "null" and member.type == "string?" else text
    try:
        return yaml.load(text, Loader=PlainLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ServicesError(
            f"{text!r} is no value for {path.to_str()}: write it as YAML, such as 5, true or [a, b]."
        ) from error


def assign(entity: ServiceEntity, attributes: dict[str, Any], text: str) -> None:
    """
    Put a value into attributes, with what leads there.

    :param entity: the service.
    :param attributes: the attributes, which are changed.
    :param text: ``path=value``.
    :raises ServicesError: when it is no assignment, or leads through something else.
    """
    path, value = _assignment(entity, text)
    try:
        path.set_element(attributes, value, construct=True)
    except (LookupError, TypeError) as error:
        raise ServicesError(f"{path.to_str()} leads through a value that has no such elements.") from error


@dataclass(frozen=True)
class Change:
    """
    A change as somebody writes it.

    :ivar member: what the path leads to, None when that is inside a value without a description.
    :ivar value: to set or add; to remove from a list; None when what the path leads to is removed itself.
    """

    kind: ChangeKind
    path: DictPath
    member: Member | None
    value: Any = None


def change(entity: ServiceEntity, kind: ChangeKind, text: str) -> Change:
    """
    Read a change.

    :param entity: the service.
    :param text: ``path=value``; to remove something that is no value in a list, its path alone.
    :raises ServicesError: when it is none.
    """
    if kind is ChangeKind.REMOVE and split(text)[1] is None:
        path = paths.parse(text)
        return Change(kind, path, member_at(entity, path))
    path, value = _assignment(entity, text)
    return Change(kind, path, member_at(entity, path), value)


def edits_of(base: Mapping[str, Any], changes: Sequence[Change]) -> list[PatchCallEdit]:
    """
    The edits that make some changes, one after the other.

    :param base: the attributes that are there.
    :param changes: the changes, with ids for other instances.
    :raises ServicesError: when one of them cannot be made.
    """
    # Lists that are changed more than once: an edit gives a list as a whole.
    lists: dict[str, list[Any]] = {}
    edits = []
    for number, wanted in enumerate(changes, start=1):
        target = wanted.path.to_str()
        operation, value = _operation(wanted, lists.get(target, base), target in lists)
        if operation is EditOperation.replace and isinstance(value, list):
            lists[target] = value
        edits.append(PatchCallEdit(edit_id=str(number), operation=operation, target=target, value=value))
    return edits


def _operation(wanted: Change, there: Any, is_list: bool) -> tuple[EditOperation, Any]:
    """
    What an edit does to make a change.

    :param there: the list that is there, or the attributes that it is in.
    :param is_list: which of the two.
    """
    if wanted.kind is ChangeKind.SET:
        return EditOperation.replace, wanted.value
    if wanted.kind is ChangeKind.REMOVE and wanted.value is None:
        return EditOperation.remove, None
    if wanted.kind is ChangeKind.ADD and isinstance(wanted.member, EmbeddedServiceEntity):
        return EditOperation.merge, wanted.value
    present = there if is_list else _list_at(there, wanted.path)
    values = wanted.value if isinstance(wanted.value, list) else [wanted.value]
    if wanted.kind is ChangeKind.ADD:
        return EditOperation.replace, [*present, *values]
    missing = [value for value in values if value not in present]
    if missing:
        raise ServicesError(f"{wanted.path.to_str()} has no value {missing[0]!r} to remove.")
    return EditOperation.replace, [value for value in present if value not in values]


def _assignment(entity: ServiceEntity, text: str) -> tuple[DictPath, Any]:
    target, value = split(text)
    if value is None:
        raise ServicesError(f"{text!r} is no assignment: write PATH=VALUE.")
    path = paths.parse(target)
    return path, value_at(entity, path, value)


def _list_at(base: Mapping[str, Any], path: DictPath) -> list[Any]:
    try:
        found: object = path.get_element(base)
    except LookupError:
        return []
    if found is None:
        return []
    if not isinstance(found, list):
        raise ServicesError(f"{path.to_str()} is no list: give it another value by --set.")
    return found
