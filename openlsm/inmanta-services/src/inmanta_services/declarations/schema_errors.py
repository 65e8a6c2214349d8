"""Where attributes do not fit the JSON schema of their service."""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from inmanta_services.attributes.display import is_secret


def schema_errors(schema: Mapping[str, Any], attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Where attributes do not fit.

    :param schema: the JSON schema of what an instance is created with.
    :param attributes: the attributes.
    :return: path and reason of each place.
    """
    validator = _validator(json.dumps(schema))
    if validator is None:
        return
    for error in validator.iter_errors(dict(attributes)):
        path = ".".join(str(part) for part in error.instance_path)
        yield path, "the value does not fit" if is_secret(path) else _bounded(error.message)


@functools.lru_cache
def _validator(schema: str) -> jsonschema_rs.Validator | None:
    """
    What checks values against a schema.

    :param schema: the schema, as JSON.
    :return: None when the schema has, for example, a pattern that only Python understands: then the orchestrator alone checks.
    """
    try:
        return jsonschema_rs.validator_for(schema)
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _bounded(message: str, length: int = 300) -> str:
    """
    A message of a length that can be read: it may quote a whole value.

    :param message: the message.
    """
    return message if len(message) <= length else f"{message[:length]}…"
