"""What is read while a project is loaded is watched."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from inmanta_warm_compiler.process.observer import Observer
from inmanta_warm_compiler.watch import Watch

IN_MEMORY = Path("/dev/shm")
IS_THERE = pytest.mark.skipif(not IN_MEMORY.is_dir(), reason="this machine has no folder in memory")


@pytest.fixture(params=[None, pytest.param(IN_MEMORY, marks=IS_THERE)], ids=["on a disk", "in memory"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder, on a disk and in memory."""
    with tempfile.TemporaryDirectory(dir=request.param) as folder:
        yield Path(folder).resolve()


@pytest.mark.parametrize("by_a_process", [False, True], ids=["directly", "by a process"])
def test_a_file_and_a_folder_are_watched_wherever_they_are(
    folder: Path, by_a_process: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "word"
    file.write_text("old")
    watch = Watch(_since=file.stat().st_ctime_ns + 10**9)
    observer = Observer(watch)
    monkeypatch.chdir(folder)
    seen = Path("/proc/self/cwd") if by_a_process else folder

    observer.begin()
    (seen / "word").read_text()
    assert list(seen.iterdir())
    observer.end()
    monkeypatch.chdir("/")

    assert watch.change() is None
    (folder / "more").touch()
    assert watch.change() == f"the content of the folder {folder} changed"
    (folder / "more").unlink()
    file.write_text("newer")
    assert watch.change() == f"{file} changed"


def test_what_the_kernel_makes_up_is_not_watched() -> None:
    watch = Watch()
    observer = Observer(watch)

    observer.begin()
    Path("/proc/self/stat").read_text()
    assert list(Path("/proc/self/fd").iterdir())
    observer.end()

    assert watch.to_json() == Watch().to_json()
