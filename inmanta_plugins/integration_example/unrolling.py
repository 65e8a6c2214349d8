"""
What the generated model of integration_example calls besides the plugins of other modules.

This file is generated from generator/services/__init__.py for the module integration_example.
Don't edit it: edit the description and run
`inv generate` or `python -m generator generate`.
"""

from collections.abc import Sequence
from typing import Any

from inmanta.plugins import plugin
from inmanta.util.dict_path import NormalValue


@plugin
def attribute_path(path: str, *keys: str | int) -> str:
    """
    The path of an attribute inside of lists of embedded entities.

    Keys may hold characters that have a meaning in paths, like a dot or a bracket, which are escaped.

    :param path: the path, with braces in the place of keys, like ``items[name={}].number``
    :param keys: the values of the keys, in the order of the braces
    """
    return path.format(*(NormalValue(str(key)).escape() for key in keys))


@plugin
def join(separator: str, items: Sequence[str]) -> str:
    """
    The strings of a list as one string.

    :param separator: what goes between them
    :param items: the list
    """
    return separator.join(items)


@plugin
def in_order(items: Sequence[Any]) -> Sequence[Any]:
    """
    A list with its elements in ascending order.

    :param items: strings, or numbers
    """
    return sorted(items)
