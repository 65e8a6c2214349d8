"""Writing a new project or service: all of it, or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service_generator.errors import WriteError
from service_generator.generating import generated
from service_generator.scaffold.files import EXECUTABLE, Link, Texts


def make_project(folder: Path, texts: Texts) -> None:
    """
    Make a project in a folder that is empty or does not exist, and generate its model.

    :param folder: the folder
    :param texts: its files
    :raises WriteError: there is something in the folder, or it cannot be written
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise WriteError(f"{folder} is not an empty folder. Name an empty one, or one that does not exist, by --folder.")
        add(folder, texts)
    except OSError as error:
        raise WriteError(f"{folder} cannot be read: {error}. Name another folder, or make this one readable.") from error


def add(folder: Path, texts: Texts) -> None:
    """
    Add files to a project, and generate what follows from them.

    :param folder: the folder of the project
    :param texts: the files, none of which may exist
    :raises WriteError: something is in the way, or cannot be written; the folder is as it was
    """
    for path in texts:
        if (folder / path).exists(follow_symlinks=False):
            raise WriteError(f"{folder / path} is in the way. Choose another name, or move it elsewhere.")
    try:
        with _undone_on_failure() as created:
            for path, text in texts.items():
                _make_folders((folder / path).parent, created)
                created.append(folder / path)
                if isinstance(text, Link):
                    (folder / path).symlink_to(text)
                    continue
                (folder / path).write_text(text, encoding="utf-8", newline="\n")
                if path in EXECUTABLE:
                    (folder / path).chmod(0o755)
            _generate(folder, created)
    except OSError as error:
        raise WriteError(f"nothing was written: {error}. Name another place, or make this one writable.") from error


def _generate(folder: Path, created: list[Path]) -> None:
    # It writes all or nothing, but this process may be interrupted meanwhile.
    if not (folder / "model").exists():
        created.append(folder / "model")
    result = generated(folder)
    if result.returncode != 0:
        raise WriteError(f"what the descriptions give cannot be generated: {result.stderr.strip()}")


def _make_folders(folder: Path, created: list[Path]) -> None:
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir()
        created.append(missing)


@contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """Collect what is made, files and folders, and remove it when something fails."""
    created: list[Path] = []
    try:
        yield created
    except BaseException:
        for path in reversed(created):
            if path.is_dir() and not path.is_symlink():
                # Python leaves compiled files beside those that it read.
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise
