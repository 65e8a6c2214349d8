"""Python side of the integration_example module."""

from inmanta.plugins import plugin
from inmanta.util.dict_path import NormalValue


@plugin
def attribute_path(path: str, *keys: str | int) -> str:
    """
    The path of an attribute inside of lists of embedded entities.

    Keys may hold characters that have a meaning in paths, like a dot or a bracket, which are escaped.

    :param path: the path, with braces in the place of keys, like ``items[name={}].service_item_id``
    :param keys: the values of the keys, in the order of the braces
    """
    return path.format(*(NormalValue(str(key)).escape() for key in keys))
