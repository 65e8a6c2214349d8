"""Copies of folders, as they are made of projects."""

from pathlib import Path

import pytest
from inmanta_embedded.testing.mirror import mirror


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A folder with something of each kind in it."""
    folder = tmp_path / "original"
    (folder / "libs" / "module").mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "main.cf").write_text("import std")
    (folder / "model" / "_init.cf").write_text("")
    (folder / "model" / "__pycache__").mkdir()
    (folder / "link").symlink_to("main.cf")
    return folder


def paths(folder: Path) -> set[str]:
    """All that is in a folder, by path relative to it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_everything_is_copied_but_what_is_excluded_by_name_or_path(original: Path, tmp_path: Path) -> None:
    mirror(original, tmp_path / "copy", ["__pycache__", "libs/module"])

    assert paths(tmp_path / "copy") == {"libs", "main.cf", "model", "model/_init.cf", "link"}
    assert (tmp_path / "copy" / "main.cf").read_text() == "import std"


def test_links_stay_links(original: Path, tmp_path: Path) -> None:
    mirror(original, tmp_path / "copy")

    assert str((tmp_path / "copy" / "link").readlink()) == "main.cf"


def test_what_is_not_in_the_original_goes_and_what_is_excluded_stays(original: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    mirror(original, copy)
    (copy / ".env").mkdir()
    (copy / "old").mkdir()
    (copy / "model" / "old.cf").write_text("")
    (copy / "main.cf").write_text("changed")

    mirror(original, copy, [".env"])

    assert paths(copy) - paths(original) == {".env"}
    assert (copy / "main.cf").read_text() == "import std"
