"""
What the generated model of showroom calls besides the plugins of other modules.

This file is generated from tests/generator/showroom/services/__init__.py for the module showroom.
Don't edit it: edit the description and run
`service-generator generate --descriptions tests.generator.showroom.services`.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from inmanta.plugins import ModelType, plugin
from inmanta.util.dict_path import NormalValue
from inmanta_lsm import const


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


@plugin
def finds_values() -> bool:
    """Whether this compile may allocate values: only one that validates an instance does, and has to know which are in use."""
    return os.environ.get(const.ENV_MODEL_STATE) == "candidate"


@plugin
def previous_attributes(
    instance: Mapping[str, Any], lifecycle: Annotated[Any, ModelType["lsm::LifecycleStateMachine"]]
) -> Mapping[str, Any] | None:
    """
    The attributes that an instance had before the update that is under way, or that is being undone; else null.

    :param instance: the instance, as ``lsm::all`` gives it
    :param lifecycle: its lifecycle
    """
    states = [state for transfer in lifecycle.transfers for state in (transfer.source, transfer.target)]
    state = next((found for found in states if found.name == instance["state"]), None)
    if state is None:
        return None
    validated = os.environ.get(const.ENV_INSTANCE_ID) == instance["id"]
    if validated and finds_values():
        chosen = state.previous_attr_set_on_validate
    else:
        # What a failed update left behind goes with the service.
        chosen = state.previous_attr_set_on_export or ("rollback" if state.purge_resources else None)
    return instance[f"{chosen}_attributes"] if chosen else None


@plugin
def previous_element(
    previous: Mapping[str, Any] | None, relation: str, key: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """
    What an embedded entity was before.

    :param previous: what it is embedded in was before
    :param relation: the relation that it is embedded by
    :param key: the attributes that tell it from others, for a list
    """
    found = (previous or {}).get(relation)
    if key is None or found is None:
        return found
    return next((one for one in found if all(one[name] == value for name, value in key.items())), None)
