"""The types of plain attributes: which JSON values they allow, and their JSON schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic

from inmanta_lsm.attributes.narrower_types import narrower_type
from inmanta_lsm.attributes.violation import RuleViolationError, one_line, shown
from inmanta_lsm.model import ServiceAttribute

LIST_SUFFIX = "[]"
OPTIONAL_SUFFIX = "?"

ENUM = "enum"
"""The validation type of an enumeration, whose parameter ``names`` holds the values."""

PRIMITIVES: Mapping[str, tuple[type[object], ...]] = {
    "string": (str,),
    "int": (int,),
    "float": (int, float),
    "number": (int, float),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
}

PRIMITIVE_NOUNS: Mapping[str, str] = {
    "string": "a string",
    "int": "an integer",
    "float": "a number",
    "number": "a number",
    "bool": "a boolean",
    "dict": "an object",
    "list": "a list",
}

PRIMITIVE_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "dict": {"additionalProperties": True, "type": "object"},
    "list": {"items": {}, "type": "array"},
}


@dataclass(frozen=True, slots=True)
class ValueType:
    """
    The type of an attribute, taken apart.

    :param primitive: the name of the primitive type; any value fits a name that is not a primitive type
    :param wrappers: the suffixes around it, the outermost first
    :param narrower: the name of the narrower type that the innermost values have to fit
    :param parameters: the parameters of the narrower type, as JSON text
    """

    primitive: str
    wrappers: tuple[str, ...]
    narrower: str | None = None
    parameters: str = "{}"

    @classmethod
    def of(cls, attribute: ServiceAttribute) -> "ValueType":
        """
        The type of an attribute.

        :param attribute: the attribute
        """
        primitive, wrappers = split_suffixes(attribute.type)
        if attribute.validation_type is None:
            return cls(primitive, wrappers)
        narrower, narrower_wrappers = split_suffixes(attribute.validation_type)
        if primitive not in PRIMITIVES and not wrappers:
            # The name of a type of some model says nothing about lists and null, its validation type does.
            wrappers = narrower_wrappers
        return cls(primitive, wrappers, narrower, json.dumps(attribute.validation_parameters or {}, sort_keys=True))

    def check(self, value: object, path: str) -> None:
        """
        Refuse a value that does not fit.

        :param path: where the value is, for the error message
        :raises RuleViolationError: the value does not fit
        """
        self._check(value, path, self.wrappers)

    def _check(self, value: object, path: str, wrappers: tuple[str, ...]) -> None:
        match wrappers:
            case (str(wrapper), *inner) if wrapper == OPTIONAL_SUFFIX:
                if value is not None:
                    self._check(value, path, tuple(inner))
            case (str(), *inner):
                if not isinstance(value, list):
                    raise RuleViolationError(f"Attribute {path} must be a list, not {shown(value)}.")
                for index, item in enumerate(value):
                    self._check(item, f"{path}[{index}]", tuple(inner))
            case _:
                self._check_innermost(value, path)

    def _check_innermost(self, value: object, path: str) -> None:
        allowed = PRIMITIVES.get(self.primitive, (object,))
        # In python a boolean is an integer, in JSON it is not.
        if not isinstance(value, allowed) or (isinstance(value, bool) and not {bool, object}.intersection(allowed)):
            raise RuleViolationError(f"Attribute {path} must be {PRIMITIVE_NOUNS[self.primitive]}, not {shown(value)}.")
        if self.narrower == ENUM:
            values = enumerated(self.parameters)
            if not any(type(value) is type(candidate) and value == candidate for candidate in values):
                listed = ", ".join(shown(candidate) for candidate in values)
                raise RuleViolationError(f"Attribute {path} must be one of {listed}, not {shown(value)}.")
        elif self.narrower is not None and (adapter := narrower_type(self.narrower, self.parameters)) is not None:
            refuse_unfitting(adapter, value, f"Attribute {path} must be a valid {self.narrower}, not {shown(value)}")

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of the values that fit."""
        innermost = dict(PRIMITIVE_SCHEMAS.get(self.primitive, {}))
        if self.narrower == ENUM:
            innermost["enum"] = enumerated(self.parameters)
        elif self.narrower is not None and (adapter := narrower_type(self.narrower, self.parameters)) is not None:
            innermost |= adapter.json_schema()
        described = innermost
        for wrapper in reversed(self.wrappers):
            if wrapper == OPTIONAL_SUFFIX:
                described = {"anyOf": [described, {"type": "null"}]}
            else:
                described = {"items": described, "type": "array"}
        return described


def split_suffixes(name: str) -> tuple[str, tuple[str, ...]]:
    """
    Take the suffixes for lists and null off the name of a type.

    :param name: the name, such as ``string[]?``
    :return: the name without suffixes, and the suffixes, the outermost first
    """
    wrappers: list[str] = []
    while True:
        for suffix in (LIST_SUFFIX, OPTIONAL_SUFFIX):
            if name.endswith(suffix):
                name = name.removesuffix(suffix)
                wrappers.append(suffix)
                break
        else:
            return name, tuple(wrappers)


def enumerated(parameters: str) -> list[object]:
    """
    The values of an enumeration.

    :param parameters: the parameters of the validation type, as JSON text
    """
    names = json.loads(parameters).get("names")
    return list(names.values()) if isinstance(names, dict) else []


def refuse_unfitting(adapter: pydantic.TypeAdapter[object], value: object, sentence: str) -> None:
    """
    Refuse a value that does not fit a narrower type.

    :param adapter: the validator of the type
    :param sentence: what is wrong if it does not fit, without the reason
    :raises RuleViolationError: the value does not fit
    """
    try:
        adapter.validate_python(value)
    except pydantic.ValidationError as error:
        reason = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
        raise RuleViolationError(f"{sentence}: {reason}.") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # Some types compute with a value before they look at it. Whatever comes of that says something about the value, and
        # must not end the server: pydantic's panics are no Exception.
        raise RuleViolationError(f"{sentence}: {one_line(error)}.") from None
