"""The fields of a form, from the definition of a service: every attribute that a user writes has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute, ServiceEntity

from inmanta_services.attributes.display import is_secret
from inmanta_services.attributes.members import Holder, Member, is_single, members

ONLY_AT_CREATION = "It can only be set when the instance is created."


class Kind(StrEnum):
    """What somebody writes into a field."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    JSON = "json"


@dataclass(frozen=True)
class Suggestions:
    """
    Values that are suggested, without others being wrong.

    :ivar values: by what is shown for each.
    :ivar parameter: the parameter of the orchestrator that has them, None when they are known.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    parameter: str | None = None


@dataclass(frozen=True)
class Field:
    """
    What all fields have.

    :ivar name: of the attribute.
    :ivar description: what people read about it.
    :ivar locked: why it cannot be changed, None when it can.
    """

    name: str
    description: str
    locked: str | None


@dataclass(frozen=True)
class ValueField(Field):
    """
    The field of a plain attribute.

    :ivar many: whether its value is a list.
    :ivar optional: whether its value may be null.
    :ivar default: what it has when a form for a new instance is opened.
    :ivar choices: the only values that fit, for a choice.
    :ivar secret: whether what is written is not shown.
    """

    kind: Kind = Kind.TEXT
    many: bool = False
    optional: bool = False
    default: Any = None
    choices: Sequence[Any] = ()
    suggestions: Suggestions | None = None
    secret: bool = False


@dataclass(frozen=True)
class RelationField(Field):
    """
    The field of a relation to other instances.

    :ivar service: the service that they are of.
    :ivar many: whether there may be several.
    """

    service: str = ""
    many: bool = False
    lower: int = 0
    upper: int | None = None


@dataclass(frozen=True)
class GroupField(Field):
    """
    The fields of embedded entities.

    :ivar fields: those of each of them.
    :ivar many: whether there may be several.
    """

    fields: Sequence["AnyField"] = ()
    many: bool = False
    lower: int = 0
    upper: int | None = None


type AnyField = ValueField | RelationField | GroupField


def fields_of(entity: ServiceEntity, *, creating: bool) -> list[AnyField]:
    """
    The fields of a service.

    :param entity: the service.
    :param creating: whether for a new instance, else for one that is there.
    """
    return _fields(entity, creating, entity.strict_modifier_enforcement, None)


def _fields(holder: Holder, creating: bool, strict: bool, above: Member | None) -> list[AnyField]:
    """
    The fields of a service or an embedded entity.

    :param above: without strict enforcement, the top-level member that this is in: its modifier holds for all below.
    """
    fields: list[AnyField] = []
    for member in members(holder):
        if member.modifier == "r":
            continue
        ruling = member if strict or above is None else above
        locked = None if creating or ruling.modifier == "rw+" else ONLY_AT_CREATION
        description = member.description or ""
        match member:
            case ServiceAttribute():
                fields.append(_value_field(member, description, locked))
            case InterServiceRelation():
                many, lower, upper = not is_single(member), member.lower_limit, member.upper_limit
                fields.append(RelationField(member.name, description, locked, member.entity_type, many, lower, upper))
            case EmbeddedServiceEntity():
                inner = _fields(member, creating, strict, ruling)
                many, lower, upper = not is_single(member), member.lower_limit, member.upper_limit
                fields.append(GroupField(member.name, description, locked, inner, many, lower, upper))
    return fields


_PRIMITIVES = {
    "string": Kind.TEXT,
    "int": Kind.INTEGER,
    "float": Kind.NUMBER,
    "number": Kind.NUMBER,
    "bool": Kind.BOOLEAN,
}


def _value_field(attribute: ServiceAttribute, description: str, locked: str | None) -> ValueField:
    """The field of a plain attribute."""
    text = attribute.type
    optional = text.endswith("?")
    text = text.removesuffix("?")
    many = text.endswith("[]")
    text = text.removesuffix("[]")
    choices = _choices(attribute)
    kind = Kind.CHOICE if choices else _PRIMITIVES.get(text, Kind.JSON)
    if many and kind is Kind.BOOLEAN:
        kind, many = Kind.JSON, False
    return ValueField(
        attribute.name,
        description,
        locked,
        kind=kind,
        many=many,
        optional=optional,
        default=attribute.default_value if attribute.default_value_set else None,
        choices=choices,
        suggestions=_suggestions(attribute) if kind is Kind.TEXT and not many else None,
        secret=is_secret(attribute.name),
    )


def _choices(attribute: ServiceAttribute) -> Sequence[Any]:
    """The values of an enumeration."""
    if (attribute.validation_type or "").removesuffix("?").removesuffix("[]") != "enum":
        return ()
    names = (attribute.validation_parameters or {}).get("names")
    return tuple(names.values()) if isinstance(names, dict) else ()


def _suggestions(attribute: ServiceAttribute) -> Suggestions | None:
    """What the annotation ``web_suggested_values`` of an attribute suggests."""
    annotation = attribute.attribute_annotations.get("web_suggested_values")
    if not isinstance(annotation, dict):
        return None
    if annotation.get("type") == "literal" and isinstance(annotation.get("values"), list):
        return Suggestions(labelled(annotation["values"]))
    name = annotation.get("parameter_name")
    return Suggestions(parameter=name) if annotation.get("type") == "parameters" and isinstance(name, str) else None


def labelled(values: Sequence[Any]) -> dict[str, Any]:
    """
    Suggested values by what is shown for each.

    :param values: each a value, or a dictionary with ``label`` and ``value``.
    """
    return {
        str(one.get("label", one["value"])) if isinstance(one, dict) and "value" in one else str(one): (
            one["value"] if isinstance(one, dict) and "value" in one else one
        )
        for one in values
    }
