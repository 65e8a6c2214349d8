"""One user for a folder of state."""

import fcntl
import os
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError, explained


class InUseError(EmbeddedError):
    """Another process has the lock."""


class FolderLock:
    """
    The right to use a folder, held by one process at a time.

    The kernel gives it back when the process that holds it is gone, however it ended.
    """

    def __init__(self, folder: Path, name: str = "lock") -> None:
        """
        :param folder: the folder, which exists
        :param name: of a file in it; locks of different names know nothing of each other
        """
        self._path = folder / name
        self._descriptor: int | None = None

    def is_acquired(self) -> bool:
        """
        Take the lock if nobody has it.

        :return: whether this object has it now
        :raises EmbeddedError: when the folder cannot be used
        """
        if self._descriptor is not None:
            return True
        try:
            self.acquire()
        except InUseError:
            return False
        return True

    def acquire(self) -> None:
        """
        Take the lock.

        :raises InUseError: when another process has it
        :raises EmbeddedError: when the folder cannot be used
        """
        with explained(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._path.read_text().strip() or "unknown"
            os.close(descriptor)
            raise InUseError(
                f"{self._path.parent} is in use by the process with id {holder}: stop it, or choose another folder."
            ) from error
        self._descriptor = descriptor
        try:
            with explained(self._path):
                os.truncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
        except EmbeddedError:
            self.release()
            raise

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
