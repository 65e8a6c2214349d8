"""Dict paths: how an edit says where in an attribute set something is."""

from collections.abc import Mapping, Sequence
from typing import Any

from inmanta.util.dict_path import ComposedPath, DictPath, DictPathValue, InDict, KeyedList, to_path
from inmanta_lsm.model import EmbeddedServiceEntity

from inmanta_services.attributes.members import keys_of
from inmanta_services.errors import ServicesError

type Steps = Sequence[DictPath]


def to_member(name: str) -> DictPath:
    """
    The step to a member.

    :param name: its name.
    """
    return InDict(_escaped(name))


def to_element(relation: EmbeddedServiceEntity, element: Mapping[str, Any]) -> DictPath:
    """
    The step to an embedded entity of a relation that has keys.

    :param relation: the relation.
    :param element: the embedded entity.
    """
    pairs = [(_escaped(name), _escaped(element.get(name))) for name in keys_of(relation)]
    return KeyedList(_escaped(relation.name), pairs)


def text_of(steps: Steps) -> str:
    """
    Steps as an edit takes them.

    :param steps: from the attribute set on.
    """
    return ComposedPath(path=list(steps)).to_str()


def parse(text: str) -> DictPath:
    """
    Read a path as people write it, such as ``items[name=cable].priority``.

    :param text: the path.
    :raises ServicesError: when it is none.
    """
    try:
        path = to_path(text)
        # The parser skips what it cannot read and takes the rest for the path.
        if text in ("", ".") or ".".join(ComposedPath.split_on_dots(text)) != text:
            raise ValueError(text)
    except Exception as error:
        raise ServicesError(f"{text!r} is no path: write attribute, attribute.inner or list[key=value].inner.") from error
    return path


def leads_to(steps: Steps, attributes: Mapping[str, Any], element: object) -> bool:
    """
    Whether the text of steps leads where the steps were meant to lead: some characters in keys do not survive it.

    :param steps: the steps.
    :param attributes: the attribute set.
    :param element: where they were meant to lead.
    """
    try:
        found: object = to_path(text_of(steps)).get_element(attributes)
    except Exception:
        return False
    return found is element


def _escaped(value: object) -> str:
    """
    A key or its value as it stands in the text of a path.

    :param value: the value.
    """
    return DictPathValue.from_object(value).escape()


def top_of(text: str) -> str:
    """
    The top-level attribute that a path is in.

    :param text: the path.
    """
    return to_path(text).get_path_sections()[0].get_key()
