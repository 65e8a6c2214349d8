"""Python side of a module that is only made by a test."""

from inmanta.plugins import plugin


@plugin
def attribute_path(path: str, *keys: str | int) -> str:
    """The path of an attribute; no key of the test needs escapes."""
    return path.format(*keys)
