"""The error of everything that breaks a rule of the service catalog or of attribute sets."""

import json

# Longer values are cut in error messages.
SHOWN_CHARACTERS = 60


class RuleViolationError(Exception):
    """A definition, an attribute set or an edit breaks a rule. The text is one sentence that says what, where and why."""


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
