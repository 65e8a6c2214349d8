"""Random inventories of the sample services, as files would declare them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from inmanta_services.declarations.documents import Declaration

from .services import NETWORK, NOTE, PORT, RACK

type Inventory = Mapping[tuple[str, str], Mapping[str, Any]]
"""What instances have, by service and identity or id."""

# With what dict paths, YAML and URLs have a meaning for.
NAMES = st.sampled_from(["core", "edge", "a.b", "c[d]=e", "no", "1.10", "12:30", "Network/core", "ü/ñ", "x y", "*", "\\0"])
RACK_IDS = [str(uuid.UUID(int=number + 1)) for number in range(3)]

_YES_OR_NO: st.SearchStrategy[bool] = st.booleans()
_TEXTS = st.sampled_from(["", "yes", "null", "[a]", "two\nlines", " spaced ", "# no comment", "ok: true", "ß"])


def _optional(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict(fields))


def _keyed(key: str, others: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    element = st.fixed_dictionaries({key: NAMES}, optional=dict(others))
    return st.lists(element, max_size=4, unique_by=lambda value: value[key])


_HOSTS = _keyed("address", {"weight": st.integers(0, 3)})
_OWNER = st.fixed_dictionaries({"person": _TEXTS}, optional={"phone": st.none() | _TEXTS})

_NETWORK = _optional(
    {
        "size": st.integers(0, 3),
        "note": st.none() | _TEXTS,
        "rules": _keyed("key", {"action": st.sampled_from(["allow", "deny"]), "hosts": _HOSTS}),
        "owner": st.none() | _OWNER,
    }
)
_NOTE = _optional({"text": _TEXTS, "lines": st.lists(st.fixed_dictionaries({"content": _TEXTS}), max_size=3)})
_PORT = _optional({"password": st.none() | _TEXTS, "tags": st.lists(_TEXTS, max_size=3)})
_RACK = _optional({"height": st.integers(1, 50)})


@st.composite
def inventories(draw: st.DrawFn, *, racks: bool = True) -> Inventory:
    """
    An inventory in which what is referred to is declared.

    :param racks: whether with instances of the service without identity, whose ids are used up when they are deleted.
    """
    networks = draw(st.lists(NAMES, max_size=4, unique=True))
    ports = draw(st.lists(NAMES, max_size=4, unique=True))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in networks:
        found[NETWORK, name] = {"name": name, **draw(_NETWORK)}
    for position, name in enumerate(ports):
        attributes = {"name": name, **draw(_PORT)}
        if draw(_YES_OR_NO) and networks:
            attributes["network"] = f"{NETWORK}/{draw(st.sampled_from(networks))}"
        if draw(_YES_OR_NO) and position:
            # Only to those before it: an order has to have an order.
            peers = draw(st.lists(st.sampled_from(ports[:position]), max_size=2, unique=True))
            attributes["peers"] = [f"{PORT}/{peer}" for peer in peers]
        found[PORT, name] = attributes
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        attributes = {"name": name, **draw(_NOTE)}
        if draw(_YES_OR_NO) and networks:
            attributes["about"] = f"{NETWORK}/{draw(st.sampled_from(networks))}"
        found[NOTE, name] = attributes
    for identifier in draw(st.lists(st.sampled_from(RACK_IDS), max_size=2 * racks, unique=True)):
        found[RACK, identifier] = draw(_RACK)
    return found


def declarations(inventory: Inventory) -> list[Declaration]:
    """
    An inventory as files declare it.

    :param inventory: the inventory.
    """
    return [
        Declaration(service, attributes, f"{service}/{key}", uuid.UUID(key) if service == RACK else None)
        for (service, key), attributes in inventory.items()
    ]


def canonical(attributes: Mapping[str, Any], ids: Mapping[str, str], ignored: Sequence[str] = ()) -> Any:
    """
    Attributes such that equal ones are equal: with names for ids, and what is related in one order.

    :param attributes: the attributes.
    :param ids: names of instances by their id.
    :param ignored: attributes to leave out, at any depth.
    """

    def walk(value: Any, name: str) -> Any:
        match value:
            case dict():
                return {key: walk(inner, key) for key, inner in value.items() if key not in ignored}
            case list() if name not in ("tags",):
                return sorted((walk(inner, name) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
            case str():
                return ids.get(value, value)
            case _:
                return value

    return walk(dict(attributes), "")
