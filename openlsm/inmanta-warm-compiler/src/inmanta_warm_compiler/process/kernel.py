"""What a warm process asks of the kernel, beyond what Python offers."""

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """
    Have the kernel kill this process when its parent ends, however that ends.

    :param parent: process id of the parent
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It ended before the kernel knew.
        os._exit(1)


def open_descriptors() -> dict[int, str]:
    """Tell what this process has open: the target of each descriptor."""
    found = {}
    for link in Path("/proc/self/fd").iterdir():
        try:
            found[int(link.name)] = str(link.readlink())
        except FileNotFoundError:
            # The one of the listing itself.
            continue
    return found


def threads() -> int:
    """Count the threads of this process, also those that Python does not know of."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def has_children() -> bool:
    """Tell whether this process has child processes, running or not waited for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def give_back_memory() -> None:
    """Return freed memory to the system, with a C library that can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
