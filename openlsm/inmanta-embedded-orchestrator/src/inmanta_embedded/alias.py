"""
Other paths to folders whose own ones inmanta-core does not digest.

It takes paths for templates, writes them into files in the encoding of the machine, and accepts no quotes in those of Python
environments: an orchestrator in such a folder would run, but start no agents.
"""

import locale
import os
import re
from pathlib import Path

from inmanta_embedded import processes
from inmanta_embedded.errors import EmbeddedError

# What a script that activates an environment would have to quote: inmanta-core refuses environments in such a folder.
_UNQUOTED = {*'"$`'}
# These, and what configparser or str.format fill in.
_ODD = {*"%{}", *_UNQUOTED}
_BY_A_PROCESS = re.compile(r"/proc/\d+/cwd/")


def is_digestible(path: Path) -> bool:
    """
    Tell whether inmanta-core takes a path for what it is, wherever it uses it.

    :param path: absolute path
    """
    text = str(path)
    try:
        text.encode(locale.getencoding())
    except UnicodeEncodeError:
        return False
    return text.isprintable() and not _ODD & {*text}


def of(folder: Path, working: Path) -> str:
    """
    A path to a folder that inmanta-core digests: its own one, or one by way of this process.

    :param folder: any folder
    :param working: the folder that this process works in for as long as the alias is used
    :raises EmbeddedError: when the machine lets nobody go that way
    """
    if is_digestible(folder):
        return str(folder)
    link = working / (folder.name if is_digestible(Path(folder.name)) else "linked")
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..") / folder.name if folder.parent == working.parent else folder)
    alias = Path(f"/proc/{os.getpid()}/cwd", link.name)
    if not (alias.exists() and alias.samefile(folder)):
        raise EmbeddedError(f"inmanta cannot work in {folder}, as its name holds odd characters: choose another folder.")
    return str(alias)


def python(working: Path) -> str:
    """
    The Python of this environment, by a path that inmanta-core accepts for one.

    :param working: the folder that this process works in for as long as the alias is used
    :raises EmbeddedError: when the machine lets nobody go that way
    """
    found = processes.python()
    environment = found.parent.parent
    return f"{of(environment, working)}/bin/{found.name}" if _UNQUOTED & {*str(environment)} else str(found)


def renew(folder: Path) -> None:
    """
    Lead the Python environments in a folder to this one, which they build on: they were made by way of a process that is gone.

    :param folder: need not exist
    """
    for file in folder.rglob("*.pth"):
        text = file.read_text()
        renewed = _BY_A_PROCESS.sub(f"/proc/{os.getpid()}/cwd/", text)
        if renewed != text:
            file.write_text(renewed)
