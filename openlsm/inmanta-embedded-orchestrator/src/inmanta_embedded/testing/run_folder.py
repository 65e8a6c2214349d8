"""The folders of the orchestrators that test runs start: one for each run that goes on."""

import itertools
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError, explained
from inmanta_embedded.folder_lock import FolderLock, InUseError
from inmanta_embedded.orchestrator import Orchestrator


def claim_folder(base: Path) -> tuple[Path, FolderLock]:
    """
    A folder for the orchestrator of this process: the first one that no other test run uses.

    :param base: what all of them are kept in
    :return: the folder, and the lock that keeps it for this process
    :raises EmbeddedError: when there can be none, such as in what belongs to another user
    """
    with explained(base):
        base.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        folder = base / f"pytest-{number}"
        lock = _lock(folder)
        if lock is not None:
            return folder, lock
    raise AssertionError("There is always another number.")


def remove_abandoned(base: Path) -> list[Path]:
    """
    Remove the folders of test runs that are over, with the logs in them. What is no orchestrator's stays as it is.

    :param base: what all of them are kept in; it need not exist
    :return: what was removed
    """
    removed = []
    for folder in sorted(base.glob("pytest-*/")):
        try:
            lock = _lock(folder)
        except EmbeddedError as error:
            print(f"{folder} stays: {error}")
            continue
        if lock is not None:
            try:
                Orchestrator(folder).reset()
                removed.append(folder)
            except EmbeddedError as error:
                print(f"{folder} stays: {error}")
            finally:
                lock.release()
    return removed


def _lock(folder: Path) -> FolderLock | None:
    """
    The lock of a folder that nobody uses, None when somebody does.

    :raises EmbeddedError: when nobody can have it, and so for the next folder neither
    """
    lock = FolderLock(folder.parent, f"{folder.name}.lock")
    try:
        lock.acquire()
    except InUseError:
        return None
    if not Orchestrator(folder).status().is_alive:
        return lock
    # A run that was told not to clean up has left it for its user to look at.
    lock.release()
    return None
