"""Output arrives in pieces of whole characters, none of it lost, and not later than it has to."""

import asyncio

import pytest
from inmanta_warm_compiler.calm_reader import CalmReader, split

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("data", "kept"),
    [("", 0), ("abc", 0), ("\u20ac", 0), ("a\u20ac", 1), ("\u20ac", 2), ("\xe9", 1), ("\U0001f600", 3), ("\U0001f600", 1)],
)
async def test_characters_are_not_cut(data: str, kept: int) -> None:
    text = data.encode()
    cut = text[: len(text) - kept]

    whole, rest = split(cut)

    assert whole + rest == cut
    assert whole.decode() == (data if kept == 0 else data[:-1])


@pytest.mark.parametrize("junk", [b"\xff", b"a\x80", b"\x80\x80\x80\x80", b"\xc3a"])
async def test_what_is_no_text_is_passed_on(junk: bytes) -> None:
    assert split(junk) == (junk, b"")


async def test_pieces_that_come_together_are_given_together() -> None:
    reader = CalmReader()
    task = asyncio.create_task(reader.read(100))
    for piece in (b"one ", b"two ", b"three"):
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()

    assert await task == b"one two three"
    assert reader.at_eof()


async def test_nothing_is_held_back_when_nothing_follows() -> None:
    reader = CalmReader()
    reader.feed_data(b"alone")

    assert await reader.read(100) == b"alone"
    assert not reader.at_eof()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8192])
async def test_all_text_arrives(size: int) -> None:
    text = "a\xe9\u20ac\U0001f600" * 100
    reader = CalmReader()
    reader.feed_data(text.encode())
    reader.feed_eof()

    pieces = []
    while not reader.at_eof():
        pieces.append(await reader.read(max(size, 4)))

    assert b"".join(pieces).decode() == text


async def test_the_beginning_of_a_character_that_never_ends_is_given_at_the_end() -> None:
    reader = CalmReader()
    reader.feed_data("a\u20ac".encode()[:-1])
    first = await reader.read(100)
    reader.feed_eof()

    assert (first, await reader.read(100)) == (b"a", "\u20ac".encode()[:-1])
    assert reader.at_eof()


async def test_all_of_it_can_be_read_at_once() -> None:
    reader = CalmReader()
    task = asyncio.create_task(reader.read())
    for piece in ("a\u20ac".encode()[:-1], "\u20ac".encode()[-1:] + b"b"):
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()

    assert await task == "a\u20acb".encode()
