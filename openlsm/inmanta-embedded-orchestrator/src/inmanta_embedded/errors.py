"""What goes wrong around an embedded orchestrator, told to the person who started it."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

_CHOOSE = "choose another folder"
_REMEDIES = {
    errno.EROFS: f"{{place}} is on a file system that can only be read: {_CHOOSE}.",
    errno.ENOSPC: f"There is no space left for {{place}}: make room, or {_CHOOSE}.",
    errno.EDQUOT: f"There is no space left for {{place}} in what this user may fill: make room, or {_CHOOSE}.",
    errno.EACCES: f"{{place}} is closed to this user: remove it if it was made by another user, or {_CHOOSE}.",
    errno.EPERM: f"{{place}} is closed to this user: remove it if it was made by another user, or {_CHOOSE}.",
    errno.ENAMETOOLONG: f"The name {{place}} is too long for the file system: {_CHOOSE}.",
    errno.ENOTDIR: f"{{place}} is below something that is no folder: {_CHOOSE}.",
    errno.ELOOP: f"{{place}} is reached by links that lead in a circle: {_CHOOSE}.",
    errno.EMFILE: "This user has too many files open: close programs, or raise the limit (ulimit -n).",
    errno.ENFILE: "This machine has too many files open: close programs, or raise the limit (sysctl fs.file-max).",
}


class EmbeddedError(Exception):
    """Something that the embedded orchestrator needs is missing or refused to work; the message says what to do."""


def last_lines(log: Path, count: int = 20) -> str:
    """
    The end of a log file, for an error message.

    :param log: the file; it need not exist
    :param count: how many lines at most
    :return: the lines, indented, below a line that names the file; or a remark that the file is empty or missing
    """
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    if not lines:
        return f"{log} is empty."
    return "\n".join([f"The last lines of {log}:", *(f"    {line}" for line in lines)])


def explain(error: OSError, place: Path) -> str:
    """
    What the machine refused, as a sentence with the place and the remedy.

    :param error: as Python tells it
    :param place: where it was, unless the error names it
    """
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(place)
    remedy = _REMEDIES.get(error.errno or 0)
    return remedy.replace("{place}", where) if remedy else f"{where} cannot be used ({error.strerror or error}): {_CHOOSE}."


@contextlib.contextmanager
def explained(place: Path) -> Iterator[None]:
    """
    Tell what the machine refuses in the context to the person who asked for it.

    :param place: where it is, unless the machine names it
    :raises EmbeddedError: in place of the errors of the machine
    """
    try:
        yield
    except OSError as error:
        raise EmbeddedError(explain(error, place)) from error
