"""A folder that was copied while its orchestrator ran: what is in the copy speaks of the original."""

import shutil
from pathlib import Path

import pytest
from inmanta_embedded import Orchestrator, Phase, Settings

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]

PLAIN = Settings(durable=False, extensions=[])


def test_a_copy_neither_reports_nor_ends_the_original(tmp_path: Path) -> None:
    with Orchestrator(tmp_path / "original", PLAIN) as original:
        before = original.status()
        shutil.copytree(tmp_path / "original", tmp_path / "copy")
        copy = Orchestrator(tmp_path / "copy")

        assert copy.status().phase is Phase.STOPPED
        copy.stop()
        copy.reset()

        assert not (tmp_path / "copy").exists()
        assert original.status() == before
        assert before.phase is Phase.RUNNING
        assert before.is_alive


def test_a_folder_that_is_renamed_meanwhile_still_is_that_of_its_orchestrator(tmp_path: Path) -> None:
    with Orchestrator(tmp_path / "before", PLAIN):
        (tmp_path / "before").rename(tmp_path / "after")
        renamed = Orchestrator(tmp_path / "after")

        assert renamed.status().phase is Phase.RUNNING
        (tmp_path / "after").rename(tmp_path / "before")
