"""
Allocators that find values for attributes of a service and of the entities embedded in it.

They run in validating compiles, for the instance that is validated, as part of an
:class:`inmanta_plugins.lsm.allocation.AllocationSpecV2`. An allocator keeps no state of its own: what allocators of one level
share is kept on the context.

This module is part of the interface: modules with services extend its allocators.
"""

import abc
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from inmanta.plugins import PluginException
from inmanta.util import dict_path
from inmanta_plugins.lsm.allocation_v2 import wrapped_values
from inmanta_plugins.lsm.json_values import to_json


class LevelAttributes(dict[str, Any]):
    """The attributes of a service or of an embedded entity, which can be looked up by dict path too."""

    def get(self, key: dict_path.DictPath | str, default: Any = None) -> Any:
        """
        The value of an attribute.

        :param key: its name or dict path
        :param default: what to return when there is no such attribute
        :raises IndexError: the path names an element of a list that is not there
        """
        value: Any = self
        for section in (dict_path.to_path(key) if isinstance(key, str) else key).get_path_sections():
            found = _elements(value, section)
            if not found and isinstance(section, dict_path.KeyedList):
                raise IndexError(f"{section} is not in the list")
            if len(found) != 1:
                return default
            value = found[0]
        return value


class ContextV2:
    """
    What an allocator can see and do: one level of an instance, the service itself or an embedded entity.

    :param attributes: the attributes of the level
    :param previous: the attributes of the level before the update, empty when there were none
    :param save: stores a value, given its path relative to this level
    """

    def __init__(
        self,
        attributes: Mapping[str, Any],
        previous: Mapping[str, Any],
        save: Callable[[dict_path.DictPath, Any], None],
    ) -> None:
        self._attributes = LevelAttributes(attributes)
        self._previous = previous
        self._save = save
        self._levels: dict[str, ContextV2] = {}

    def get_instance(self) -> LevelAttributes:
        """The attributes of the level, with the values that were set before."""
        return self._attributes

    def set_value(self, attribute: dict_path.DictPath | str, value: Any) -> None:
        """
        Give an attribute a value. It is written when all allocators of the specification succeeded.

        :param attribute: the name of the attribute, or its dict path relative to this level
        :param value: JSON data
        """
        path = dict_path.to_path(attribute) if isinstance(attribute, str) else attribute
        data = to_json(value)
        try:
            path.set_element(self._attributes, data, construct=False)
        except LookupError as exception:
            raise PluginException(f"No value can be set for {path}: there is no such element.") from exception
        self._save(path, copy.deepcopy(data))

    def _elements(self, in_list: str, identified_by: str) -> Iterator["ContextV2"]:
        """
        The embedded entities of a list, each as a level of its own. An entity always has the same context object.

        :param in_list: name of the relation
        :param identified_by: name of the attribute that tells the entities apart
        """
        before = {element.get(identified_by): element for element in self._previous.get(in_list) or ()}
        elements = self._attributes.get(in_list) or []
        for position, element in enumerate(elements):
            identity = element.get(identified_by)
            key = dict_path.DictPathValue.from_object(identity).escape()
            path = dict_path.KeyedList(in_list, [(identified_by, key)])
            if str(path) not in self._levels:
                level = ContextV2(element, before.get(identity, {}), self._nested_save(path))
                # The level works on the element itself, so that the levels above see its values.
                elements[position] = level.get_instance()
                self._levels[str(path)] = level
            yield self._levels[str(path)]

    def _nested_save(self, prefix: dict_path.DictPath) -> Callable[[dict_path.DictPath, Any], None]:
        return lambda path, value: self._save(prefix + path, value)


class AllocatorV2(abc.ABC):
    """Finds values for the attributes of one level."""

    @abc.abstractmethod
    def needs_allocation(self, context: ContextV2) -> bool:
        """
        Whether a value has to be found.

        :param context: the level
        """

    @abc.abstractmethod
    def allocate(self, context: ContextV2) -> None:
        """
        Find values and set them on the context.

        :param context: the level
        """


class ForEach(AllocatorV2):
    """
    Runs allocators on each embedded entity of a list.

    :param item: what one of the entities is called
    :param in_list: name of the relation to the entities
    :param identified_by: name of the attribute that tells the entities apart
    :param apply: the allocators
    """

    def __init__(self, item: str, in_list: str, identified_by: str, apply: list[AllocatorV2]) -> None:
        self.item = item
        self.in_list = in_list
        self.identified_by = identified_by
        self.apply = apply

    def needs_allocation(self, context: ContextV2) -> bool:
        """See :meth:`AllocatorV2.needs_allocation`."""
        return any(allocator.needs_allocation(level) for level in self._levels(context) for allocator in self.apply)

    def allocate(self, context: ContextV2) -> None:
        """See :meth:`AllocatorV2.allocate`."""
        for level in self._levels(context):
            for allocator in self.apply:
                if allocator.needs_allocation(level):
                    allocator.allocate(level)

    def _levels(self, context: ContextV2) -> Iterator[ContextV2]:
        return context._elements(self.in_list, self.identified_by)


class SetSensitiveForEach(ForEach):
    """
    As :class:`ForEach`; in addition all allocators run on all entities when the update added or removed an entity, whether they
    need a value or not: for values that depend on the other entities of the list.
    """

    def needs_allocation(self, context: ContextV2) -> bool:
        """See :meth:`AllocatorV2.needs_allocation`."""
        return self._set_changed(context) or super().needs_allocation(context)

    def allocate(self, context: ContextV2) -> None:
        """See :meth:`AllocatorV2.allocate`."""
        if not self._set_changed(context):
            super().allocate(context)
            return
        for level in self._levels(context):
            for allocator in self.apply:
                allocator.allocate(level)

    def _set_changed(self, context: ContextV2) -> bool:
        return self._identities(context.get_instance()) != self._identities(context._previous)

    def _identities(self, attributes: Mapping[str, Any]) -> set[Any]:
        return {element.get(self.identified_by) for element in attributes.get(self.in_list) or ()}


class ContextV2Wrapper(AllocatorV2):
    """
    Stores all values that allocators find in one attribute of the service, for services whose embedded entities cannot be
    written. `lsm::context_v2_unwrapper` puts them back where they belong.

    :param fallback_attribute: name of a read-only attribute of type dict
    :param track_deletes: whether the values of embedded entities that were removed are dropped
    """

    def __init__(self, fallback_attribute: str, *allocators: AllocatorV2, track_deletes: bool = False) -> None:
        self.fallback_attribute = fallback_attribute
        self.allocators = allocators
        self.track_deletes = track_deletes

    def needs_allocation(self, context: ContextV2) -> bool:
        """See :meth:`AllocatorV2.needs_allocation`."""
        stored = self._stored(context)
        inner = self._inner(context, {})
        return stored != self._kept(context) or any(allocator.needs_allocation(inner) for allocator in self.allocators)

    def allocate(self, context: ContextV2) -> None:
        """See :meth:`AllocatorV2.allocate`."""
        found: dict[str, Any] = {}
        inner = self._inner(context, found)
        for allocator in self.allocators:
            if allocator.needs_allocation(inner):
                allocator.allocate(inner)
        context.set_value(self.fallback_attribute, {**self._kept(context), **found})

    def _inner(self, context: ContextV2, found: dict[str, Any]) -> ContextV2:
        unwrapped = wrapped_values.unwrap(context.get_instance(), self._stored(context), construct=False)
        return ContextV2(unwrapped, context._previous, lambda path, value: found.update({str(path): value}))

    def _stored(self, context: ContextV2) -> dict[str, Any]:
        return context.get_instance().get(self.fallback_attribute) or {}

    def _kept(self, context: ContextV2) -> dict[str, Any]:
        stored = self._stored(context)
        return wrapped_values.without_removed(context.get_instance(), stored) if self.track_deletes else stored


def allocate_all(
    allocators: tuple[AllocatorV2, ...], attributes: Mapping[str, Any], previous: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Run the allocators that need to.

    :param allocators: the allocators of a specification, in order
    :param attributes: the attributes of the service; they are not changed
    :param previous: its attributes before the update, empty when there were none
    :return: the values that were found, by dict path
    """
    found: dict[str, Any] = {}
    context = ContextV2(copy.deepcopy(dict(attributes)), previous, lambda path, value: found.update({str(path): value}))
    for allocator in allocators:
        if allocator.needs_allocation(context):
            allocator.allocate(context)
    return found


def _elements(container: Any, section: dict_path.DictPath) -> list[Any]:
    try:
        return section.get_elements(container)
    except LookupError:
        return []
