"""
Reading of a YAML file that a person may have got wrong, or somebody wants to do harm with.

Nothing that a file holds, or is, takes long or much memory to refuse, and every refusal is one sentence.
"""

import os
import pathlib
import stat
from collections.abc import Iterator
from typing import Any

import yaml

MAXIMUM_SIZE = 64 * 1024
"""How many bytes a file can have, and how many characters what its aliases stand for."""

MAXIMUM_DEPTH = 20
"""How deep mappings and lists can be nested."""


class FileContentError(Exception):
    """What is wrong with a file, as the rest of a sentence that begins with its path."""


def read(path: pathlib.Path) -> object:
    """
    Read a YAML file.

    :param path: where it is
    :raises FileNotFoundError: there is none
    :raises FileContentError: it cannot be read, or holds something else than one YAML document of reasonable size
    """
    text = _text(path)
    try:
        _check_size(text)
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        raise FileContentError(f"is not valid YAML: {_in_one_line(error)}.") from error
    except (ValueError, OverflowError, RecursionError) as error:
        # A number with thousands of digits, or a date that no calendar has.
        raise FileContentError(f"holds a value that cannot be read: {_in_one_line(error)}.") from error


def shown(value: object) -> str:
    """
    A value as messages quote it, cut when it is long.

    :param value: a value of a file that was read
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _text(path: pathlib.Path) -> str:
    try:
        # The look at it comes first: opening a pipe or a device waits, or does something.
        if stat.S_ISREG(path.stat().st_mode):
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(MAXIMUM_SIZE + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        else:
            content = None
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileContentError(f"cannot be read: {error.strerror}.") from error
    if content is None:
        raise FileContentError("is no regular file: write one, or remove it and add an empty one.")
    if len(content) > MAXIMUM_SIZE:
        raise FileContentError(f"has more than {MAXIMUM_SIZE} bytes: leave out what is no configuration.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FileContentError(f"cannot be read: it is no UTF-8 ({error.reason} at byte {error.start}).") from error


def _check_size(text: str) -> None:
    """
    Refuse a document that is nested too deep, or in which aliases stand for too much. The events of the parser are looked at
    one by one: nothing is built, so nothing grows.

    :raises FileContentError: it is too large
    """
    depth, size = 0, 0
    opened: list[tuple[str | None, int]] = []
    sizes: dict[str, int] = {}
    for event in _events(text):
        match event:
            case yaml.CollectionStartEvent():
                opened.append((event.anchor, size))
                size, depth = size + 1, depth + 1
            case yaml.CollectionEndEvent():
                anchor, before = opened.pop()
                depth -= 1
                if anchor is not None:
                    sizes[anchor] = size - before
            case yaml.ScalarEvent():
                size += 1 + len(event.value)
                if event.anchor is not None:
                    sizes[event.anchor] = 1 + len(event.value)
            case yaml.AliasEvent():
                if event.anchor in {anchor for anchor, _ in opened}:
                    raise FileContentError(f"holds a value that contains itself, by the alias {shown(event.anchor)}.")
                size += sizes.get(event.anchor or "", 1)
        if depth > MAXIMUM_DEPTH:
            raise FileContentError(f"is nested deeper than {MAXIMUM_DEPTH} levels.")
        if size > MAXIMUM_SIZE + MAXIMUM_DEPTH:
            raise FileContentError(f"stands for more than {MAXIMUM_SIZE} characters: leave out what its aliases repeat.")


def _events(text: str) -> Iterator[yaml.Event]:
    return iter(yaml.parse(text, Loader=yaml.SafeLoader))


class _UniqueKeyLoader(yaml.SafeLoader):
    """A loader of plain data for which a key that is given twice is a mistake: one of the values would be lost."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise FileContentError(
                        f"has the key {shown(key.value)} twice, in line {key.start_mark.line + 1}: keep one."
                    )
                seen.add(key.value)
        return node


def _in_one_line(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text if len(text) <= 300 else f"{text[:300]}..."
