"""What is in a support archive, and how one is got."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from inmanta_lsm.support import archive


def opened(content: bytes) -> dict[str, bytes]:
    """The files of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_it_holds_the_documents_and_all_logs(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "server.log").write_text("one\n")
    (tmp_path / "below" / "agent.log").write_bytes(b"\xff\n")
    (tmp_path / "secret").symlink_to("/etc/passwd")

    files = opened(archive.pack({"status.json": {"status": "ok"}}, tmp_path))

    assert files.keys() == {"status.json", "logs/server.log", "logs/below/agent.log"}
    assert json.loads(files["status.json"]) == {"status": "ok"}
    assert files["logs/server.log"] == b"one\n"
    assert files["logs/below/agent.log"] == b"\xff\n"


def test_of_a_long_log_it_holds_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LONGEST_LOG", 4)
    (tmp_path / "server.log").write_text("first last")

    assert opened(archive.pack({}, tmp_path)) == {"logs/server.log": b"last"}


def test_it_names_what_is_installed() -> None:
    assert {"inmanta-core", "inmanta-lsm"} <= archive.versions().keys()
