"""The JSON schema of files that declare instances."""

from collections.abc import Mapping, Sequence
from typing import Any

from inmanta_lsm.model import ServiceEntity

from inmanta_services.attributes.members import Holder

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ID = {"type": "string", "format": "uuid", "description": "The id of the instance, chosen by its author."}


def file_schema(services: Sequence[tuple[ServiceEntity, Mapping[str, Any]]]) -> dict[str, Any]:
    """
    The schema of a document that declares an instance of one of some services.

    :param services: each with the schema of the attributes that its instances are created with.
    """
    names = [entity.name for entity, _ in services]
    return {
        "$schema": DIALECT,
        "title": "An instance of a service",
        "type": "object",
        "required": ["service"],
        "properties": {"service": {"enum": names, "description": "The service that it is an instance of."}},
        # The message of an editor is about the service that is named, and not about all that it might have been.
        "allOf": [
            {
                "if": {"properties": {"service": {"const": name}}, "required": ["service"]},
                "then": {"$ref": f"#/$defs/{_escaped(name)}"},
            }
            for name in names
        ],
        "$defs": {entity.name: _service(entity, schema) for entity, schema in services},
    }


def _service(entity: ServiceEntity, schema: Mapping[str, Any]) -> dict[str, Any]:
    """
    The schema of a document that declares an instance of a service.

    :param entity: the service.
    :param schema: of its attributes.
    """
    attributes = _moved(_writable(dict(schema)), f"#/$defs/{_escaped(entity.name)}/properties/attributes")
    _name_relations(entity, attributes, attributes)
    return {
        "type": "object",
        "description": (entity.description or "").strip(),
        "required": ["service", "attributes", *([] if entity.service_identity else ["id"])],
        "additionalProperties": False,
        "properties": {"service": {"const": entity.name}, "id": _ID, "attributes": attributes},
    }


def _writable(schema: Any) -> Any:
    """
    A schema without what only the orchestrator writes, which some of them describe for editors of what is there.

    :param schema: the schema.
    """
    match schema:
        case dict():
            return {
                key: {name: _writable(inner) for name, inner in value.items() if not _is_read_only(inner)}
                if key in ("properties", "patternProperties") and isinstance(value, dict)
                else _writable(value)
                for key, value in schema.items()
            }
        case list():
            return [_writable(value) for value in schema]
        case _:
            return schema


def _is_read_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("readOnly") is True


def _moved(schema: Any, place: str) -> Any:
    """
    A schema that stands somewhere else than at the top.

    :param schema: the schema.
    :param place: where it stands.
    """
    match schema:
        case dict():
            return {
                key: f"{place}{value.removeprefix('#')}" if key == "$ref" and isinstance(value, str) else _moved(value, place)
                for key, value in schema.items()
            }
        case list():
            return [_moved(value, place) for value in schema]
        case _:
            return schema


def _name_relations(holder: Holder, schema: dict[str, Any], top: dict[str, Any]) -> None:
    """
    Let relations be written by name, and not only by id.

    :param holder: the service or embedded entity that a schema describes.
    :param schema: the schema, which is changed.
    :param top: the schema that has the definitions.
    """
    properties = schema.get("properties", {})
    for relation in holder.inter_service_relations:
        if relation.name in properties:
            text = f"{relation.description or ''} The identity (or id) of an instance of {relation.entity_type}.".strip()
            properties[relation.name] = {**_without_format(properties[relation.name]), "description": text}
    for embedded in holder.embedded_entities:
        for inner in _objects(properties.get(embedded.name, {}), top):
            _name_relations(embedded, inner, top)


def _without_format(schema: Any) -> Any:
    match schema:
        case dict():
            return {key: _without_format(value) for key, value in schema.items() if (key, value) != ("format", "uuid")}
        case list():
            return [_without_format(value) for value in schema]
        case _:
            return schema


def _objects(schema: Any, top: dict[str, Any]) -> list[dict[str, Any]]:
    """
    The schemas of objects that a value may be or hold.

    :param schema: of the value.
    :param top: the schema that has the definitions.
    """
    match schema:
        case {"$ref": str() as reference}:
            target = top.get("$defs", {}).get(reference.rpartition("/")[2])
            return [] if target is None else [target]
        case {"properties": _}:
            return [schema]
        case dict():
            return [found for value in schema.values() for found in _objects(value, top)]
        case list():
            return [found for value in schema for found in _objects(value, top)]
        case _:
            return []


def _escaped(name: str) -> str:
    """
    A name as it stands in a JSON pointer.

    :param name: the name.
    """
    return name.replace("~", "~0").replace("/", "~1")
