"""Values of embedded entities that are stored together, in one attribute of the service."""

import copy
from collections.abc import Mapping
from typing import Any

from inmanta_plugins.lsm.attribute_path import AttributePath

type WrappedValues = Mapping[str, Any]
"""Values by the dict path of the attribute they belong to, like `items[id=1].vlan`."""


def unwrap(attributes: Mapping[str, Any], values: WrappedValues, construct: bool) -> dict[str, Any]:
    """
    Put stored values back where they belong.

    :param attributes: an attribute set; it is not changed
    :param values: the stored values
    :param construct: whether an embedded entity that is not there is made anew, from what its path says; otherwise its values
        are left out
    :return: a copy of the attributes that has the values
    """
    unwrapped = copy.deepcopy(dict(attributes))
    for path, value in ((AttributePath(text), value) for text, value in values.items()):
        holder = _constructed(unwrapped, path) if construct else path.holder(unwrapped)
        if holder is not None:
            holder[path.name] = copy.deepcopy(value)
    return unwrapped


def unwrap_instance(instance: Mapping[str, Any], attribute: str, construct: bool) -> dict[str, Any]:
    """
    Put the values that an instance stores in an attribute back where they belong.

    :param instance: an instance as `lsm::all` returns it; it is not changed
    :param attribute: name of the attribute that stores the values
    :param construct: see :func:`unwrap`
    :return: a copy of the instance
    """
    attributes = instance["attributes"]
    return {**instance, "attributes": unwrap(attributes, attributes.get(attribute) or {}, construct)}


def without_removed(attributes: Mapping[str, Any], values: WrappedValues) -> dict[str, Any]:
    """
    Leave out the values of embedded entities that do not exist any more.

    :param attributes: an attribute set
    :param values: the stored values
    """
    return {text: value for text, value in values.items() if AttributePath(text).holder(attributes) is not None}


def _constructed(attributes: dict[str, Any], path: AttributePath) -> dict[str, Any]:
    holder: Any = attributes
    for section in path.sections[:-1]:
        # Only what is missing is made anew, not what is null.
        if holder.get(section.get_key()) is None:
            holder.pop(section.get_key(), None)
        holder = section.get_element(holder, construct=True)
    constructed: dict[str, Any] = holder
    return constructed
