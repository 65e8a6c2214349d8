"""
Files and folders that a process has read, and whether they are still the same.

Both the server and the warm processes use this module, so it imports nothing but the standard library.
"""

import os
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The kernel stamps files with a clock that ticks at least a hundred times a second: changes within a tick look the same.
_TICK_NS = 20_000_000

_NEVER: list[int] = []
"""The mark of a file that may have changed while it was being read: it equals none that a file can have."""

_MARK = struct.Struct("QQqqq")
# Packed: the mark of no file, and the one that equals none. No device has such numbers.
_NO_FILE = _MARK.pack(2**64 - 1, 0, 0, 0, 0)
_NO_MARK = _MARK.pack(2**64 - 1, 1, 0, 0, 0)


def mark(path: str | bytes) -> list[int] | None:
    """
    Tell the state of a file, cheaply.

    :param path: of the file, or of a link to it
    :return: what is different after every change; None when there is no such file
    """
    try:
        # Thousands of files are looked at before each compile, and this takes half the time of Path.stat.
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def names(folder: str) -> list[str]:
    """
    List what is in a folder, without what Python and inmanta keep there for themselves.

    :param folder: path of the folder; it need not exist
    """
    try:
        found = [path.name for path in Path(folder).iterdir()]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith(".") and name != "__pycache__")


@dataclass(frozen=True)
class _Marks:
    """
    The marks of files in two pieces of memory. To look at an object of Python changes it, as that counts who does: where a fork
    shares thousands of them, the kernel would copy each page of memory that has one.

    :param paths: of the files, each with a zero behind it
    :param marks: of the files in the same order, packed
    """

    paths: bytes
    marks: bytes

    @classmethod
    def of(cls, files: Mapping[str, list[int] | None]) -> "_Marks":
        """:param files: their marks by path"""
        return cls(b"".join(os.fsencode(path) + b"\0" for path in files), b"".join(_packed(found) for found in files.values()))

    def files(self) -> dict[str, list[int] | None]:
        """Give the marks by path."""
        parts = (self.marks[start : start + _MARK.size] for start in range(0, len(self.marks), _MARK.size))
        return {os.fsdecode(path): _unpacked(part) for path, part in zip(self.paths.split(b"\0")[:-1], parts, strict=True)}

    def first_changed(self) -> str | None:
        """Look for a file that has another mark now, and give its path."""
        paths = self.paths.split(b"\0")[:-1]
        now = b"".join(_packed(mark(path)) for path in paths)
        if now == self.marks:
            return None
        pairs = zip(_MARK.iter_unpack(now), _MARK.iter_unpack(self.marks), strict=True)
        return next(os.fsdecode(path) for path, (found, before) in zip(paths, pairs, strict=True) if found != before)


def _packed(found: list[int] | None) -> bytes:
    """:param found: a mark"""
    if found is None:
        return _NO_FILE
    return _MARK.pack(*found) if found else _NO_MARK


def _unpacked(part: bytes) -> list[int] | None:
    """:param part: a mark that :func:`_packed` made"""
    if part == _NO_FILE:
        return None
    return _NEVER if part == _NO_MARK else list(_MARK.unpack(part))


@dataclass
class Watch:
    """
    Files and folders as they were when they were read.

    :param files: their marks by path, until this is sealed; also of files that were looked for and did not exist
    :param folders: their marks and the names in them, by path
    """

    files: dict[str, list[int] | None] = field(default_factory=dict)
    folders: dict[str, tuple[list[int] | None, list[str]]] = field(default_factory=dict)
    _since: int = field(default_factory=time.time_ns)
    _marks: _Marks | None = None

    def add_file(self, path: str) -> None:
        """
        Watch a file from now on, when it is not watched yet.

        :param path: absolute path
        """
        if path not in self.files:
            found = mark(path)
            self.files[path] = _NEVER if found is not None and found[-1] >= self._since - _TICK_NS else found

    def add_folder(self, path: str) -> None:
        """
        Watch the names in a folder from now on, when it is not watched yet.

        :param path: absolute path
        """
        if path not in self.folders:
            self.folders[path] = (mark(path), names(path))

    def seal(self) -> None:
        """Watch no more files than these, and keep them as :class:`_Marks` do."""
        self._marks = _Marks.of(self.files)
        self.files = {}

    def change(self) -> str | None:
        """
        Look for a change.

        :return: a sentence about the first one that is found; None when all is as it was
        """
        path = (self._marks or _Marks.of(self.files)).first_changed()
        if path is not None:
            return f"{path} changed"
        for path, (before, content) in self.folders.items():
            now = mark(path)
            if now == before:
                continue
            if names(path) != content:
                return f"the content of the folder {path} changed"
            # Something came that does not count, or came and went.
            self.folders[path] = (now, content)
        return None

    def to_json(self) -> dict[str, Any]:
        """Give them in a form for a message."""
        return {"files": self._marks.files() if self._marks else self.files, "folders": self.folders}

    @classmethod
    def from_json(cls, message: dict[str, Any]) -> "Watch":
        """
        Take them from a message.

        :param message: as :meth:`to_json` made it
        """
        folders = {path: (before, content) for path, (before, content) in message["folders"].items()}
        watch = cls(files=message["files"], folders=folders)
        watch.seal()
        return watch
