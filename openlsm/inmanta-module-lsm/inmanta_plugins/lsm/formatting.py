"""Python's string formatting for values of the model, without the way that it has from a value into the interpreter."""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Any

from inmanta.execute.proxy import DictProxy, DynamicProxy, SequenceProxy
from inmanta.plugins import PluginException

# Wider than any table, and far below what fills the memory.
MAXIMUM_WIDTH = 10_000


STEP = re.compile(r"\.(?P<attribute>[^.\[]+)|\[(?P<item>[^\]]+)\]")


class ModelFormatter(Formatter):
    """
    Formats as `str.format` does, except that a field leads from an entity to its attributes and from a dict or list to its
    items only. The format can hold what the user of a service wrote: `{name.__class__}` must not lead on to globals of Python.
    """

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, int | str]:
        """
        The value of a field.

        :param field_name: the name, like `item.names[0]`
        :param args: values of positional fields
        :param kwargs: values of named fields
        :raises PluginException: the field leads to something else than a value of the model
        """
        first = re.split(r"[.\[]", field_name, maxsplit=1)[0]
        value, key = super().get_field(first, args, kwargs)
        for is_attribute, step in _steps(field_name.removeprefix(first), field_name):
            value = _attribute(value, step, field_name) if is_attribute else _item(value, step, field_name)
        return value, key

    def format_field(self, value: Any, format_spec: str) -> str:
        """
        Format one value.

        :param format_spec: how, like `>8`
        :raises PluginException: it would be too wide
        """
        for number in re.findall(r"\d+", format_spec):
            if len(number) > len(str(MAXIMUM_WIDTH)) or int(number) > MAXIMUM_WIDTH:
                raise PluginException(f"lsm::format makes texts of at most {MAXIMUM_WIDTH} characters wide, not {number[:20]}.")
        text: str = super().format_field(value, format_spec)
        return text


def _steps(rest: str, field_name: str) -> Iterator[tuple[bool, str]]:
    if not re.fullmatch(rf"(?:{STEP.pattern})*", rest):
        raise PluginException(f"lsm::format cannot read the field {field_name!r}.")
    for match in STEP.finditer(rest):
        yield match["attribute"] is not None, match["attribute"] or match["item"]


def _attribute(value: object, name: str, field_name: str) -> Any:
    # Exactly an entity of the model: the proxies of dicts and lists are proxies too. Its own class has other names.
    if type(value) is DynamicProxy and value._type().get_attribute(name) is not None:
        return getattr(value, name)
    raise PluginException(f"lsm::format cannot follow {field_name!r}: there is no attribute {name!r} of an entity.")


def _item(container: Any, key: str, field_name: str) -> Any:
    if isinstance(container, Mapping | Sequence | DictProxy | SequenceProxy):
        items: Any = container
        try:
            return items[int(key) if key.isdecimal() else key]
        except (LookupError, TypeError):
            pass
    raise PluginException(f"lsm::format cannot follow {field_name!r}: there is no item {key!r}.")
