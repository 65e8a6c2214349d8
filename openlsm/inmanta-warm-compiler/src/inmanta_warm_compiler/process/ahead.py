"""What a compile does on its way, done before the fork or in a shorter way."""

import argparse
import asyncio
import contextlib
import functools
import gettext
import importlib
import ipaddress
import logging
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from inmanta_warm_compiler.process.replacement import replace

if TYPE_CHECKING:
    from inmanta.module import Module

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


def translate_once() -> None:
    """
    Have the parser of the command line ask for the translation of each of its words once.

    It does so for each of its commands, and each time Python looks for a catalog in the file system. To be called where the
    variables that choose the language are those of the compile.
    """
    replace(argparse, "_", functools.cache(gettext.gettext))


def measure_headers_of_several_lines_only() -> None:
    """
    Have core's formatter of log messages find out how long the header of a message is only where it needs that: to indent the
    second line, which hardly any message has. It formats each message twice for it.
    """
    from inmanta.logging import MultiLineFormatter

    own = MultiLineFormatter.get_header_length

    def get_header_length(formatter: MultiLineFormatter, record: logging.LogRecord) -> int:
        is_one_line = not record.exc_info and not record.exc_text and not record.stack_info
        return 0 if is_one_line and len(record.getMessage().splitlines()) < 2 else own(formatter, record)

    replace(MultiLineFormatter, "get_header_length", get_header_length)


def read_code(modules: Iterable["Module[Any]"]) -> None:
    """
    Read the code of modules that the agents get with each export, as they cannot install it (inmanta-core 20).

    :param modules: of a project whose files are watched
    """
    for module in modules:
        if hasattr(module, "get_code_for_transport"):
            vars(module)["get_code_for_transport"] = functools.cache(module.get_code_for_transport)
            module.get_code_for_transport()


def _is_address(host: object) -> bool:
    """:param host: a name or an address"""
    try:
        ipaddress.ip_address(host if isinstance(host, str) else "")
    except ValueError:
        return False
    return True
