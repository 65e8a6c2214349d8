"""The shared memory of PostgreSQL servers: the only thing of theirs that is in no folder, and stays when they are killed."""

import ctypes
import os
import time
from pathlib import Path

_SEGMENTS = Path("/proc/sysvipc/shm")
_REMOVE = 0
# What the lines of the file with the process id hold.
_DATA_FOLDER = 1
_SEGMENT = 6
# In seconds. Processes of a server that was killed end by themselves, as soon as they look.
_PATIENCE = 5.0


def remove(pid_file: Path) -> None:
    """
    Remove the segment by which a server knows whether another one works on its data, once nobody is attached to it. That of a
    server with processes that go on stays, and so does that of another folder, of which this one is a copy.

    :param pid_file: of the server, which writes it there; nothing happens without
    """
    try:
        lines = pid_file.read_text().splitlines()
        key, number = map(int, lines[_SEGMENT].split())
    except (OSError, ValueError, IndexError):
        return
    if _is_another_folder(Path(lines[_DATA_FOLDER]), pid_file.parent):
        return
    deadline = time.monotonic() + _PATIENCE
    while (segment := _segment(key, number)) is not None and segment["nattch"] > 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    if segment is not None and segment["nattch"] == 0 and os.geteuid() in (0, segment["cuid"]):
        ctypes.CDLL(None).shmctl(number, _REMOVE, None)


def _is_another_folder(named: Path, folder: Path) -> bool:
    """
    Tell whether a server works in another folder than the one that its file is found in. A folder that was moved is the same.

    :param named: where the server says that it works
    :param folder: where its file is found
    """
    try:
        return not named.samefile(folder)
    except OSError:
        return False


def _segment(key: int, number: int) -> dict[str, int] | None:
    """
    What the machine knows of a segment, by the names that it has for that.

    :param key: of the segment; its number is given again to others
    :param number: of the segment
    :return: None when it is gone, or the machine tells nothing about segments
    """
    try:
        names, *lines = (line.split() for line in _SEGMENTS.read_text().splitlines())
    except (OSError, ValueError):
        return None
    segments = (dict(zip(names, map(int, line), strict=True)) for line in lines)
    # Keys are shown with a sign here, and without one there.
    return next((each for each in segments if each["shmid"] == number and (each["key"] - key) % 2**32 == 0), None)
