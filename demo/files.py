"""What is in a folder, and what became of it between two looks."""

import difflib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Entry:
    """
    Something in a folder.

    :param kind: what it is
    :param mode: its rights
    :param text: the content of a file, the target of a link, empty for a directory
    """

    kind: Literal["directory", "file", "link"]
    mode: int
    text: str = ""


Snapshot = dict[Path, Entry]


@dataclass(frozen=True)
class Change:
    """
    What became of an entry.

    :param sign: ``+`` it is new, ``-`` it is gone, ``~`` it is another one now
    :param path: relative to the folder
    :param lines: the lines of its content that are gone or new, with their sign in front
    """

    sign: Literal["+", "-", "~"]
    path: Path
    lines: tuple[str, ...] = ()


def look(folder: Path) -> Snapshot:
    """
    What is in a folder now.

    :param folder: the folder; it need not exist
    :return: all that is below it, by path relative to it
    """
    return {path.relative_to(folder): _entry(path) for path in sorted(folder.rglob("*"))}


def _entry(path: Path) -> Entry:
    """
    What is at a path.

    :param path: the path
    """
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Entry("link", mode, str(path.readlink()))
    if stat.S_ISDIR(status.st_mode):
        return Entry("directory", mode)
    return Entry("file", mode, path.read_text())


def compare(before: Snapshot, after: Snapshot) -> list[Change]:
    """
    What became of the entries of a folder.

    :param before: what was in it
    :param after: what is in it
    """
    changes: list[Change] = []
    for path in sorted({*before, *after}):
        if path not in before:
            changes.append(Change("+", path))
        elif path not in after:
            changes.append(Change("-", path))
        elif before[path] != after[path]:
            lines = difflib.ndiff(before[path].text.splitlines(), after[path].text.splitlines())
            changes.append(Change("~", path, tuple(line for line in lines if line.startswith(("+ ", "- ")))))
    return changes
