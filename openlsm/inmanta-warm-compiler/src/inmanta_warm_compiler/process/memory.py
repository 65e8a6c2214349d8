"""The memory of a warm process and its children."""

import os
import time
from pathlib import Path

from inmanta_warm_compiler.process.child import Child

_KILOBYTES = 1024

_VALID = 10.0
"""For how many seconds a size is taken to be right: to ask for it takes as long as to look at a thousand files."""


class Memory:
    """The memory of a warm process, which hardly changes once the project is loaded."""

    def __init__(self) -> None:
        self._size = 0
        self._since = -_VALID

    def held(self, child: Child) -> int:
        """
        Tell how much this process and its child hold together.

        :param child: waits for a compile
        :return: in bytes; 0 when the kernel does not tell
        """
        now = time.monotonic()
        if now - self._since >= _VALID and child.is_ready():
            self._size, self._since = sum(map(proportional_set_size, (os.getpid(), child.pid))), now
        return self._size


def proportional_set_size(pid: int) -> int:
    """
    Tell how much memory a process holds: its own, and its share of what several processes hold together.

    :param pid: id of the process
    :return: in bytes; 0 when it is gone, or the kernel does not tell
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KILOBYTES for line in lines if line.startswith("Pss:")), 0)
