"""The web pages about services: what they take, and their link."""

import importlib.util
from pathlib import Path

import pytest
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, pages


def test_without_the_packages_that_serve_them_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EmbeddedError, match=r"pip install inmanta-embedded-orchestrator\[pages\] installs them"):
        Orchestrator(tmp_path / "state", Settings(durable=False, pages=True)).start()

    assert not (tmp_path / "state").exists()


def test_a_link_that_is_damaged_is_none(tmp_path: Path) -> None:
    layout = Orchestrator(tmp_path).layout
    for content in ("", "[]", "{}", "7"):
        layout.pages_link.write_text(content)
        assert pages.link(layout) is None
