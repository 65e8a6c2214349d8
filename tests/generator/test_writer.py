"""Writing is all or nothing, touches nothing that is right, and never what a person wrote."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_generator.errors import WriteError
from service_generator.ownership import Owner
from service_generator.writer import apply, plan_module, plan_output

OWNER = Owner("described", "descriptions")
INIT = Path("_init.cf")
SUB = Path("sub/_init.cf")


def generated(content: str) -> str:
    """The text of a generated file."""
    return f'"""\nSomething.\n\n{OWNER.mark("descriptions/shop.py")}\nSo do not edit it.\n"""\n\n{content}\n'


def write(folder: Path, files: dict[Path, str]) -> None:
    """Make a folder hold generated files."""
    apply(plan_module(folder.parent, {Path("model", path): text for path, text in files.items()}, OWNER))


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
    "comment": f"# {generated('c = 1')}",
    "other string": f"a = {generated('')}",
    "text before": f"abc\n{generated('')}",
    "other module": generated("c = 1").replace("described.", "other."),
    "other descriptions": generated("c = 1").replace("descriptions/", "other/"),
    "part of the name": generated("c = 1").replace("descriptions/", "my_descriptions/"),
    "docstring without end": generated("").rpartition('"""')[0],
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

    files = {Path("model", INIT): generated("a = 1"), Path("model", SUB): generated("b = 1")}
    changes = plan_module(folder.parent, files, OWNER)

    lines = changes.diff().splitlines()
    assert not changes.in_sync
    assert lines[:2] == ["--- a/model/_init.cf", "+++ b/model/_init.cf"]
    assert {"-a = 2", "+a = 1", "+b = 1", "-o = 1"} <= set(lines)
    assert lines.count("--- /dev/null") == lines.count("+++ /dev/null") == 1


ALTERED: dict[str, Callable[[bytes], bytes]] = {
    "ends of lines": lambda content: content.replace(b"\n", b"\r\n"),
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "both": lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED.keys())
def test_own_files_that_a_tool_altered_are_still_own_files(folder: Path, alter: Callable[[bytes], bytes]) -> None:
    for path in (INIT, SUB):
        (folder / path).write_bytes(alter((folder / path).read_bytes()))

    write(folder, {INIT: generated("a = 2")})

    assert content(folder) == {"_init.cf": generated("a = 2")}


def test_ends_of_lines_are_no_difference(folder: Path) -> None:
    (folder / INIT).write_bytes((folder / INIT).read_bytes().replace(b"\n", b"\r\n"))

    changes = plan_module(
        folder.parent, {Path("model", INIT): generated("a = 1"), Path("model", SUB): generated("b = 1")}, OWNER
    )

    assert changes.in_sync


def test_a_link_and_a_mode_are_kept(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere.cf"
    (folder / INIT).rename(elsewhere)
    (folder / INIT).symlink_to(elsewhere)
    elsewhere.chmod(0o640)
    (folder / SUB).chmod(0o600)

    write(folder, {INIT: generated("a = 2"), SUB: generated("b = 2")})

    assert (folder / INIT).is_symlink()
    assert elsewhere.read_text() == generated("a = 2")
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert (folder / SUB).stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_read_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(f"Permission denied: {self}")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(WriteError, match="cannot be read: Permission denied"):
        write(folder, {INIT: generated("a = 2")})


FOREIGN = st.dictionaries(
    st.tuples(
        st.sampled_from(["", "sub/", "services/", "lsm/", "deep/er/"]),
        st.sampled_from(["_init.cf", "own.cf", "unrolling.py", "README.md", ".hidden", "main.cf"]),
    ),
    st.sampled_from([*BY_HAND.values(), generated("x = 1").replace("described.", "elsewhere.")]),
    max_size=6,
)
OWN = st.dictionaries(
    st.sampled_from([INIT, SUB, Path("services/_init.cf"), Path("deep/er/lsm/_init.cf")]),
    st.sampled_from([generated("a = 1"), generated("b = 2")]),
    max_size=4,
)


@settings(deadline=None)
@given(FOREIGN, OWN, OWN, st.booleans())
def test_no_output_folder_ever_loses_a_file_that_is_not_its_own(
    foreign: dict[tuple[str, str], str], before: dict[Path, str], after: dict[Path, str], at_home: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "model")
        for path, text in before.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for (parent, file), text in foreign.items():
            (folder / parent).mkdir(parents=True, exist_ok=True)
            (folder / parent / file).write_text(text)
        kept = {f"{parent}{file}": text for (parent, file), text in foreign.items()}

        with suppress(WriteError):
            if at_home:
                write(folder, after)
            else:
                apply(plan_output(folder, after, OWNER))

        assert {path: text for path, text in content(folder).items() if path in kept} == kept
