"""The web pages about services: that they run as long as the orchestrator does, and let in who holds their link."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner, Result
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, pages
from inmanta_embedded.cli import main
from inmanta_embedded.patience import patient, wait_until
from inmanta_embedded.status import Phase


def run(folder: Path, *arguments: str) -> Result:
    """Run a command for an orchestrator."""
    return CliRunner().invoke(main, ["--folder", str(folder), *arguments])


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


@pytest.mark.full
@pytest.mark.xdist_group("orchestrator")
def test_pages_are_served_until_the_orchestrator_stops_and_come_back_with_it(
    tmp_path: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    folder = tmp_path / "state"
    started = run(folder, "start", "--volatile", "--auth", "--pages")
    try:
        told = re.search(r"Pages: (http://127\.0\.0\.1:\d+/login\?code=\S+) \(logs in once\)", started.output)
        assert told is not None, started.output
        login = requests.get(told[1], allow_redirects=False, timeout=patient())
        assert (login.status_code, login.headers["location"]) == (303, "/")
        inside = requests.get(f"http://{urlsplit(told[1]).netloc}/", cookies=login.cookies, timeout=patient())
        assert "The orchestrator has no environment yet." in inside.text

        # They are no part of the server, and outlive it when it ends by itself.
        orchestrator = Orchestrator(folder)
        before = orchestrator.status().pages_pid
        orchestrator.kill_server()
        assert orchestrator.status().phase is Phase.DOWN
        orchestrator.start_server()
        assert orchestrator.status().pages_pid == before

        assert orchestrator.layout.pages_link.stat().st_mode & 0o077 == 0
        run(folder, "stop")
        nothing_is_left(folder)
        again = run(folder, "start")
        assert f"Pages: http://{urlsplit(told[1]).netloc}/login" in again.output
        run(folder, "stop")
        without = run(folder, "start", "--no-pages")
        assert "Pages:" not in without.output
        wait_until(lambda: orchestrator.status().pages_pid is None, lambda: str(orchestrator.status()))
    finally:
        run(folder, "stop")
