"""Putting generated files on disk: all of them or none, and never in the place of a file that somebody wrote."""

import difflib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service_generator.errors import WriteError
from service_generator.ownership import Owner


@dataclass(frozen=True)
class Plan:
    """What has to change in a folder for it to hold the generated files; all paths are relative to it."""

    folder: Path
    write: dict[Path, str]
    delete: tuple[Path, ...]
    shown: str

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
            "/dev/null" if current is None else f"a/{self.shown}{path.as_posix()}",
            "/dev/null" if path in self.delete else f"b/{self.shown}{path.as_posix()}",
        )
        lines = difflib.unified_diff(before, after, *names)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def plan_module(root: Path, files: Mapping[Path, str], owner: Owner) -> Plan:
    """
    Compare the folder of a module with what it should hold.

    :param root: the folder of the module
    :param files: the text of all generated files, by path relative to that folder
    :param owner: what they are generated from
    :raises WriteError: a file that was written by hand is in the way
    """
    folders = [Path("model"), Path("inmanta_plugins", owner.module)]
    return _plan(root, files, owner, folders, at_home=True, shown="")


def plan_output(folder: Path, files: Mapping[Path, str], owner: Owner) -> Plan:
    """
    Compare any folder with the model that it should hold, and nothing else.

    :param folder: the folder
    :param files: the text of all generated files of the model, by path relative to that folder
    :param owner: what they are generated from
    :raises WriteError: something is in the folder that is not generated from the same descriptions
    """
    if folder.is_dir():
        for path in _files_in(folder):
            text = _read(path)
            if text is not None and owner.owns(text):
                continue
            if path.relative_to(folder) in files:
                raise _in_the_way(path)
            raise WriteError(
                f"{folder} holds {path.relative_to(folder)}, which is not generated from {owner.package} for the module "
                f"{owner.module}. Name an empty folder."
            )
    return _plan(folder, files, owner, [Path()], at_home=False, shown=f"{folder.name}/")


def _in_the_way(path: Path) -> WriteError:
    return WriteError(f"{path} is in the way: it was not generated. Move it elsewhere, or rename what is described.")


def _plan(root: Path, files: Mapping[Path, str], owner: Owner, folders: Sequence[Path], *, at_home: bool, shown: str) -> Plan:
    changed: dict[Path, str] = {}
    for path, text in sorted(files.items()):
        current = _read(root / path)
        if current is not None and current != text and not owner.owns(current, at_home=at_home):
            raise _in_the_way(root / path)
        # Git may have changed the ends of the lines; that is no difference.
        if current is None or current.replace("\r\n", "\n") != text:
            changed[path] = text
    present = sorted(path for folder in folders for path in _files_in(root / folder) if path.suffix in (".cf", ".py"))
    gone = [
        path.relative_to(root)
        for path in present
        if path.relative_to(root) not in files and owner.owns(_read(path) or "", at_home=at_home)
    ]
    return Plan(root, changed, tuple(gone), shown)


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
        raise WriteError(f"nothing was written: {error}. Make the place writable.") from error
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
    # A link stays a link: what it points to is replaced.
    path = Path(os.path.realpath(path))
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir()
            undo.created.append(parent)
    fresh = path.with_name(f".{path.name}.new")
    undo.created.append(fresh)
    fresh.write_text(text, encoding="utf-8", newline="\n")
    if path.exists():
        shutil.copymode(path, fresh)
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


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.rglob("*") if not path.is_dir() and "__pycache__" not in path.parts)
    except OSError as error:
        raise WriteError(f"{folder} cannot be read: {error}. Make it readable.") from error


def _read(path: Path) -> str | None:
    try:
        # Bytes that are no text belong to no generated file, so it is enough that they differ from all of those.
        return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else None
    except OSError as error:
        raise WriteError(f"{path} cannot be read: {error}. Make it readable.") from error
