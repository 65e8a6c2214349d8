"""Where in a form something is wrong, as somebody else says it."""

import re
from collections.abc import Iterable

from inmanta_services.errors import ServicesError


def place_of(path: str, known: Iterable[str]) -> str | None:
    """
    The field that a path is in.

    :param path: such as ``items.0.name``, perhaps to something inside the value of a field.
    :param known: the paths of all fields.
    :return: None when it is in none.
    """
    fields = set(known)
    parts = path.split(".")
    while parts and ".".join(parts) not in fields:
        parts.pop()
    return ".".join(parts) or None


def field_in(error: ServicesError, known: Iterable[str]) -> str | None:
    """
    The field that the orchestrator complains about.

    :param error: its answer, which names attributes as ``items[0].name``.
    :param known: the paths of all fields.
    :return: None when it names none of them; the deepest one when it names several.
    """
    said = re.sub(r"\[(\d+)\]", r".\1", str(error))
    named = [path for path in known if re.search(rf"(?<![\w.]){re.escape(path)}(?![\w])", said)]
    return max(named, key=len, default=None)
