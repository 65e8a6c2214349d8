"""The JSON schemas of the attributes of a service."""

import re
from typing import Any

from inmanta_lsm.attributes.value_type import ValueType
from inmanta_lsm.model import (
    EmbeddedServiceEntity,
    InterServiceRelation,
    ServiceAttribute,
    ServiceAttributeHolder,
    ServiceEntity,
    ServiceRelation,
)

type JsonSchema = dict[str, Any]


def schema(entity: ServiceEntity) -> JsonSchema:
    """
    The JSON schema of the attributes with which an instance is created, in the shape that pydantic gives its models.

    What only the allocation writes is left out.
    """
    return _Schemas(allocated=False).of(entity)


def editing_schema(entity: ServiceEntity) -> JsonSchema:
    """
    The JSON schema of the attributes of an instance that is created or edited.

    It differs from that of a creation in one thing: what the allocation wrote may be there, so that an attribute set can be
    edited around it. It is a pattern and no property, for editors to offer only what users write.
    """
    return _Schemas(allocated=True).of(entity)


class _Schemas:
    """The schemas of a service entity and its embedded entities."""

    def __init__(self, *, allocated: bool) -> None:
        """:param allocated: whether what only the allocation writes may be there"""
        self._allocated = allocated
        self._definitions: dict[str, JsonSchema] = {}

    def of(self, entity: ServiceEntity) -> JsonSchema:
        """The schema of a service entity, with those of its embedded entities."""
        described = self._object_schema(entity, entity.name)
        return {"$defs": self._definitions, **described} if self._definitions else described

    def _object_schema(self, holder: ServiceAttributeHolder, title: str) -> JsonSchema:
        properties: dict[str, JsonSchema] = {}
        patterns: dict[str, JsonSchema] = {}
        required: list[str] = []
        for member in holder.members:
            if member.modifier == "r" and not self._allocated:
                continue
            value, is_required = self._value_schema(member)
            if member.modifier == "r":
                patterns[_only(member.name)] = _described({"anyOf": [value, {"type": "null"}], "readOnly": True}, member)
                continue
            properties[member.name] = _described(value, member)
            if is_required:
                required.append(member.name)
        result: JsonSchema = {"additionalProperties": False, "properties": properties, "title": title, "type": "object"}
        return result | ({"patternProperties": patterns} if patterns else {}) | ({"required": required} if required else {})

    def _value_schema(self, member: ServiceAttribute | EmbeddedServiceEntity | InterServiceRelation) -> tuple[JsonSchema, bool]:
        match member:
            case EmbeddedServiceEntity():
                return _relation_schema(member, {"$ref": f"#/$defs/{self._define(member)}"})
            case InterServiceRelation():
                return _relation_schema(member, {"format": "uuid", "type": "string"})
            case ServiceAttribute():
                return _attribute_schema(member)

    def _define(self, relation: EmbeddedServiceEntity) -> str:
        """
        Add the schema of an embedded entity to the definitions, unless it is there.

        :return: The name of the definition. Entities of one name that differ get different ones.
        """
        name = (relation.type or relation.name).rpartition("::")[2]
        described = self._object_schema(relation, name)
        unique, number = name, 1
        while self._definitions.setdefault(unique, described) != described:
            number += 1
            unique = f"{name}_{number}"
        return unique


def _attribute_schema(attribute: ServiceAttribute) -> tuple[JsonSchema, bool]:
    described = ValueType.of(attribute).json_schema()
    if attribute.default_value_set:
        return described | {"default": attribute.default_value}, False
    if attribute.optional:
        return described | {"default": None}, False
    return described, True


def _relation_schema(relation: ServiceRelation, related: JsonSchema) -> tuple[JsonSchema, bool]:
    if relation.single:
        if relation.optional:
            return {"anyOf": [related, {"type": "null"}], "default": None}, False
        return dict(related), True
    described: JsonSchema = {"items": related, "type": "array"}
    if relation.lower_limit:
        described["minItems"] = relation.lower_limit
    if relation.upper_limit is not None:
        described["maxItems"] = relation.upper_limit
    if relation.optional:
        return described | {"default": []}, False
    return described, True


def _described(value: JsonSchema, described: ServiceAttribute | ServiceRelation) -> JsonSchema:
    """The schema of a value with what people read about it."""
    texts = {} if described.description is None else {"description": described.description}
    return {**value, **texts, "title": described.name.replace("_", " ").title()}


def _only(name: str) -> str:
    """The regular expression, in the dialect of JSON schema, that matches one name."""
    return "^" + re.sub(r"[^\w-]", lambda character: f"\\{character[0]}", name) + "$"
