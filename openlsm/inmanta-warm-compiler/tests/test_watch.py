"""What counts as a change of files and folders."""

import os
from pathlib import Path

import pytest
from inmanta_warm_compiler.watch import Watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was not written just now."""
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("content")
    return file


def watching(file: Path) -> Watch:
    """
    Watch a file and its folder, as a process does that was started long after they were written.

    :param file: the file
    """
    watch = Watch(_since=file.stat().st_ctime_ns + 10**9)
    watch.add_file(str(file))
    watch.add_folder(str(file.parent))
    return watch


def test_what_stays_is_no_change(file: Path) -> None:
    assert watching(file).change() is None


def test_new_content_is_a_change(file: Path) -> None:
    watch = watching(file)
    file.write_text("other content")
    assert watch.change() == f"{file} changed"


def test_a_file_with_the_same_size_and_time_is_a_change(file: Path) -> None:
    watch = watching(file)
    before = file.stat()
    file.with_name("new").write_text("CONTENT")
    file.with_name("new").replace(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watch.change() == f"{file} changed"


def test_a_file_that_goes_is_a_change(file: Path) -> None:
    watch = watching(file)
    file.unlink()
    assert watch.change() == f"{file} changed"


def test_a_file_that_comes_is_a_change(file: Path) -> None:
    watch = watching(file)
    missing = file.with_name("missing")
    watch.add_file(str(missing))
    assert watch.change() is None
    missing.write_text("")
    assert watch.change() == f"{missing} changed"


def test_a_name_that_comes_is_a_change_of_the_folder(file: Path) -> None:
    watch = watching(file)
    file.with_name("other").write_text("")
    assert watch.change() == f"the content of the folder {file.parent} changed"


@pytest.mark.parametrize("name", ["__pycache__", ".cfcache"])
def test_what_python_and_inmanta_keep_is_no_change(file: Path, name: str) -> None:
    watch = watching(file)
    file.with_name(name).mkdir()
    assert watch.change() is None


def test_a_file_that_may_have_changed_while_it_was_read_is_a_change(file: Path) -> None:
    watch = Watch(_since=file.stat().st_ctime_ns)
    watch.add_file(str(file))
    assert watch.change() == f"{file} changed"


def test_a_watch_is_the_same_after_a_message(file: Path) -> None:
    watch = Watch.from_json(watching(file).to_json())
    assert watch.change() is None
    file.write_text("other content")
    assert watch.change() == f"{file} changed"


def test_a_watch_that_is_sealed_says_the_same_as_before(file: Path) -> None:
    watch = watching(file)
    watch.add_file(str(file.with_name("missing")))
    watch.files[str(file.with_name("uncertain"))] = []
    before = watch.to_json()
    watch.seal()
    assert watch.to_json() == before
    assert Watch.from_json(watch.to_json()).to_json() == before
    assert watch.change() == f"{file.with_name('uncertain')} changed"
