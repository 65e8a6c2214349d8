"""Folders that another user of the machine can have lead anywhere, or look into and change at will."""

import os
import pathlib
import pwd
import stat
from collections.abc import Iterator


def problem(folder: pathlib.PurePath, owner: str | None) -> str | None:
    """
    Tell why it is not safe to deploy into a folder, as far as this machine knows.

    :param folder: the folder, which need not exist; absolute
    :param owner: the name of the user that it is given to, None for the current one
    :return: the rest of a sentence about it, None when nothing speaks against it
    """
    resolved = pathlib.Path(os.path.realpath(folder))
    trusted = {0, os.geteuid(), *_uid(owner)}
    for path in _parts(folder, resolved):
        try:
            found = path.lstat()
        except OSError:
            # Nothing below it exists, or can be looked at by the one who deploys.
            return None
        if found.st_uid in trusted:
            continue
        if stat.S_ISLNK(found.st_mode):
            return f"{path} is a link of another user ({_name(found.st_uid)}), who can have it lead anywhere"
        is_meant = path in (pathlib.Path(folder), resolved)
        if not is_meant and not _is_open_to_all(path.parent):
            # On the way, where only its owner could have put it: that is how the machine is set up.
            continue
        return f"{path} belongs to another user ({_name(found.st_uid)}), who can change all that is in it"
    return None


def _parts(folder: pathlib.PurePath, resolved: pathlib.Path) -> Iterator[pathlib.Path]:
    """Give each folder on the way and the folder itself, those first that lead to the others, and where links lead."""
    for path in (*reversed(folder.parents), folder):
        yield pathlib.Path(path)
    if resolved != pathlib.Path(folder):
        yield from (*reversed(resolved.parents), resolved)


def _is_open_to_all(path: pathlib.Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IWOTH)


def _uid(owner: str | None) -> list[int]:
    try:
        return [] if owner is None else [pwd.getpwnam(owner).pw_uid]
    except KeyError:
        return []


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
