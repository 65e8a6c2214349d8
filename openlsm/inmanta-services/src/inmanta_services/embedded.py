"""Embedded orchestrators: each is in a folder, which only its owner can read and which holds what opens it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inmanta_services.connection import Address
from inmanta_services.errors import ServicesError
from inmanta_services.source import Source

if TYPE_CHECKING:
    from inmanta_embedded import Orchestrator

VARIABLE = "INMANTA_EMBEDDED"
"""The variable that names the folder of an embedded orchestrator, for its own command and for this one."""

_BASE = ".inmanta-embedded"
_PREFERRED = "default"


def running(folder: Path) -> Source:
    """
    The embedded orchestrator in a folder.

    :param folder: the folder.
    :raises ServicesError: when none runs there.
    """
    orchestrator = _orchestrator(folder)
    if not _runs(orchestrator):
        raise ServicesError(
            f"No embedded orchestrator is running in {folder}: start it by inmanta-embedded --folder {folder} start."
        )
    return _source(orchestrator)


def in_directory(directory: Path) -> Source:
    """
    The embedded orchestrator of a directory: the default one, else the only one that runs.

    :param directory: the directory.
    :return: nothing when there is none.
    :raises ServicesError: when it is not clear which one is meant.
    """
    base = directory / _BASE
    folders = sorted(path.parent for path in base.glob("*/status.json")) if base.is_dir() else []
    found = {folder.name: orchestrator for folder in folders if _runs(orchestrator := _orchestrator(folder))}
    if not found:
        return Source()
    if _PREFERRED in found:
        return _source(found[_PREFERRED])
    return _source(found[_only(base, list(found))])


def _only(base: Path, names: Sequence[str]) -> str:
    """
    The only one of several names.

    :param base: the folder that all of them are in.
    :param names: the names.
    """
    if len(names) > 1:
        choice = ", ".join(str(base / name) for name in names)
        raise ServicesError(f"Several embedded orchestrators are running here: give --embedded one of {choice}.")
    return names[0]


def _orchestrator(folder: Path) -> "Orchestrator":
    """
    The embedded orchestrator of a folder, whether it runs or not.

    :param folder: the folder.
    """
    # What speaks to orchestrators elsewhere need not have the means to run one.
    try:
        from inmanta_embedded import Orchestrator
    except ImportError as error:
        raise ServicesError(
            f"What is in {folder} is an embedded orchestrator, which takes the package inmanta-embedded-orchestrator: "
            "install it, or name another orchestrator by --url."
        ) from error
    return Orchestrator(folder)


def _runs(orchestrator: "Orchestrator") -> bool:
    """
    Whether an embedded orchestrator runs.

    :param orchestrator: the orchestrator.
    """
    from inmanta_embedded import Phase

    return orchestrator.status().phase is Phase.RUNNING


def _source(orchestrator: "Orchestrator") -> Source:
    """
    What opens an embedded orchestrator.

    :param orchestrator: the orchestrator, which runs.
    """
    return Source(Address(orchestrator.host, orchestrator.port), token=token(orchestrator))


def token(orchestrator: "Orchestrator") -> str | None:
    """
    A token for an embedded orchestrator.

    :param orchestrator: the orchestrator.
    :return: None when it asks for none.
    """
    from inmanta_embedded import EmbeddedError

    try:
        return orchestrator.token()
    except EmbeddedError:
        # It says so by refusing to make one.
        return None
