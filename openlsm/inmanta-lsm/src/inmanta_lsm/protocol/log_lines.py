"""
The lines of the log of a server: each entry begins one, and no text that comes from outside begins another.

Names, descriptions and errors of models end up in messages. A line break in one of them would let its author write entries of
his own, and a control character could change what a terminal shows.
"""

import logging
import re
from typing import override

from inmanta_lsm.protocol.masking import masked_tokens

INDENT = "    "

# Everything that ends a line for some reader, and everything that steers a terminal.
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")


class GuardedRecord(logging.LogRecord):
    """An entry of the log whose further lines are indented, and which shows no tokens."""

    _text: str | None = None

    @override
    def getMessage(self) -> str:
        return guarded(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        """The trace of the exception, as the first formatter made it."""
        return self._text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._text = None if text is None else INDENT + guarded(text)


def guard() -> None:
    """Have every entry of the log of this process written like that from now on."""
    logging.setLogRecordFactory(GuardedRecord)


def guarded(text: str) -> str:
    """
    A text as one entry of the log.

    :param text: the text
    """
    if text.isprintable():
        return masked_tokens(text)
    lines = _BREAK.sub(f"\n{INDENT}", text)
    return masked_tokens(_CONTROL.sub(lambda match: ascii(match[0])[1:-1], lines))
