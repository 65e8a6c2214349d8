"""The gaps between the small objects of a process."""

import os
import re
import sys

_ALLOCATOR_SIZES = re.compile(rb"^ +\d+ +(?P<size>\d+) +\d+ +\d+ +(?P<free>\d+) *$", re.MULTILINE)
"""A line of what Python tells about the blocks of one size: its number, size, pools, blocks in use, and those that are free."""

_STDERR = 2


def fill() -> list[object]:
    """
    Fill the gaps that objects which are gone have left between those of this process.

    Python puts new objects there first. A fork would do so all over the memory that it shares, and have the kernel copy a page
    for each of them. Without gaps, its objects lie side by side in pages that are its own.

    :return: what fills the gaps, for as long as it is kept
    """
    filling: list[object] = []
    for found in _ALLOCATOR_SIZES.finditer(_allocator_statistics()):
        size = int(found["size"])
        filling += [_object_of(size) for _ in range(int(found["free"]))]
    return filling


def _object_of(size: int) -> object:
    """
    Make an object that exists only once.

    :param size: of the block that it takes, in bytes
    """
    length = size - sys.getsizeof(b"")
    if length > 1:
        return bytes(length)
    return object() if size <= sys.getsizeof(object()) else float(size)


def _allocator_statistics() -> bytes:
    """Give what the allocator of Python tells about itself, which it only prints; nothing with another one."""
    with os.fdopen(os.memfd_create("allocator"), "w+b") as output:
        kept = os.dup(_STDERR)
        os.dup2(output.fileno(), _STDERR)
        try:
            sys._debugmallocstats()
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
        output.seek(0)
        return output.read()
