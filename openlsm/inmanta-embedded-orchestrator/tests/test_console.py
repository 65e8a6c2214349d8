"""The web console: which folders hold one, and the password of who logs in."""

import importlib.util
import string
from pathlib import Path

import pytest
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, console, settings
from inmanta_embedded.first_user import new_password


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a console as small as can be."""
    folder = tmp_path / "web-console"
    folder.mkdir()
    (folder / "index.html").write_text("<!DOCTYPE html><title>A console</title>")
    return folder


def test_a_folder_with_a_console_is_fine(folder: Path) -> None:
    console.check(folder)


def test_what_holds_no_console_is_refused_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    empty, sources, above = tmp_path / "empty", tmp_path / "sources", tmp_path / "above"
    for other in (empty, sources, above):
        other.mkdir()
    for file in ("index.html", "package.json"):
        (sources / file).write_text("")
    folder.rename(above / "dist")

    reasons = {}
    for name in ("nowhere", "empty", "sources", "above", "above/dist/index.html"):
        with pytest.raises(EmbeddedError) as refusal:
            console.check(tmp_path / name)
        reasons[name] = str(refusal.value).replace(str(tmp_path), "~")

    image = "The folder usr/share/inmanta/web-console of the vendor's image of the orchestrator is one."
    assert reasons == {
        "nowhere": f"There is no folder ~/nowhere: name one that holds a web console. {image}",
        "empty": f"~/empty holds no web console: it has no index.html. {image}",
        "sources": f"~/sources holds no web console: it has the sources of one, which have to be built first. {image}",
        "above": "~/above holds no web console: it has no index.html. Name ~/above/dist instead, which looks like one.",
        "above/dist/index.html": f"There is no folder ~/above/dist/index.html: name one that holds a web console. {image}",
    }


def test_without_the_package_that_serves_it_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EmbeddedError, match=r"pip install inmanta-embedded-orchestrator\[console\] installs it"):
        console.check(folder)


def test_a_start_with_a_folder_that_holds_no_console_is_one_message_and_no_trace(tmp_path: Path) -> None:
    orchestrator = Orchestrator(tmp_path / "state", Settings(durable=False, console=tmp_path))

    with pytest.raises(EmbeddedError, match="holds no web console"):
        orchestrator.start()

    assert not orchestrator.layout.folder.exists()


def test_the_folder_is_the_same_one_wherever_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = Settings(console=Path("web-console"))

    chosen.save(tmp_path / "settings.json")

    assert chosen.console == tmp_path / "web-console"
    assert settings.load(tmp_path / "settings.json") == chosen


def test_a_password_is_one_that_every_server_takes_and_never_the_same() -> None:
    passwords = {new_password() for _ in range(200)}

    assert len(passwords) == 200
    for password in passwords:
        assert 12 <= len(password) <= 128
        for characters in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
            assert set(password) & set(characters), password
