"""Attribute values for people to read: on one line, without what could harm a terminal, and without secrets."""

import json
import re
from typing import Any

HIDDEN = "••••••"
"""Stands for a value that is not shown."""

_SECRET = re.compile(r"passw(or)?d|passphrase|secret|token|credential|private_?key|api_?key|community", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """
    Whether an attribute is one that is not shown, judged by its name.

    :param name: the name of the attribute, or a path that ends with it.
    """
    return _SECRET.search(re.split(r"[.\[]", name)[-1] if not name.endswith("]") else name) is not None


def masked(value: Any, name: str = "") -> Any:
    """
    A value without the secrets in it.

    :param value: the value.
    :param name: of its attribute.
    """
    match value:
        case None:
            return None
        case _ if is_secret(name):
            return HIDDEN
        case dict():
            return {key: masked(inner, key) for key, inner in value.items()}
        case list():
            return [masked(inner, name) for inner in value]
        case _:
            return value


def clean(text: str) -> str:
    """
    A text without characters that a terminal would obey instead of showing them.

    :param text: the text; line ends stay.
    """
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text
    )


def shown(value: Any, name: str = "") -> str:
    """
    A value on one line.

    :param value: the value.
    :param name: of its attribute; one that sounds like a secret is not shown.
    """
    value = masked(value, name)
    if isinstance(value, str) and value and value == value.strip() and clean(value) == value and "\n" not in value:
        return value
    return clean(json.dumps(value, ensure_ascii=False, default=str))
