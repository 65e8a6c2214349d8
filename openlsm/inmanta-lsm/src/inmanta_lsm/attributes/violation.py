"""The error of everything that breaks a rule of the service catalog or of attribute sets."""

import json
from unicodedata import category

# Longer values are cut in error messages.
SHOWN_CHARACTERS = 60


# The categories of characters that end a line, or change how it is shown. Half a surrogate pair cannot be sent at all.
OUT_OF_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})


class RuleViolationError(Exception):
    """
    A definition, an attribute set or an edit breaks a rule. The text is one sentence that says what, where and why.

    :param sentence: the text; what does not fit in one line of it is escaped
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


def printable(text: str) -> str:
    """
    A text in one line: what would end the line, or steer a terminal, is escaped.

    :param text: the text
    """
    if text.isprintable():
        return text
    return "".join(ascii(character)[1:-1] if category(character) in OUT_OF_LINE else character for character in text)


def quoted(name: str) -> str:
    """
    A name as error messages show it: as it is, or in quotes where it would be mistaken for something else.

    :param name: the name, whatever the caller sent
    """
    return name if name.isprintable() and name == name.strip() and name else repr(name)


def shown(value: object) -> str:
    """
    A JSON value as error messages quote it, cut when it is long.

    :param value: the value, which has to be storable
    """
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def one_line(error: BaseException) -> str:
    """What an error of some library says, in one line without a full stop."""
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines and lines[0] else type(error).__name__
