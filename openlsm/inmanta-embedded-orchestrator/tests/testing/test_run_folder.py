"""Which folders test runs use, and what stays of them."""

from pathlib import Path

import pytest
from inmanta_embedded import Orchestrator
from inmanta_embedded.testing.run_folder import claim_folder, remove_abandoned


def test_two_runs_at_the_same_time_get_folders_of_their_own(tmp_path: Path) -> None:
    first, first_lock = claim_folder(tmp_path)
    second, second_lock = claim_folder(tmp_path)
    first_lock.release()
    third, third_lock = claim_folder(tmp_path)
    for lock in (second_lock, third_lock):
        lock.release()

    assert [folder.name for folder in (first, second, third)] == ["pytest-0", "pytest-1", "pytest-0"]


def test_what_runs_that_are_over_left_is_removed_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("pytest-0", "pytest-1", "demo"):
        Orchestrator(tmp_path / name).layout.create()
    (tmp_path / "pytest-2").mkdir()
    (tmp_path / "pytest-2" / "thesis.txt").write_text("not to be lost")
    used, lock = claim_folder(tmp_path)

    removed = remove_abandoned(tmp_path)
    lock.release()

    assert (used.name, [folder.name for folder in removed]) == ("pytest-0", ["pytest-1"])
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"pytest-0", "pytest-2", "demo"}
    assert f"{tmp_path / 'pytest-2'} stays: " in capsys.readouterr().out


def test_where_no_run_ever_was_there_is_nothing_to_remove(tmp_path: Path) -> None:
    assert remove_abandoned(tmp_path / "missing") == []
