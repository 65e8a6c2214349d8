"""The pages of memory that a compile writes to: a fork shares all there are, and gets a copy of each with its first write."""

import ctypes
import itertools
import mmap
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_POPULATE_WRITE = 23
"""MADV_POPULATE_WRITE of Linux 5.14 and later, for which Python has no name."""

_AT_ONCE = 32
"""Pieces of memory that are copied between two looks at whether there is time for more."""

_WRITABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ \d+ *(?!.*\[stack\])", re.MULTILINE)
"""A line of ``/proc/self/maps`` about memory that is copied when it is written to."""

_OWN = 1 << 63 | 1 << 56
"""The bits of an entry of ``/proc/self/pagemap`` for a page that is there, and that no other process has."""


def own() -> list[int]:
    """
    Look for the memory that this process shares with no other one. In a fork, that is what it has written to.

    :return: the address and the size in bytes of each piece, one after the other; nothing where the kernel does not tell
    """
    found: list[int] = []
    try:
        with Path("/proc/self/pagemap").open("rb", buffering=0) as entries:
            for start, end in _writable():
                pages = array("Q")
                entries.seek(start // mmap.PAGESIZE * pages.itemsize)
                pages.frombytes(entries.read((end - start) // mmap.PAGESIZE * pages.itemsize))
                place = start
                for is_own, same in itertools.groupby(pages, lambda entry: entry & _OWN == _OWN):
                    size = sum(1 for _ in same) * mmap.PAGESIZE
                    if is_own:
                        found += (place, size)
                    place += size
    except OSError:
        return []
    return found


def copy(pieces: Sequence[int], is_over: Callable[[], bool]) -> None:
    """
    Have the kernel copy memory that this process shares, before it writes to it. Where the kernel does not know how, or nothing
    is mapped, nothing happens.

    :param pieces: as :func:`own` gives them
    :param is_over: tells whether there is no time for more
    """
    madvise = ctypes.PyDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for some in itertools.batched(itertools.batched(pieces, 2), _AT_ONCE):
        if is_over():
            return
        for address, size in some:
            madvise(address, size, _POPULATE_WRITE)


def _writable() -> Iterator[tuple[int, int]]:
    """Give the first address, and the one behind the last, of each piece of memory that is copied when it is written to."""
    for found in _WRITABLE.finditer(Path("/proc/self/maps").read_text()):
        yield int(found[1], 16), int(found[2], 16)
