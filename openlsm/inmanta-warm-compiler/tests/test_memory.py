"""What a warm process does about the memory that its forks copy."""

import ctypes
import gc
import itertools
import mmap
import os
import pickle
import platform
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from inmanta_warm_compiler.process import gaps, pages

MANY = 10_000
PAGES = 64


@pytest.fixture
def memory() -> Iterator[mmap.mmap]:
    """Some pages of memory that a fork shares."""
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for place in range(0, len(memory), mmap.PAGESIZE):
            memory[place] = 1
        yield memory


def in_a_fork(work: Callable[[], Any]) -> Any:
    """Give what a function returns in a fork of this process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with os.fdopen(writing, "wb") as output:
                pickle.dump(work(), output)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as input_:
        result = pickle.loads(input_.read())
    os.waitpid(pid, 0)
    return result


def own_pages(pieces: list[int], memory: mmap.mmap) -> list[int]:
    """
    Give the numbers of the pages of some memory.

    :param pieces: addresses and sizes, of which those in the memory count
    :param memory: the memory
    """
    start = address_of(memory)
    return [
        (place - start) // mmap.PAGESIZE
        for address, size in itertools.batched(pieces, 2)
        for place in range(address, address + size, mmap.PAGESIZE)
        if start <= place < start + len(memory)
    ]


def address_of(memory: mmap.mmap) -> int:
    """Give the address of the first page."""
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_owns_what_it_has_written_to(memory: mmap.mmap) -> None:
    def write() -> list[int]:
        for page in (3, 4, 9):
            memory[page * mmap.PAGESIZE] = 2
        return own_pages(pages.own(), memory)

    assert in_a_fork(write) == [3, 4, 9]


@pytest.mark.skipif(
    tuple(map(int, platform.release().split(".")[:2])) < (5, 14), reason="this version of Linux cannot copy memory in advance"
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize(("is_over", "copied"), [(False, [3, 4, 9]), (True, [])], ids=["in time", "too late"])
def test_it_can_own_that_before_it_writes(memory: mmap.mmap, is_over: bool, copied: list[int]) -> None:
    start = address_of(memory)
    pieces = [start + 3 * mmap.PAGESIZE, 2 * mmap.PAGESIZE, start + 9 * mmap.PAGESIZE, mmap.PAGESIZE]

    def copy() -> tuple[list[int], bytes]:
        pages.copy(pieces, lambda: is_over)
        return own_pages(pages.own(), memory), memory[:]

    found, content = in_a_fork(copy)

    assert found == copied
    assert content == memory[:]


def test_memory_that_is_not_there_is_not_copied() -> None:
    with mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as gone:
        address = address_of(gone)

    pages.copy([address, mmap.PAGESIZE], lambda: False)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_new_objects_lie_side_by_side_when_gaps_are_filled() -> None:
    def pages_of_new_objects() -> float:
        """Give in how many pages they lie, for each page in which twice as many lay of which every other one is gone."""
        gc.disable()
        objects: list[bytes | None] = [bytes(100) for _ in range(MANY)]
        before = len({id(each) // mmap.PAGESIZE for each in objects})
        for index in range(0, MANY, 2):
            objects[index] = None
        filling = gaps.fill()
        new = [bytes(100) for _ in range(MANY // 2)]
        del filling
        return len({id(each) // mmap.PAGESIZE for each in new}) / before

    assert in_a_fork(pages_of_new_objects) < 0.6


def test_errors_are_printed_as_ever_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    gaps.fill()
    os.write(2, b"an error")

    assert capfd.readouterr().err == "an error"
