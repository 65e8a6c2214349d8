"""
Bodies of requests: what is refused before the orchestrator looks at it.

Core needs a JSON object of reasonable depth, but does not check that it got one: a list or a value that is nested too deep ends
in an internal error, or in an empty answer. Every caller deserves a reason, so bodies are checked as soon as they are decoded.
"""

from collections.abc import Callable
from typing import Any

from inmanta.protocol.exceptions import BadRequest
from inmanta.server.protocol import Server

MAXIMUM_BODY_DEPTH = 200
"""
Levels of a body: those of a value (``attributes.storable.MAXIMUM_DEPTH``), and many more. Core has a limit too,
that of Python's stack, at about 900.
"""


def guard(server: Server) -> None:
    """Check the body of every request that a server gets from now on."""
    transport = server._transport
    setattr(transport, "_decode", checked(transport._decode))  # noqa: B010 it is a method


def checked(decode: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """
    Check what is decoded.

    :param decode: decodes a body
    :return: the same, which raises :class:`BadRequest` when the body is no object or nested too deep
    """

    def decode_and_check(body: bytes) -> Any:
        try:
            message = decode(body)
        except RecursionError:
            raise _too_deep() from None
        if message is not None and not isinstance(message, dict):
            raise BadRequest(f"The body has to be a JSON object, and is {_kind(message)}.")
        if _is_deeper(message, MAXIMUM_BODY_DEPTH):
            raise _too_deep()
        return message

    return decode_and_check


def _too_deep() -> BadRequest:
    return BadRequest(f"The body is nested deeper than {MAXIMUM_BODY_DEPTH} levels.")


def _kind(value: object) -> str:
    match value:
        case list():
            return "a list"
        case str():
            return "a string"
        case bool():
            return "a boolean"
        case _:
            return "a number"


def _is_deeper(value: object, depth: int) -> bool:
    """Whether containers are nested deeper than a number of levels. Level by level, as recursion would end where core does."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            child
            for container in level
            if isinstance(container, dict | list)
            for child in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return False
    return True
