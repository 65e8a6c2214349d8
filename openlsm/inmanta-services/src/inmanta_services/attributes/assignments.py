"""Values and edits as people write them on a command line: ``path=value``."""

from collections.abc import Mapping, Sequence
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


def setting(entity: ServiceEntity, text: str) -> PatchCallEdit:
    """
    The edit that gives something another value.

    :param entity: the service.
    :param text: ``path=value``.
    """
    path, value = _assignment(entity, text)
    return _edit(EditOperation.replace, path.to_str(), value)


def addition(entity: ServiceEntity, base: Mapping[str, Any], text: str) -> PatchCallEdit:
    """
    The edit that adds to a list, or to an embedded entity.

    :param entity: the service.
    :param base: the attributes that are there.
    :param text: ``path=value``; the value is one element or a list of them.
    """
    path, value = _assignment(entity, text)
    if isinstance(member_at(entity, path), EmbeddedServiceEntity):
        return _edit(EditOperation.merge, path.to_str(), value)
    return _edit(
        EditOperation.replace, path.to_str(), [*_list_at(base, path), *(value if isinstance(value, list) else [value])]
    )


def removal(entity: ServiceEntity, base: Mapping[str, Any], text: str) -> PatchCallEdit:
    """
    The edit that removes something.

    :param entity: the service.
    :param base: the attributes that are there.
    :param text: a path, or ``path=value`` for a value in a list.
    """
    target, value = split(text)
    path = paths.parse(target)
    member = member_at(entity, path)
    if value is None:
        return _edit(EditOperation.remove, path.to_str(), None)
    unwanted = value_at(entity, path, value)
    unwanted = unwanted if isinstance(unwanted, list) else [unwanted]
    there = _list_at(base, path)
    missing = [element for element in unwanted if element not in there]
    if missing and not isinstance(member, InterServiceRelation):
        raise ServicesError(f"{path.to_str()} has no value {missing[0]!r} to remove.")
    return _edit(EditOperation.replace, path.to_str(), [element for element in there if element not in unwanted])


def numbered(edits: Sequence[PatchCallEdit]) -> list[PatchCallEdit]:
    """
    Edits with names that messages can refer to.

    :param edits: the edits.
    """
    return [edit.model_copy(update={"edit_id": str(number)}) for number, edit in enumerate(edits, start=1)]


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


def _edit(operation: EditOperation, target: str, value: Any) -> PatchCallEdit:
    return PatchCallEdit(edit_id="", operation=operation, target=target, value=value)
