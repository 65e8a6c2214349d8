"""The web console: whether a folder holds one, and how the server serves it."""

import importlib.util
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError

EXTENSION = "ui"
"""The extension of the server that serves a console."""

_SECTION = "web-ui"
_PAGE = "index.html"
_WHERE_FROM = "The folder usr/share/inmanta/web-console of the vendor's image of the orchestrator is one."


def check(folder: Path) -> None:
    """
    Make sure that a console can be served.

    :param folder: holds the console
    :raises EmbeddedError: when it holds none, or the package that serves it is missing
    """
    if importlib.util.find_spec("inmanta_ui") is None:
        raise EmbeddedError(
            "The web console needs the package inmanta-ui: pip install inmanta-embedded-orchestrator[console] installs it."
        )
    if not folder.is_dir():
        raise EmbeddedError(f"There is no folder {folder}: name one that holds a web console. {_WHERE_FROM}")
    if (folder / _PAGE).is_file() and not (folder / "package.json").exists():
        return
    built = next((inner for inner in (folder / "dist", folder / "web-console") if (inner / _PAGE).is_file()), None)
    hint = _WHERE_FROM if built is None else f"Name {built} instead, which looks like one."
    problem = f"has no {_PAGE}"
    if (folder / "package.json").exists():
        problem = "has the sources of one, which have to be built first"
    raise EmbeddedError(f"{folder} holds no web console: it {problem}. {hint}")


def server_options(folder: Path) -> dict[str, dict[str, str]]:
    """
    The options that make the server serve a console, by section and name.

    :param folder: holds the console
    """
    return {_SECTION: {"console-enabled": "true", "console-path": str(folder)}}
