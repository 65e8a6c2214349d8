"""Values of the model as plain JSON data."""

from collections.abc import Mapping, Sequence
from typing import Any

from inmanta.execute.proxy import SequenceProxy
from inmanta.execute.util import NoneValue
from inmanta.plugins import PluginException


def to_json(value: object) -> Any:
    """
    Turn a value of the model into data that can be sent to the server.

    :param value: a primitive value, or a list or dict of values, as plugins see them or as they are written as constant
    :raises PluginException: the value is, or holds, something that JSON has no equivalent of, like an entity
    """
    if value is None or isinstance(value, NoneValue):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_json(element) for key, element in value.items()}
    # The proxies of lists behave like sequences without being registered as such.
    if isinstance(value, Sequence | SequenceProxy):
        return [to_json(element) for element in value]
    raise PluginException(
        f"{value!r} cannot be sent to the server: only use texts, numbers, booleans, null, and lists and dicts of these."
    )
