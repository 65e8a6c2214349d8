"""Writing is all or nothing, touches nothing that is right, and never what a person wrote."""

from collections.abc import Callable
from pathlib import Path

import pytest
from service_generator.errors import WriteError
from service_generator.writer import apply, plan

MARKER = "Generated from"
INIT = Path("_init.cf")
SUB = Path("sub/_init.cf")


def generated(content: str) -> str:
    """The text of a generated file."""
    return f'"""\nSomething.\n\nGenerated from a test.\n"""\n\n{content}\n'


def write(folder: Path, files: dict[Path, str]) -> None:
    """Make a folder hold generated files."""
    apply(plan(folder, files, MARKER))


def content(folder: Path) -> dict[str, str]:
    """All that is in a folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two generated files."""
    folder = tmp_path / "model"
    write(folder, {INIT: generated("a = 1"), SUB: generated("b = 1")})
    return folder


def test_files_and_folders_are_made(folder: Path) -> None:
    assert content(folder) == {"_init.cf": generated("a = 1"), "sub/_init.cf": generated("b = 1")}


def test_a_file_that_is_right_is_not_touched(folder: Path) -> None:
    before = (folder / INIT).stat()

    write(folder, {INIT: generated("a = 1"), SUB: generated("b = 2")})

    assert (folder / INIT).stat().st_mtime_ns == before.st_mtime_ns
    assert (folder / INIT).stat().st_ino == before.st_ino
    assert (folder / SUB).read_text() == generated("b = 2")


def test_the_file_of_a_service_that_is_gone_is_deleted_with_its_folder(folder: Path) -> None:
    write(folder, {INIT: generated("a = 1")})

    assert content(folder) == {"_init.cf": generated("a = 1")}
    assert not (folder / "sub").exists()


BY_HAND = {
    "no docstring": "c = 1\n",
    "own docstring": '"""\nBy hand.\n"""\n',
    "comment": '# Generated from\n"""\nNo.\n"""\n',
    "other string": 'a = """\nGenerated from\n"""\n',
    "text before": "abc\nGenerated from\n",
    "empty": "",
}


@pytest.mark.parametrize("text", BY_HAND.values(), ids=BY_HAND.keys())
def test_a_file_that_was_written_by_hand_is_never_deleted(folder: Path, text: str) -> None:
    (folder / "sub" / "own.cf").write_text(text)

    write(folder, {INIT: generated("a = 1")})

    assert content(folder) == {"_init.cf": generated("a = 1"), "sub/own.cf": text}


def test_a_file_that_was_written_by_hand_is_never_replaced(folder: Path) -> None:
    (folder / SUB).write_text("mine = true\n")

    with pytest.raises(WriteError) as error:
        write(folder, {INIT: generated("a = 2"), SUB: generated("b = 2")})

    assert str(error.value) == (
        f"{folder / SUB} is in the way: it was not generated. Move it elsewhere, or rename what is described."
    )
    assert content(folder) == {"_init.cf": generated("a = 1"), "sub/_init.cf": "mine = true\n"}


def fail_to_make_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is where a folder should be."""
    (folder / "z").write_text("")


def fail_to_move(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last move into place fails, like on a full or read-only disk."""
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.parent.name == "z" and self.suffix == ".new":
            raise OSError("No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def be_interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody presses ctrl-c before the last move."""
    replace = Path.replace

    def interrupt(self: Path, target: Path) -> Path:
        if self.parent.name == "z" and self.suffix == ".new":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupt)


@pytest.mark.parametrize("fail", [fail_to_make_a_folder, fail_to_move, be_interrupted])
def test_nothing_changes_when_one_change_fails(
    folder: Path, fail: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(folder, monkeypatch)
    before = content(folder)
    inode = (folder / INIT).stat().st_ino

    with pytest.raises((WriteError, KeyboardInterrupt)):
        write(folder, {INIT: generated("a = 2"), Path("new/_init.cf"): generated("n = 1"), Path("z/_init.cf"): generated("z")})

    assert content(folder) == before
    assert (folder / INIT).stat().st_ino == inode
    assert not (folder / "new").exists()


def test_the_difference_is_shown_like_git_does(folder: Path) -> None:
    (folder / INIT).write_text(generated("a = 2"))
    (folder / "sub" / "old.cf").write_text(generated("o = 1"))
    (folder / SUB).unlink()

    changes = plan(folder, {INIT: generated("a = 1"), SUB: generated("b = 1")}, MARKER)

    lines = changes.diff().splitlines()
    assert not changes.in_sync
    assert lines[:2] == ["--- a/model/_init.cf", "+++ b/model/_init.cf"]
    assert {"-a = 2", "+a = 1", "+b = 1", "-o = 1"} <= set(lines)
    assert lines.count("--- /dev/null") == lines.count("+++ /dev/null") == 1
