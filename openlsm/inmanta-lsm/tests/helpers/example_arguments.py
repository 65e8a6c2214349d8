"""Arguments with which any method of the extension can be called: well-formed, and about things that do not exist."""

import datetime
import enum
import inspect
import types
import uuid
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import pydantic
from inmanta.protocol.common import MethodProperties
from inmanta.types import BaseModel
from inmanta_lsm import methods

PROPERTIES: dict[str, MethodProperties[Any]] = {
    name: properties for name in methods.__all__ if name.startswith("lsm_") for properties in MethodProperties.methods[name]
}
"""All methods of the extension by their name."""


def example_arguments(name: str) -> dict[str, Any]:
    """
    Make arguments for a method, for all parameters that have no default.

    :param name: the name of the method
    """
    function = PROPERTIES[name].function
    hints = get_type_hints(function)
    return {
        parameter.name: _example(hints[parameter.name])
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }


def _example(hint: Any) -> Any:
    """Make a value of a type."""
    origin = get_origin(hint)
    if isinstance(hint, TypeAliasType):
        return _example(hint.__value__)
    if origin in (Union, types.UnionType):
        return _example(get_args(hint)[0])
    if origin is Annotated:
        return "http://127.0.0.1/" if get_args(hint)[0] is pydantic.AnyUrl else _example(get_args(hint)[0])
    if origin is Literal:
        return get_args(hint)[0]
    if origin is list:
        return [_example(get_args(hint)[0])]
    if origin is dict:
        return {}
    if issubclass(hint, BaseModel):
        fields = hint.model_fields.items()
        return {name: _example(field.annotation) for name, field in fields if field.is_required()}
    if issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    return {
        bool: False,
        int: 1,
        str: "something",
        uuid.UUID: str(uuid.UUID(int=1)),
        datetime.datetime: "2026-01-01T00:00:00Z",
    }.get(hint, {})
