"""Whose folders are: an orchestrator takes, opens up to nobody, and removes only its own."""

import os
import shutil
import stat
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError

MARKER = "ORCHESTRATOR"
"""The file by which the folder of an orchestrator is known."""

_TEXT = "This folder belongs to an embedded orchestrator. `inmanta-embedded reset` removes it with everything in it.\n"
# What folders have that were made before there was a marker.
_OLDER_MARKERS = ("settings.json", "status.json", "server.cfg", "postgres/password")
_OTHERS = 0o077


def take(folder: Path) -> None:
    """
    Make a folder that of an orchestrator, which nobody but its owner can look into.

    :param folder: absolute path; need not exist
    :raises EmbeddedError: when it is another user's, is reached over another user's link, or is full of other things
    """
    _check_way(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise EmbeddedError(f"{folder} is not a folder, or is below something that is none: choose another folder.") from error
    is_new = not _holds_a_file(folder)
    if not is_new:
        require_ours(folder)
    _check_owner(folder)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & _OTHERS:
        folder.chmod(mode & ~_OTHERS)
    # The first of all files: whoever looks at the same moment sees whose they are.
    if not (folder / MARKER).exists():
        (folder / MARKER).write_text(_TEXT)
    if is_new:
        (folder / ".gitignore").write_text("*\n")


def require_ours(folder: Path) -> None:
    """
    Make sure that a folder that exists was made by an orchestrator of the current user.

    :param folder: absolute path
    :raises EmbeddedError: when it was not
    """
    _check_way(folder)
    if not folder.is_dir():
        raise EmbeddedError(f"{folder} is not a folder: choose another one.")
    _check_owner(folder)
    # In this order: the marker may come at this moment, with files right after it.
    if _holds_a_file(folder) and not any((folder / name).exists() for name in (MARKER, *_OLDER_MARKERS)):
        raise EmbeddedError(f"{folder} holds other things than an orchestrator, which are left alone: choose another folder.")


def remove(folder: Path) -> None:
    """
    Remove the folder of an orchestrator with everything in it; what a removal that is cut short leaves is known as ours.

    :param folder: absolute path; a link is refused, and what it leads to stays
    """
    for path in () if folder.is_symlink() else folder.iterdir():
        if path.name == MARKER:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder)


def make_private(folder: Path) -> None:
    """
    Make a folder inside of one that was taken.

    :param folder: absolute path; need not exist
    """
    folder.mkdir(exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def private_file(file: Path) -> None:
    """
    Make sure that a file exists, and that nobody but its owner can read it, whoever appends to it.

    :param file: absolute path
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    file.chmod(0o600)


def _holds_a_file(folder: Path) -> bool:
    """Whether there is anything to lose: folders alone are what a start or a reset that was cut short has left."""
    return any(path.is_symlink() or not path.is_dir() for path in folder.rglob("*"))


def _check_owner(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to another user: remove it as that user, or choose another folder.")


def _check_way(folder: Path) -> None:
    """Refuse links that another user can turn somewhere else."""
    for path in (folder, *folder.parents):
        if path.is_symlink() and path.lstat().st_uid not in (0, os.geteuid()):
            raise EmbeddedError(f"{path} is a link of another user, who could have it lead anywhere: choose another folder.")
