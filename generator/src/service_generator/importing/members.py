"""What the entities of a compiled model declare, as the service catalog understands them."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from inmanta.ast import OptionalValueException
from inmanta.ast.attribute import Attribute, RelationAttribute
from inmanta.ast.entity import Entity

from service_generator.importing.types import constant, plain

_FIELD = re.compile(r":attr\s+(?P<name>\w+)\s*:\s*(?P<text>.*)")
_ABOUT_ANOTHER = ("__modifier", "__description", "__annotations")


def lineage(entity: Entity) -> list[Entity]:
    """
    An entity and all that it extends, the most general ones first.

    :param entity: the entity
    """
    found: dict[str, Entity] = {}
    for parent in entity.parent_entities:
        found |= {ancestor.get_full_name(): ancestor for ancestor in lineage(parent)}
    return [*found.values(), entity]


def extends(entity: Entity, name: str) -> bool:
    """
    Whether an entity is, or extends, another one.

    :param entity: the entity
    :param name: the full name of the other one
    """
    return any(ancestor.get_full_name() == name for ancestor in lineage(entity))


def members(entity: Entity) -> Iterator[Attribute]:
    """
    The attributes and relations of an entity that can be a part of a service, inherited ones first.

    :param entity: the entity
    """
    found: dict[str, Attribute] = {}
    basic: set[str] = set()
    for ancestor in lineage(entity):
        found |= ancestor.attributes
        if ancestor.get_full_name().split("::")[0] in ("lsm", "std"):
            basic |= set(ancestor.attributes)
    for name, member in found.items():
        if name not in basic and not name.startswith("_") and not name.endswith(_ABOUT_ANOTHER):
            yield member


def default(entity: Entity, name: str, otherwise: Any = None) -> Any:
    """
    The default of an attribute.

    :param entity: the entity, which may inherit the attribute
    :param name: its name
    :param otherwise: what to give when there is none
    """
    value = entity.get_default_values().get(name)
    return otherwise if value is None else constant(value)


def description(entity: Entity) -> str:
    """
    What the docstring of an entity says about the entity, a paragraph a line.

    :param entity: the entity
    """
    return _paragraphs(_documentation(entity.comment)[0])


def attribute_description(entity: Entity, name: str) -> str:
    """
    What is said about an attribute.

    :param entity: the entity, which may inherit it
    :param name: its name
    """
    explicit = default(entity, f"{name}__description")
    if explicit is not None:
        return " ".join(str(explicit).split())
    for ancestor in reversed(lineage(entity)):
        found = _documentation(ancestor.comment)[1].get(name)
        if found:
            return " ".join(" ".join(found).split())
    return ""


def relation_description(relation: RelationAttribute) -> str:
    """
    What is said about a relation.

    :param relation: the relation
    """
    return " ".join(" ".join(_documentation(relation.comment)[0]).split())


def _documentation(docstring: str | None) -> tuple[list[str], dict[str, list[str]]]:
    lines: list[str] = []
    fields: dict[str, list[str]] = {}
    current = lines
    after_blank = False
    for line in inspect.cleandoc(docstring or "").splitlines():
        field = _FIELD.fullmatch(line.strip())
        if field is not None:
            current = fields.setdefault(field["name"], [])
            current.append(field["text"])
        else:
            if current is not lines and (line.startswith(":") or (after_blank and line.strip() and not line[0].isspace())):
                current = lines
            current.append(line)
        after_blank = not line.strip()
    return lines, fields


def _paragraphs(lines: list[str]) -> str:
    found = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", "\n".join(lines))]
    return "\n\n".join(paragraph for paragraph in found if paragraph)


def annotations_on(relation: RelationAttribute) -> list[Any]:
    """
    The instances that annotate a relation.

    :param relation: the relation
    """
    from inmanta.execute.proxy import DynamicProxy

    found = [
        DynamicProxy.return_value(variable.get_value())
        for variable in (*relation.source_annotations, *relation.target_annotations)
    ]
    return [one for one in found if isinstance(one, DynamicProxy) and isinstance(one._type(), Entity)]


def is_to_service(relation: RelationAttribute) -> bool:
    """
    Whether a relation leads to another service.

    :param relation: the relation
    """
    return any(extends(one._type(), "lsm::InterServiceRelation") for one in annotations_on(relation))


def modifier(relation: RelationAttribute) -> Any:
    """
    Who may set a relation.

    :param relation: the relation
    """
    found = [one.modifier for one in annotations_on(relation) if extends(one._type(), "lsm::RelationshipMetadata")]
    return found[0] if found else "rw"


def relation_annotations(relation: RelationAttribute) -> dict[str, Any]:
    """
    The annotations of a relation.

    :param relation: the relation
    """
    merged: dict[str, Any] = {}
    for one in annotations_on(relation):
        if extends(one._type(), "lsm::RelationAnnotations"):
            merged |= plain(one.annotations)
    return merged


def keys(relation: RelationAttribute, entity: Entity) -> tuple[str, ...]:
    """
    The attributes that tell the elements of a relation apart.

    :param relation: the relation
    :param entity: the entity that it leads to
    """
    if relation.high == 1:
        return ()
    back = relation.end.name if relation.end is not None else ""
    public = {member.name for member in members(entity) if not isinstance(member, RelationAttribute)}
    candidates = set()
    for index in entity.get_indices():
        names = tuple(sorted(name for name in index if name != back))
        if names and set(names) <= public:
            candidates.add(names)
    wanted = default(entity, "__lsm_key_attributes")
    if wanted is not None:
        return tuple(sorted(wanted)) if tuple(sorted(wanted)) in candidates else ()
    return candidates.pop() if len(candidates) == 1 else ()


_OF_ALL_VERSIONS = (
    "lifecycle",
    "service_identity",
    "service_identity_display_name",
    "strict_modifier_enforcement",
    "allocation_spec",
    "owner",
)
"""What all versions have in common that one class describes."""


def difference(binding: Any, other: Any) -> str | None:
    """
    What two versions do not have in common, although one class would describe both.

    :param binding: the binding of one version
    :param other: that of the other
    """
    return next((name for name in _OF_ALL_VERSIONS if optional(binding, name) != optional(other, name)), None)


def optional(instance: Any, name: str) -> Any:
    """
    The value of an attribute that may have none.

    :param instance: an instance of a compiled model
    :param name: the name of the attribute
    """
    try:
        return getattr(instance, name)
    except OptionalValueException:
        return None
