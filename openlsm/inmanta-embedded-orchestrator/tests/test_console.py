"""The web console: which folders hold one, and that it is served to those who log in."""

import importlib.util
import re
import string
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, console, settings
from inmanta_embedded.cli import main
from inmanta_embedded.first_user import new_password
from inmanta_embedded.patience import patient

PAGE = "<!DOCTYPE html><title>A console</title>"
SCRIPT = "export {};"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a console as small as can be."""
    folder = tmp_path / "web-console"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "index.js").write_text(SCRIPT)
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


def run(tmp_path: Path, *arguments: str) -> Result:
    """Run a command for the orchestrator of the test."""
    return CliRunner().invoke(main, ["--folder", str(tmp_path / "state"), *arguments])


def answer(output: str, path: str) -> requests.Response:
    """What the orchestrator that a command has told of answers."""
    url = re.search(r"http://127.0.0.1:\d+", output)
    assert url is not None, output
    return requests.get(f"{url[0]}{path}", timeout=patient())


@pytest.mark.full
@pytest.mark.xdist_group("orchestrator")
def test_a_console_is_served_to_the_first_user_until_it_is_not_wanted_any_more(tmp_path: Path, folder: Path) -> None:
    started = run(tmp_path, "start", "--volatile", "--auth", "--console", str(folder))
    try:
        assert started.exit_code == 0, started.output
        told = re.search(r"first user is (\S+), with the password (\S+) ", started.output)
        url = re.search(r"Web console: (http\S+)/console\n", started.output)
        assert told is not None, started.output
        assert url is not None, started.output
        for path in ("/console", "/console/", "/console/lsm/catalog?env=1"):
            assert answer(started.output, path).text == PAGE
        assert answer(started.output, "/console/index.js").text == SCRIPT
        assert answer(started.output, "/console/other.js").status_code == 404
        assert '"method": "database"' in answer(started.output, "/console/config.js").text
        login = requests.post(f"{url[1]}/api/v2/login", json={"username": told[1], "password": told[2]}, timeout=patient())
        assert login.status_code == 200, login.text
        assert login.json()["data"]["user"]["is_admin"] is True

        running = run(tmp_path, "start", "--no-console")
        assert "with other settings, which it keeps: stop it, and start it again with these." in running.output
        run(tmp_path, "stop")
        again = run(tmp_path, "start")
        assert "Web console: " in again.output
        assert "password" not in again.output
        assert answer(again.output, "/console/").text == PAGE
        run(tmp_path, "stop")
        without = run(tmp_path, "start", "--no-console")
        assert "Web console" not in without.output
        assert answer(without.output, "/console/").status_code == 404
    finally:
        run(tmp_path, "stop")
