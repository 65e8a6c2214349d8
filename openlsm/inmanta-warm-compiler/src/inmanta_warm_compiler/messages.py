"""
What the server and a warm process say to each other: JSON objects over a stream socket, each after its length.

Both sides use this module, so it imports nothing but the standard library.
"""

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

_LENGTH = struct.Struct("!Q")
LENGTH_SIZE = _LENGTH.size

Message = dict[str, Any]


class Announcement(TypedDict):
    """
    A compile that has begun, and is about to be requested: it is time to look for changes.

    ``announced`` is its id.
    """

    announced: str


class Request(TypedDict):
    """
    A compile to run; the descriptors of its output and errors come with it.

    ``compile`` is its id, ``command`` the whole command line that would run it cold, ``environment`` all its environment
    variables.
    """

    compile: str
    command: list[str]
    folder: str
    environment: dict[str, str]


class Answer(TypedDict, total=False):
    """
    What a warm process says; one of the keys is there, and ``watched`` with ``refused``.

    ``started`` is the id of the process that compiles. ``exited`` follows it with its exit code, and then ``memory``: the bytes
    that the warm process holds when the one that compiled is gone. ``stale`` says what changed since the process started.
    ``refused`` says why this project has to compile cold, until something of what is ``watched`` changes: instead of
    ``started``, or of ``exited`` when the compile found out before it did anything.
    """

    started: int
    exited: int
    memory: int
    stale: str
    refused: str
    watched: Message


def encode(message: Mapping[str, object]) -> bytes:
    """
    :param message: to send
    :return: its length and its text
    """
    text = json.dumps(message).encode()
    return _LENGTH.pack(len(text)) + text


def length(header: bytes) -> int:
    """
    :param header: the first bytes of a message
    :return: the number of bytes that follow
    """
    return int(_LENGTH.unpack(header)[0])


def decode(text: bytes | bytearray) -> Message:
    """
    :param text: of a message, without its length
    :return: the message
    """
    message: Message = json.loads(text)
    return message


def receive(connection: socket.socket, descriptors: int = 0) -> tuple[Message, Sequence[int]]:
    """
    Wait for a message.

    :param connection: a blocking one
    :param descriptors: the most that come with it
    :return: the message and its descriptors
    :raises EOFError: when the other side is gone
    """
    received: list[int] = []
    header = b""
    while len(header) < LENGTH_SIZE:
        part, more, _, _ = socket.recv_fds(connection, LENGTH_SIZE - len(header), descriptors)
        received += more
        header += part
        if not part:
            raise EOFError
    text = bytearray()
    while len(text) < length(header):
        part = connection.recv(min(length(header) - len(text), 1 << 16))
        if not part:
            raise EOFError
        text += part
    return decode(text), received
