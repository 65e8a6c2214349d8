"""Copies of folders."""

import fnmatch
import shutil
from collections.abc import Sequence
from pathlib import Path


def mirror(original: Path, copy: Path, excludes: Sequence[str] = ()) -> None:
    """
    Make one folder a copy of another one; links are copied as links.

    :param original: the folder to copy
    :param copy: the copy, which need not exist; what the original does not have is removed from it
    :param excludes: patterns of names, or of paths relative to the folder, that are neither copied nor removed
    """
    patterns = [exclude.strip("/") for exclude in excludes]

    def excluded(folder: Path, names: Sequence[str]) -> set[str]:
        paths = {name: str((folder / name).relative_to(original)) for name in names}
        return {
            name
            for name, path in paths.items()
            if any(fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(path, pattern) for pattern in patterns)
        }

    copy.mkdir(parents=True, exist_ok=True)
    present = [path.name for path in copy.iterdir()]
    for name in {*present} - excluded(original, present):
        path = copy / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(
        original,
        copy,
        symlinks=True,
        dirs_exist_ok=True,
        ignore=lambda folder, names: excluded(Path(folder), names),
    )
