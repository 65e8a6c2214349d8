"""The folder of an orchestrator has any name, and can be moved."""

import locale
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, alias, processes
from inmanta_embedded.errors import last_lines
from inmanta_embedded.patience import patient, wait_until

pytestmark = pytest.mark.full

PLAIN = Settings(durable=False, extensions=[])


def test_it_runs_in_a_folder_of_any_name_and_again_where_that_was_moved_to(tmp_path: Path) -> None:
    folder = tmp_path / "(a) & b; c, it's ünïcödé ✓"
    with Orchestrator(folder / "state", PLAIN) as orchestrator:
        url, headers = f"{orchestrator.url}/api/v2/project", orchestrator.headers()
        requests.put(url, json={"name": "kept"}, headers=headers, timeout=patient()).raise_for_status()
    moved = folder.rename(tmp_path / ("n" * 200))

    with Orchestrator(moved / "state", PLAIN) as orchestrator:
        url = f"{orchestrator.url}/api/v2/project"
        found = requests.get(url, headers=orchestrator.headers(), timeout=patient()).json()["data"]
        temporary = Path(psutil.Process(orchestrator.status().server_pid).environ()["TMPDIR"])
        # However long the path of its folder is, temporary files stay in it.
        assert temporary.samefile(orchestrator.layout.temporary)
        # The names of sockets have 107 characters at most, and Python's own take 32 of them.
        assert len(str(temporary)) <= 75

    assert [project["name"] for project in found] == ["kept"]
    assert list(tmp_path.iterdir()) == [moved]


@pytest.mark.parametrize("name", ["plain", "two words", "it's", "ünïcödé ✓", "(a) & b; c #1", "n" * 200])
def test_core_gets_the_path_of_a_folder_that_it_digests(tmp_path: Path, name: str) -> None:
    assert alias.of(tmp_path / name, tmp_path) == str(tmp_path / name)


@pytest.mark.parametrize("name", ["100%", "{x}", 'quo"te', "$HOME", "`id`", "two\nlines", "\udcff"])
def test_core_gets_another_path_to_any_other_folder(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / name / "state"
    working = tmp_path / name / "tmp"
    for made in (folder, working):
        made.mkdir(parents=True)
    monkeypatch.chdir(working)

    path = alias.of(folder, working)

    assert Path(path).samefile(folder)
    assert alias.is_digestible(Path(path))


def test_core_gets_another_path_where_the_encoding_of_the_machine_has_no_such_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locale, "getencoding", lambda: "ascii")

    assert not alias.is_digestible(tmp_path / "größe")
    assert alias.is_digestible(tmp_path / "plain")


def test_environments_in_the_folder_build_on_this_one_after_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "venv" / "lib" / "inherit.pth"
    file.parent.mkdir(parents=True)
    file.write_text('import site; site.addsitedir("/proc/1/cwd/.venv/lib")\n/plain/folder\n')

    alias.renew(tmp_path)

    assert file.read_text() == f'import site; site.addsitedir("/proc/{os.getpid()}/cwd/.venv/lib")\n/plain/folder\n'


@pytest.mark.parametrize("name", ["100%", "größe", "plain"])
def test_python_keeps_its_path_where_it_can(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / name / "bin" / "python"))

    assert alias.python(tmp_path) == sys.executable


def test_python_is_reached_another_way_where_its_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'a "b"' / "bin").mkdir(parents=True)
    (tmp_path / "working").mkdir()
    monkeypatch.chdir(tmp_path / "working")
    monkeypatch.setattr(sys, "executable", str(tmp_path / 'a "b"' / "bin" / "python"))

    found = Path(alias.python(tmp_path / "working"))

    assert found.parent.samefile(tmp_path / 'a "b"' / "bin")
    assert alias.is_digestible(found)


def test_a_machine_that_lets_nobody_go_another_way_is_told(tmp_path: Path) -> None:
    working = tmp_path / "100%" / "tmp"
    working.mkdir(parents=True)

    # This process works elsewhere, so the way leads to nothing.
    with pytest.raises(EmbeddedError, match="as its name holds odd characters: choose another folder"):
        alias.of(tmp_path / "100%" / "state", working)


def test_schedulers_start_in_a_folder_whose_name_could_be_a_template_and_none_is_left_when_the_supervisor_is_killed(
    tmp_path: Path, nothing_is_left: Callable[[Path], None]
) -> None:
    name = '100%s {odd} % "quoted" $(touch made) `touch made`'
    with Orchestrator(tmp_path / name / "state", PLAIN) as orchestrator:

        def put(path: str, **body: str) -> str:
            url, headers = f"{orchestrator.url}/api/v2/{path}", orchestrator.headers()
            return str(requests.put(url, json=body, headers=headers, timeout=patient()).json()["data"]["id"])

        environment = put("environment", project_id=put("project", name="any"), name="any")
        log = orchestrator.layout.logs / f"agent-{environment}.log"

        wait_until(
            lambda: log.exists() and "Scheduler started" in log.read_text(), lambda: last_lines(orchestrator.layout.server_log)
        )
        guard = psutil.Process(orchestrator.status().guard_pid)
        [scheduler] = [process for process in guard.children(recursive=True) if "scheduler" in process.cmdline()]
        # By this the next start finds one that nobody could end.
        assert scheduler in processes.marked(orchestrator.layout.folder)

        guard.children()[0].kill()

        nothing_is_left(orchestrator.layout.folder)

    assert [path.name for path in tmp_path.iterdir()] == [name]
