"""Which embedded entity of one attribute set is which one of another."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity

type Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Matching:
    """
    The embedded entities of one relation in two attribute sets.

    :param kept: those in both sets, the old and the new one, with their path in the new set
    :param added: those in the new set only, with their path
    :param removed: those in the old set only, with their path in the old set
    """

    kept: Sequence[tuple[Element, Element, str]]
    added: Sequence[tuple[Element, str]]
    removed: Sequence[tuple[Element, str]]


def elements_of(value: object) -> list[Element]:
    """
    The embedded entities that a value holds, whether it is one, a list of them or null.

    :param value: The value of a relation. What is no embedded entity is left out.
    """
    candidates = value if isinstance(value, list) else [value]
    return [element for element in candidates if isinstance(element, dict)]


def element_key(relation: EmbeddedServiceEntity, element: Element) -> str:
    """
    What tells an embedded entity apart from the others of its relation.

    :param relation: the relation, which has to have key attributes
    :param element: The embedded entity. Missing key attributes have their default.
    :return: the values of the key attributes, as JSON text
    """
    defaults = {attribute.name: attribute.default_value for attribute in relation.attributes}
    values = [element.get(name, defaults.get(name)) for name in relation.key_attributes or ()]
    return json.dumps(values, sort_keys=True)


def element_paths(relation: EmbeddedServiceEntity, elements: Sequence[Element], path: str) -> list[str]:
    """Where each embedded entity of a relation is, as people find it: by its key, or by its place in the list."""
    if relation.single:
        return [path for _ in elements]
    if not relation.key_attributes:
        return [f"{path}[{index}]" for index in range(len(elements))]
    return [path + "".join(f"[{name}={element.get(name)}]" for name in relation.key_attributes) for element in elements]


def element_keys(relation: EmbeddedServiceEntity, elements: Sequence[Element]) -> list[str]:
    """What each embedded entity of a relation is matched by: its key, or its place when there are no key attributes."""
    if relation.key_attributes:
        return [element_key(relation, element) for element in elements]
    return [str(index) for index in range(len(elements))]


def match_elements(relation: EmbeddedServiceEntity, old: object, new: object, path: str) -> Matching:
    """
    Match the embedded entities of a relation.

    :param old: the value of the relation in the old set
    :param new: the value of the relation in the new set
    """
    old_elements, new_elements = elements_of(old), elements_of(new)
    old_keys, new_keys = element_keys(relation, old_elements), element_keys(relation, new_elements)
    old_by_key = dict(zip(old_keys, old_elements, strict=True))
    present = set(new_keys)
    new_entries = list(zip(new_keys, new_elements, element_paths(relation, new_elements, path), strict=True))
    old_entries = zip(old_keys, old_elements, element_paths(relation, old_elements, path), strict=True)
    return Matching(
        kept=[(old_by_key[key], element, where) for key, element, where in new_entries if key in old_by_key],
        added=[(element, where) for key, element, where in new_entries if key not in old_by_key],
        removed=[(element, where) for key, element, where in old_entries if key not in present],
    )
