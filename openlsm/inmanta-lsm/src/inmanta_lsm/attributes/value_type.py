"""
The types of plain attributes: which JSON values they allow, and their JSON schema.
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pydantic
from inmanta.validation_type import parametrize_type

from inmanta_lsm.attributes.violation import RuleViolationError, shown
from inmanta_lsm.model import ServiceAttribute

LIST_SUFFIX = "[]"
OPTIONAL_SUFFIX = "?"

ENUM = "enum"
"""The validation type of an enumeration, whose parameter ``names`` holds the values."""

VALIDATION_MODULES = ("pydantic", "datetime", "ipaddress", "uuid")
"""The modules whose types the modelling language can validate with."""

NEVER_VALIDATED = frozenset({"pydantic.ImportString", "pydantic.FilePath", "pydantic.DirectoryPath", "pydantic.NewPath"})
"""The types that would import what a value names, or look for it on the disk of the server."""

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

    :ivar primitive: the name of the primitive type; any value fits a name that is not a primitive type.
    :ivar wrappers: the suffixes around it, the outermost first.
    :ivar narrower: the name of the narrower type that the innermost values have to fit.
    :ivar parameters: the parameters of the narrower type, as JSON text.
    """

    primitive: str
    wrappers: tuple[str, ...]
    narrower: str | None = None
    parameters: str = "{}"

    @classmethod
    def of(cls, attribute: ServiceAttribute) -> "ValueType":
        """
        The type of an attribute.

        :param attribute: The attribute.
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

        :param value: A JSON value.
        :param path: Where the value is, for the error message.
        :raises RuleViolationError: The value does not fit.
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
            try:
                adapter.validate_python(value)
            except pydantic.ValidationError as error:
                reason = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
                raise RuleViolationError(
                    f"Attribute {path} must be a valid {self.narrower}, not {shown(value)}: {reason}."
                ) from None
            except (TypeError, ValueError, OverflowError, RecursionError) as error:
                # Some narrower types compute with the value before they look at it.
                raise RuleViolationError(
                    f"Attribute {path} must be a valid {self.narrower}, not {shown(value)}: {error}."
                ) from None

    def json_schema(self) -> dict[str, Any]:
        """
        The JSON schema of the values that fit.
        """
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

    :param name: The name, such as ``string[]?``.
    :return: The name without suffixes, and the suffixes, the outermost first.
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

    :param parameters: The parameters of the validation type, as JSON text.
    """
    names = json.loads(parameters).get("names")
    return list(names.values()) if isinstance(names, dict) else []


@lru_cache(maxsize=4096)
def narrower_type(name: str, parameters: str) -> pydantic.TypeAdapter[object] | None:
    """
    The validator of a narrower type.

    :param name: The name of the type with its module, such as ``pydantic.conint``.
    :param parameters: The parameters of the type, as JSON text.
    :return: The validator, None for a type that is not known here: the compiler validates it.
    :raises RuleViolationError: The parameters do not fit the type.
    """
    module, _, type_name = name.partition(".")
    if module not in VALIDATION_MODULES or name in NEVER_VALIDATED:
        return None
    base_type = getattr(importlib.import_module(module), type_name, None)
    if base_type is None:
        return None
    try:
        parametrized: Any = parametrize_type(base_type, json.loads(parameters), type_name=name)
        adapter: pydantic.TypeAdapter[object] = pydantic.TypeAdapter(parametrized)
        adapter.json_schema()
    except Exception as error:
        # Whatever the constructor of some type in these modules makes of parameters it does not know.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RuleViolationError(f"Validation type {name} cannot take the parameters {parameters}: {reason}.") from None
    return adapter
