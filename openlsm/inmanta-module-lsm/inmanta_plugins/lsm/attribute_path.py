"""Where an attribute is in an attribute set, written as a dict path."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from inmanta.plugins import PluginException
from inmanta.util import dict_path


@dataclass(frozen=True)
class AttributePath:
    """
    The path of one attribute, of a service or of an entity embedded in it.

    :param text: the path as dict path, like `name` or `items[id=1].name`
    """

    text: str

    @cached_property
    def sections(self) -> tuple[dict_path.DictPath, ...]:
        """
        The steps from the attribute set to the attribute; the last one is the name of the attribute.

        :raises PluginException: the text is not the path of an attribute
        """
        try:
            sections = tuple(dict_path.to_path(self.text).get_path_sections())
        except (dict_path.InvalidPathException, ValueError) as exception:
            raise PluginException(f"{self.text!r} is not a valid attribute path: {exception}.") from exception
        if not sections or not isinstance(sections[-1], dict_path.InDict):
            raise PluginException(
                f"{self.text!r} is not the path of an attribute: end it with the name of one, like items[id=1].name."
            )
        return sections

    @property
    def name(self) -> str:
        """The name of the attribute in the service or embedded entity it belongs to."""
        return self.sections[-1].get_key()

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way to the attribute, its own included: the same for all elements of a list."""
        return tuple(section.get_key() for section in self.sections)

    @property
    def embedded(self) -> bool:
        """Whether the attribute belongs to an embedded entity."""
        return len(self.sections) > 1

    def holder(self, attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """
        The part of an attribute set that the attribute belongs to: the set itself or an embedded entity.

        :param attributes: an attribute set; None for one that does not exist
        :return: the part, None when the set does not have exactly one such part
        """
        holders = list(elements(attributes, self.sections[:-1]))
        if len(holders) != 1 or not isinstance(holders[0], dict):
            return None
        return holders[0]

    def value(self, attributes: Mapping[str, Any] | None) -> Any:
        """
        :param attributes: an attribute set; None for one that does not exist
        :return: the value of the attribute in that set, None when it has none
        """
        holder = self.holder(attributes)
        return None if holder is None else holder.get(self.name)


def elements(container: object, sections: tuple[dict_path.WildDictPath, ...]) -> Iterator[Any]:
    """
    What a path leads to, wildcards included. A step that an element does not have leads to nothing: an optional relation may
    be null in one element and set in the next.

    :param container: where the path starts
    :param sections: the steps of the path
    """
    found = [container]
    for section in sections:
        found = [target for element in found for target in _step(element, section)]
    yield from found


def _step(container: object, section: dict_path.WildDictPath) -> list[object]:
    try:
        return section.get_elements(container)
    except LookupError:
        return []
