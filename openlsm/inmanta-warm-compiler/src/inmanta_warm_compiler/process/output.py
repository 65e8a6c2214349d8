"""
What is printed and logged while inmanta and the project are loaded, for each compile to print and log it again.

A cold compile prints all of that itself, so that its report has it.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from inmanta_warm_compiler.process.replacement import replace

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Printed:
    """
    Something that was printed.

    :param error: whether it went to the standard error
    :param text: what
    """

    error: bool
    text: bytes


class Tape:
    """The output of this process, which goes to two files that nobody reads but this."""

    def __init__(self) -> None:
        self._positions = {1: 0, 2: 0}

    def take(self) -> list[Printed]:
        """Give what was printed since the last time."""
        sys.stdout.flush()
        sys.stderr.flush()
        taken = []
        for descriptor, position in self._positions.items():
            text = b""
            while part := os.pread(descriptor, _CHUNK, position + len(text)):
                text += part
            if text:
                self._positions[descriptor] = position + len(text)
                taken.append(Printed(descriptor == 2, text))
        return taken


class Recording(logging.Handler):
    """What was printed and logged, in this order."""

    def __init__(self, tape: Tape) -> None:
        """:param tape: the output"""
        super().__init__(logging.NOTSET)
        self._tape = tape
        self._events: list[Printed | logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """
        Take note of a message.

        :param record: the message
        """
        self._events += self._tape.take()
        self._events.append(record)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Record what is printed inside, and before."""
        try:
            yield
        finally:
            self._events += self._tape.take()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what is printed and logged inside."""
        root = logging.getLogger()
        level = root.level
        root.addHandler(self)
        # Which messages are wanted is not known before they are replayed.
        root.setLevel(1)
        try:
            yield
        finally:
            root.setLevel(level)
            root.removeHandler(self)
            self._events += self._tape.take()

    def replay(self) -> None:
        """Print and log it again, now."""
        with _flushing_once():
            for event in self._events:
                if isinstance(event, Printed):
                    stream = sys.stderr if event.error else sys.stdout
                    stream.flush()
                    stream.buffer.write(event.text)
                else:
                    logger = logging.getLogger(event.name)
                    if logger.isEnabledFor(event.levelno):
                        event.created = time.time()
                        event.msecs = int(event.created % 1 * 1000) + 0.0
                        logger.handle(event)


@contextmanager
def _flushing_once() -> Iterator[None]:
    """
    Have handlers that flush after each message do so once, at the end.

    Who reads what they write, as the server, would be woken up for each line.
    """
    handlers: dict[logging.StreamHandler[Any], None] = {}
    flush = logging.StreamHandler.flush

    def remember(handler: logging.StreamHandler[Any]) -> None:
        handlers[handler] = None

    replace(logging.StreamHandler, "flush", remember)
    try:
        yield
    finally:
        replace(logging.StreamHandler, "flush", flush)
        for handler in handlers:
            handler.flush()
