"""What an orchestrator is asked to serve and to log: it does so at each start, until it is asked for something else."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner
from inmanta_embedded import Orchestrator, Phase
from inmanta_embedded.cli import main
from inmanta_embedded.patience import patient, wait_until

PAGE = "<!DOCTYPE html><title>A console</title>"
SCRIPT = "export {};"


class Life:
    """
    An orchestrator that is used by its commands.

    :param folder: what it keeps everything in
    :param console: a folder with a console as small as can be
    """

    def __init__(self, folder: Path) -> None:
        """:param folder: an empty one"""
        self.folder = folder / "state"
        self.console = folder / "web-console"
        self.console.mkdir()
        (self.console / "index.html").write_text(PAGE)
        (self.console / "index.js").write_text(SCRIPT)
        self.orchestrator = Orchestrator(self.folder)

    def run(self, *arguments: str) -> str:
        """Run a command, and give what it prints."""
        done = CliRunner().invoke(main, ["--folder", str(self.folder), *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    def levels(self) -> set[str]:
        """The levels of the lines of the server's log since the last look."""
        log = self.orchestrator.layout.server_log
        found = set(re.findall(r"\b(INFO|DEBUG)\b", log.read_text()))
        log.write_text("")
        return found

    def answer(self, path: str) -> requests.Response:
        """What the server answers to somebody without a token."""
        return requests.get(f"{self.orchestrator.url}{path}", timeout=patient())


def check_console(life: Life, told: str) -> None:
    """The console is told of, and served with its configuration on all paths that are its own."""
    assert f"Web console: {life.orchestrator.url}/console\n" in told
    for path in ("/console", "/console/", "/console/lsm/catalog?env=1"):
        assert life.answer(path).text == PAGE
    assert life.answer("/console/index.js").text == SCRIPT
    assert life.answer("/console/other.js").status_code == 404
    assert '"method": "database"' in life.answer("/console/config.js").text


def check_first_user(life: Life, told: str) -> None:
    """Who was told as the first user gets in, and may do everything."""
    user = re.search(r"first user is (\S+), with the password (\S+) ", told)
    assert user is not None, told
    body = {"username": user[1], "password": user[2]}
    login = requests.post(f"{life.orchestrator.url}/api/v2/login", json=body, timeout=patient())
    assert login.status_code == 200, login.text
    assert login.json()["data"]["user"]["is_admin"] is True


def check_pages(life: Life, told: str) -> str:
    """The pages are told of by a link that logs in and that nobody else can read; gives where they are."""
    link = re.search(r"Pages: (http://127\.0\.0\.1:\d+/login\?code=\S+) \(logs in once\)", told)
    assert link is not None, told
    login = requests.get(link[1], allow_redirects=False, timeout=patient())
    assert (login.status_code, login.headers["location"]) == (303, "/")
    place = urlsplit(link[1]).netloc
    inside = requests.get(f"http://{place}/", cookies=login.cookies, timeout=patient())
    assert "The orchestrator has no environment yet." in inside.text
    assert life.orchestrator.layout.pages_link.stat().st_mode & 0o077 == 0
    return place


def check_pages_outlive_the_server(life: Life) -> None:
    """The pages are no part of the server, and go on when it ends by itself."""
    before = life.orchestrator.status().pages_pid
    life.orchestrator.kill_server()
    assert life.orchestrator.status().phase is Phase.DOWN
    life.orchestrator.start_server()
    assert before is not None
    assert life.orchestrator.status().pages_pid == before


@pytest.mark.full
def test_a_console_pages_and_a_log_level_are_there_from_when_they_are_asked_for_until_they_are_not_wanted_any_more(
    tmp_path: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    life = Life(tmp_path)
    try:
        told = life.run("start", "--volatile", "--auth", "--console", str(life.console), "--pages")
        check_console(life, told)
        check_first_user(life, told)
        place = check_pages(life, told)
        running = life.run("start", "--no-console")
        assert "with other settings, which it keeps: stop it, and start it again with these." in running
        check_pages_outlive_the_server(life)
        life.run("stop")
        nothing_is_left(life.folder)
        assert life.levels() == {"INFO"}

        told = life.run("start", "--log-level", "debug")
        check_console(life, told)
        assert "password" not in told
        assert check_pages(life, told) == place
        life.run("stop")
        assert life.levels() == {"INFO", "DEBUG"}

        told = life.run("start", "--no-console", "--no-pages")
        assert "Web console" not in told
        assert "Pages:" not in told
        assert life.answer("/console/").status_code == 404
        wait_until(lambda: life.orchestrator.status().pages_pid is None, lambda: str(life.orchestrator.status()))
        life.run("stop")
        assert life.levels() == {"INFO", "DEBUG"}
    finally:
        life.run("stop")
