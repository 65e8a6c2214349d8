"""The output of a compile, in pieces that are worth writing down."""

import asyncio

_CALM = 0.05
"""Seconds to wait for more output: less than anybody sees who follows a report."""

_PIECE = 1 << 16

# The bits that the first byte of a character of several bytes has, and how many follow it.
_FIRST_BYTES = ((0b1100_0000, 0b1110_0000, 1), (0b1110_0000, 0b1111_0000, 2), (0b1111_0000, 0b1111_1000, 3))


class CalmReader(asyncio.StreamReader):
    """
    A stream that waits a little for more before it gives what there is, and gives no part of a character.

    Core writes each piece to the database. Line by line, that would keep server and database as busy as the compile itself. And
    core 18 decodes each piece by itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept = b""

    def at_eof(self) -> bool:
        """Tell whether all was read."""
        return not self._kept and super().at_eof()

    async def read(self, n: int = -1) -> bytes:
        """
        Read what there is, and what comes right after it.

        :param n: the most bytes to read, some at least; -1 for all there will be
        """
        if n < 0:
            pieces = []
            while not self.at_eof():
                pieces.append(await self.read(_PIECE))
            return b"".join(pieces)
        data, self._kept = self._kept, b""
        end = None
        while len(data) < n and not super().at_eof():
            try:
                async with asyncio.timeout_at(end):
                    data += await super().read(n - len(data))
            except TimeoutError:
                break
            end = end or asyncio.get_running_loop().time() + _CALM
        if not super().at_eof():
            data, self._kept = split(data)
        return data


def split(data: bytes) -> tuple[bytes, bytes]:
    """
    Split text such that no character is cut.

    :param data: in UTF-8
    :return: whole characters, and the beginning of the one behind them
    """
    for length in range(1, min(len(data), 3) + 1):
        byte = data[-length]
        if byte & 0b1100_0000 != 0b1000_0000:
            missing = any(byte & mask == bits and following >= length for bits, mask, following in _FIRST_BYTES)
            return (data[:-length], data[-length:]) if missing else (data, b"")
    return data, b""
