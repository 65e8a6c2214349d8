"""A file system with little room, which a test fills to the last byte."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

_CHUNK = 1 << 20


class SmallFilesystem:
    """A file system in memory."""

    def __init__(self, folder: Path) -> None:
        """:param folder: where it is mounted"""
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("wb", buffering=0) as filler:
            size = _CHUNK
            while size:
                try:
                    written = filler.write(bytes(size))
                except OSError:
                    written = 0
                if written < size:
                    size //= 2

    def make_room(self) -> None:
        """Give back what was filled."""
        self._filler.unlink(missing_ok=True)


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[SmallFilesystem]:
    """
    Mount a file system; where that is not allowed, the test is skipped.

    :param folder: an empty folder
    :param megabytes: its size
    """
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount on this machine")
    if answer.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {answer.stderr.strip()}")
    try:
        yield SmallFilesystem(folder)
    finally:
        # Lazily: what was killed a moment ago may still be ending.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
