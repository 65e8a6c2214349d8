"""The shared memory of PostgreSQL servers: the only thing of theirs that is in no folder, and stays when they are killed."""

import ctypes
import os
from pathlib import Path

_SEGMENTS = Path("/proc/sysvipc/shm")
_REMOVE = 0
# Where the key and the number of the segment are in the file with the process id.
_LINE = 6


def remove(pid_file: Path) -> None:
    """
    Remove the segment by which a server knows whether another one works on its data, once nobody is attached to it.

    :param pid_file: of the server, which writes it there; nothing happens without
    """
    try:
        key, number = map(int, pid_file.read_text().splitlines()[_LINE].split())
        segments = [line.split() for line in _SEGMENTS.read_text().splitlines()]
    except (OSError, ValueError, IndexError):
        return
    if not segments:
        return
    columns = {name: place for place, name in enumerate(segments[0])}
    for segment in segments[1:]:
        found = [int(segment[columns[name]]) for name in ("key", "shmid", "nattch", "cuid")]
        # A number is given again: it has to be the same key, unused, and not that of somebody else.
        if found[:3] == [key, number, 0] and os.geteuid() in (0, found[3]):
            ctypes.CDLL(None).shmctl(number, _REMOVE, None)
