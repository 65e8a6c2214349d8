"""How names change between Python and the inmanta language."""

import re


def snake_case(name: str) -> str:
    """
    The name of a class as the name of a variable or typedef: ``ServiceItem`` gives ``service_item``.

    :param name: a name in camel case
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def private(name: str) -> str:
    """
    The name of something that stays out of the service catalog.

    :param name: the name in the description
    """
    return f"_{name}"


def element_name(name: str) -> str:
    """
    What to call one element of a list: the last word of the name of its class, so that ``ServiceItem`` gives ``item``.

    :param name: the name of the class
    """
    word = snake_case(name).rpartition("_")[2]
    return f"a_{word}" if word in KEYWORDS else word


KEYWORDS = frozenset(
    {"typedef", "as", "entity", "extends", "end", "in", "implementation", "for", "matching", "index", "implement", "using"}
    | {"when", "and", "or", "not", "true", "false", "import", "is", "defined", "dict", "null", "undef", "parents", "if"}
    | {"else", "elif", "self"}
)
"""Words that the inmanta language keeps for itself."""

INHERITED = frozenset(
    {"instance_id", "entity_binding", "resources", "owned_resources", "purge_resources", "parent", "children"}
    | {"requires", "provides"}
)
"""Names that every service inherits from the entities of the lsm module."""

CONDITIONS = frozenset({"deleting", "removed", "added"})
"""Names that stand for what happens to an instance, in the methods that describe resources."""

RUNTIME = "@unrolling"
"""Stands for the namespace of the module that holds the plugins that generated models call, until that module is known."""

PREVIOUS = "_previous"
"""The attribute with the values of before an update."""
