"""Work of a compile that has the same result each time, done before the fork."""

import contextlib
import importlib
import inspect
from collections.abc import Iterable
from typing import Any

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


def find_sources(functions: Iterable[Any]) -> None:
    """
    Find the lines of functions, and have ``inspect`` remember them.

    The compiler asks for those of each plugin, and each time Python reads the text of the function to its end: a tenth of a
    compile. What changes in a file cannot be missed by this: then there is no next compile from this process.

    :param functions: the functions
    """
    find = inspect.getsourcelines
    known: dict[object, tuple[list[str], int]] = {}
    for function in functions:
        # Those of compiled code have none.
        with contextlib.suppress(OSError, TypeError):
            known[function] = find(function)

    # Named as what it stands in for.
    def getsourcelines(object: Any) -> tuple[list[str], int]:  # noqa: A002
        if inspect.isfunction(object) and object in known:
            lines, number = known[object]
            return list(lines), number
        return find(object)

    vars(inspect)["getsourcelines"] = getsourcelines
