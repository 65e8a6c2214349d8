"""
How a call is refused whose arguments have the wrong type.

Core answers with what pydantic has to say, which is many lines for developers of models. Callers get one sentence: which
argument, what is wrong with it, what arrived instead.
"""

from collections.abc import Sequence
from typing import Any

from inmanta.protocol.common import MethodProperties
from inmanta.protocol.exceptions import BadRequest
from pydantic import ValidationError

from inmanta_lsm.attributes.violation import one_line, shown

API_PREFIX = "lsm"


def guard() -> None:
    """Check the arguments of every method of the extension this way, from now on. To do so again changes nothing."""
    for methods in MethodProperties.methods.values():
        for properties in methods:
            if properties._api_prefix == API_PREFIX and not isinstance(properties.argument_validator, _Validator):
                setattr(properties, "argument_validator", _Validator(properties.argument_validator))  # noqa: B010


class _Validator:
    """
    Validates the arguments of a method, in the place of the model that core made of them.

    :param model: that model
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def __call__(self, **values: object) -> Any:
        try:
            return self._model(**values)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise BadRequest(sentence(error), {"validation_errors": found}) from None


def sentence(error: ValidationError) -> str:
    """
    Say what is wrong with the arguments of a call.

    :param error: all that is wrong
    :return: the first mistake, and how many more there are
    """
    found = error.errors(include_url=False, include_context=False)
    first = found[0]
    reason = one_line(ValueError(first["msg"]))
    value = "" if first["type"] == "missing" else f", not {_shown(first['input'])}"
    others = f" ({len(found) - 1} more mistakes)" if len(found) > 2 else " (1 more mistake)" if len(found) == 2 else ""
    return f"Failed to validate argument {_path(first['loc'])}: {reason}{value}{others}."


def _path(location: Sequence[int | str]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return shown(path)


def _shown(value: object) -> str:
    try:
        return shown(value)
    except (TypeError, ValueError, RecursionError):
        return f"something of type {type(value).__name__}"
