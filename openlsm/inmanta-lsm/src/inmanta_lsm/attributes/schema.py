"""
The JSON schema of the attributes with which an instance is created.
"""

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

    :param entity: The service entity.
    """
    definitions: dict[str, JsonSchema] = {}
    described = _object_schema(entity, entity.name, definitions)
    return {"$defs": definitions, **described} if definitions else described


def _object_schema(holder: ServiceAttributeHolder, title: str, definitions: dict[str, JsonSchema]) -> JsonSchema:
    properties: dict[str, JsonSchema] = {}
    required: list[str] = []
    for member in holder.members:
        if member.modifier == "r":
            continue
        match member:
            case ServiceAttribute():
                property_schema, is_required = _attribute_schema(member)
            case EmbeddedServiceEntity():
                reference = {"$ref": f"#/$defs/{_define(member, definitions)}"}
                property_schema, is_required = _relation_schema(member, reference)
            case InterServiceRelation():
                property_schema, is_required = _relation_schema(member, {"format": "uuid", "type": "string"})
        if member.description is not None:
            property_schema["description"] = member.description
        properties[member.name] = property_schema | {"title": member.name.replace("_", " ").title()}
        if is_required:
            required.append(member.name)
    result: JsonSchema = {"additionalProperties": False, "properties": properties, "title": title, "type": "object"}
    return result | {"required": required} if required else result


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


def _define(relation: EmbeddedServiceEntity, definitions: dict[str, JsonSchema]) -> str:
    """
    Add the schema of an embedded entity to the definitions, unless it is there.

    :return: The name of the definition. Entities of one name that differ get different ones.
    """
    name = (relation.type or relation.name).rpartition("::")[2]
    described = _object_schema(relation, name, definitions)
    unique, number = name, 1
    while definitions.setdefault(unique, described) != described:
        number += 1
        unique = f"{name}_{number}"
    return unique
