"""JSON documents with something wrong somewhere, which look right until then."""

import copy
from typing import Any

from hypothesis import strategies as st

# What programs trip over: characters that a database refuses, halves of characters, numbers without bounds.
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    0.1,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "name",
    ".",
    "a.b[c=d]",
    "*",
    "\x00",
    "\ud800",
    "\U0001f600",
    "%",
    "'; --",
    "00000000-0000-0000-0000-000000000000",
    "2026-01-01T00:00:00Z",
    "x" * 5000,
    [],
    [None],
    [[]],
    {},
    {"": None},
    {"name": "a"},
    {"a\x00": 1},
]

ODD_TEXTS = [str(value) for value in ODD if str(value).isprintable() and value != ""]
"""What can be sent in a path or a query of these."""

_KEYS = st.sampled_from(["name", "", "a.b", "\x00"])

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(ODD).map(copy.deepcopy),
    lambda children: st.lists(children, max_size=2) | st.dictionaries(_KEYS, children, max_size=2),
    max_leaves=4,
)
"""Any JSON, and then some: NaN and infinity are no JSON, but python's parser reads them."""


def deep(levels: int) -> Any:
    """
    A list in a list, and so on.

    :param levels: the number of lists
    """
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> Any:
    """
    Draw a copy of a document in which something was replaced, removed or added, or nothing at all.

    :param document: the document, made of dicts, lists and scalars
    """
    result = {"document": copy.deepcopy(document)}
    for _ in range(draw(st.integers(0, 2))):
        container, key = draw(st.sampled_from(list(_places(result))))
        change = draw(st.sampled_from(["replace", "replace", "remove", "add", "repeat"]))
        if change == "remove" and container is not result:
            container.pop(key)
        elif change == "add" and isinstance(container, dict) and container is not result:
            container[draw(st.sampled_from(["", "new", "a.b", "\x00"]))] = draw(ANYTHING)
        elif change == "repeat" and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            container[key] = draw(ANYTHING)
    return result["document"]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """All containers with their keys, from the outside in."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]
