"""One demo at a time in a folder: the others wait until it is over."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from inmanta_embedded.errors import explained


@contextlib.contextmanager
def taken(folder: Path, tell: Callable[[], None]) -> Iterator[None]:
    """
    Have a folder for oneself. What is locked is a file beside it, as the folder comes and goes.

    :param folder: of the demo; need not exist
    :param tell: called once when it takes a while
    :raises EmbeddedError: when the machine refuses the file
    """
    file = folder.with_name(f"{folder.name}.lock")
    with explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(file, tell)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(file: Path, tell: Callable[[], None]) -> int:
    """
    Lock a file that whoever had it before removes.

    :param file: the file, which is made
    :param tell: called once when somebody else has it
    :return: the open file
    """
    told = False
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                tell()
                told = True
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                return descriptor
        os.close(descriptor)
