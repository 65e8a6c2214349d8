"""Generating whenever a description changes."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import Change, watch

from service_generator.errors import DescriptionError
from service_generator.generating import generated
from service_generator.ownership import MARKER

STEP = 200
"""How long to wait for more changes, in milliseconds."""


def watched_folders(descriptions: str) -> list[Path]:
    """
    Find what the result depends on: the descriptions, and the Python side of the module.

    :param descriptions: the package of the descriptions
    :raises DescriptionError: there is no such package
    """
    try:
        spec = importlib.util.find_spec(descriptions)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise DescriptionError(f"there is no Python package {descriptions}.", where=descriptions)
    plugins = Path.cwd() / "inmanta_plugins"
    return [*(Path(folder) for folder in spec.submodule_search_locations), *([plugins] if plugins.is_dir() else [])]


def changes(folders: list[Path]) -> Iterator[None]:
    """
    Wait for changes, without an end: yields at once, and after each change that came later.

    :param folders: the folders to watch
    :raises KeyboardInterrupt: the process was interrupted
    """
    # The first step tells that the folders are watched: what changes from now on is not missed.
    first = True
    for found in watch(*folders, watch_filter=_is_source, rust_timeout=STEP, step=STEP, yield_on_timeout=True):
        if first or found:
            first = False
            yield


def _is_source(change: Change, path: str) -> bool:
    """Whether a file is one that people write: what is generated is no reason to generate."""
    file = Path(path)
    if file.suffix != ".py":
        return False
    return change is Change.deleted or not file.is_file() or MARKER not in file.read_text(encoding="utf-8", errors="replace")


def regenerate(descriptions: str, *options: str, report: Callable[[str, bool], None]) -> None:
    """
    Generate now and after each change, until interrupted.

    :param descriptions: the package of the descriptions
    :param options: more options of the command ``generate``
    :param report: takes what each run printed, and whether it is about a mistake
    :raises KeyboardInterrupt: the process was interrupted
    """
    for _ in changes(watched_folders(descriptions)):
        result = generated(Path.cwd(), "--descriptions", descriptions, *options)
        for text, is_error in ((result.stdout, False), (result.stderr, True)):
            if text:
                report(text, is_error)
