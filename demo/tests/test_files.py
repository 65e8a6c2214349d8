"""What is said about the files that the services deploy."""

from pathlib import Path

import pytest

from demo.files import Change, Entry, compare, look


def test_a_folder_is_described_with_its_files_folders_and_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o755)
    (tmp_path / "folder" / "file").write_text("text")
    (tmp_path / "folder" / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("folder/file")

    found = look(tmp_path)

    assert found[Path("folder")] == Entry("directory", 0o755)
    assert found[Path("folder/file")] == Entry("file", 0o640, "text")
    assert found[Path("link")].text == "folder/file"
    assert len(found) == 3


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert look(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, Entry("file", 0o644, "a"), [Change("+", Path("x"))]),
        (Entry("file", 0o644, "a"), None, [Change("-", Path("x"))]),
        (Entry("file", 0o644, "a\nb"), Entry("file", 0o644, "a\nc"), [Change("~", Path("x"), ("- b", "+ c"))]),
        (Entry("file", 0o644, "a"), Entry("file", 0o600, "a"), [Change("~", Path("x"))]),
        (Entry("file", 0o644, "a"), Entry("file", 0o644, "a"), []),
    ],
    ids=["new", "gone", "other content", "other rights", "the same"],
)
def test_two_looks_at_a_folder_are_compared(before: Entry | None, after: Entry | None, expected: list[Change]) -> None:
    assert compare({Path("x"): before} if before else {}, {Path("x"): after} if after else {}) == expected
