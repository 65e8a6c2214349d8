"""Putting generated files on disk: all of them or none, and never in the place of a file that somebody wrote."""

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service_generator.errors import WriteError


@dataclass(frozen=True)
class Plan:
    """What has to change in a folder for it to hold the generated files."""

    folder: Path
    write: dict[Path, str]
    delete: tuple[Path, ...]

    @property
    def in_sync(self) -> bool:
        """Whether nothing has to change."""
        return not self.write and not self.delete

    def diff(self) -> str:
        """The changes as a unified diff, from what is there to what would be generated."""
        paths = sorted({*self.write, *self.delete})
        return "".join(self._diff(path) for path in paths)

    def _diff(self, path: Path) -> str:
        current = _read(self.folder / path)
        before = current.splitlines(keepends=True) if current is not None else []
        after = self.write.get(path, "").splitlines(keepends=True)
        names = (
            "/dev/null" if current is None else f"a/{self.folder.name}/{path}",
            "/dev/null" if path in self.delete else f"b/{self.folder.name}/{path}",
        )
        lines = difflib.unified_diff(before, after, *names)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def plan(folder: Path, files: Mapping[Path, str], marker: str) -> Plan:
    """
    Compare a folder with what it should hold.

    :param folder: the folder of the model
    :param files: the text of all generated files, by path relative to the folder
    :param marker: how a line in the first docstring of each generated file starts
    :raises WriteError: a file that was written by hand is in the way
    """
    changed: dict[Path, str] = {}
    for path, text in sorted(files.items()):
        current = _read(folder / path)
        if current is not None and current != text and not _is_generated(current, marker):
            raise WriteError(
                f"{folder / path} is in the way: it was not generated. Move it elsewhere, or rename what is described."
            )
        if current != text:
            changed[path] = text
    present = sorted(path.relative_to(folder) for path in folder.rglob("*.cf")) if folder.is_dir() else []
    gone = [path for path in present if path not in files and _is_generated(_read(folder / path) or "", marker)]
    return Plan(folder, changed, tuple(gone))


def apply(changes: Plan) -> None:
    """
    Make the changes of a plan; when one of them fails, undo those before it.

    :param changes: what to write and to delete
    :raises WriteError: a change failed, and the folder is as it was
    """
    try:
        with _undo_on_failure() as undo:
            for path, text in changes.write.items():
                _replace(changes.folder / path, text, undo)
            for path in changes.delete:
                _set_aside(changes.folder / path, undo)
    except OSError as error:
        raise WriteError(f"nothing was written: {error}.") from error
    for path in changes.delete:
        _remove_empty(changes.folder, (changes.folder / path).parent)


@dataclass
class _Undo:
    """What was done so far: files that were set aside, and files and folders that are new."""

    aside: list[tuple[Path, Path]]
    created: list[Path]


@contextmanager
def _undo_on_failure() -> Iterator[_Undo]:
    undo = _Undo([], [])
    try:
        yield undo
    except BaseException:
        for path in reversed(undo.created):
            if path.is_dir():
                path.rmdir()
            else:
                # It may not have come into being, for instance since a file is where its folder should be.
                with suppress(FileNotFoundError, NotADirectoryError):
                    path.unlink()
        for original, aside in reversed(undo.aside):
            aside.replace(original)
        raise
    for _, aside in undo.aside:
        aside.unlink()


def _replace(path: Path, text: str, undo: _Undo) -> None:
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir()
            undo.created.append(parent)
    fresh = path.with_name(f".{path.name}.new")
    undo.created.append(fresh)
    fresh.write_text(text, encoding="utf-8")
    if path.exists():
        _set_aside(path, undo)
    undo.created.append(path)
    fresh.replace(path)


def _set_aside(path: Path, undo: _Undo) -> None:
    aside = path.with_name(f".{path.name}.old")
    path.replace(aside)
    undo.aside.append((path, aside))


def _remove_empty(folder: Path, path: Path) -> None:
    while path != folder and path.is_dir() and not any(path.iterdir()):
        path.rmdir()
        path = path.parent


def _read(path: Path) -> str | None:
    if not path.is_file():
        return None
    # Bytes that are no text belong to no generated file, so it is enough that they differ from all of those.
    return path.read_bytes().decode("utf-8", errors="replace")


def _is_generated(text: str, marker: str) -> bool:
    if not text.startswith('"""\n'):
        return False
    docstring = text[4:].partition('"""')[0]
    return any(line.startswith(marker) for line in docstring.split("\n"))
