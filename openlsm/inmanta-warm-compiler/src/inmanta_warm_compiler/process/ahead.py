"""What a compile does on its way, done before the fork or in a shorter way."""

import asyncio
import contextlib
import importlib
import ipaddress
import socket
from typing import Any

from inmanta_warm_compiler.process.replacement import replace

# A compile imports these on the way, when it talks to the server or fails.
_IMPORTED_ON_THE_WAY = (
    "encodings.idna",
    "inmanta.compiler.help.explainer",
    "inmanta.export",
    "tornado.platform.asyncio",
    "tornado.simple_httpclient",
)


def import_modules() -> None:
    """Import what a compile imports later than its own modules, as far as this version of inmanta has it."""
    for name in _IMPORTED_ON_THE_WAY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def look_addresses_up_at_once() -> None:
    """
    Have event loops take an address as it is.

    They start a thread to look a host up, whatever it is, and another one to end the first. A compile has an event loop for
    each of its calls, and the server that it calls is most often named by its address.
    """
    own = asyncio.BaseEventLoop.getaddrinfo

    # Named as what it stands in for.
    async def getaddrinfo(
        self: asyncio.BaseEventLoop,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        if isinstance(port, int) and _is_address(host):
            return socket.getaddrinfo(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
        return await own(self, host, port, family=family, type=type, proto=proto, flags=flags)

    replace(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


def _is_address(host: object) -> bool:
    """:param host: a name or an address"""
    try:
        ipaddress.ip_address(host if isinstance(host, str) else "")
    except ValueError:
        return False
    return True
