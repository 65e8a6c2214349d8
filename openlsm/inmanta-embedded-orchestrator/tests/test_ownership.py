"""Whose the folder of an orchestrator is, and who else may look into it."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from inmanta_embedded import EmbeddedError, Orchestrator, Settings, ownership
from inmanta_embedded.cli import main
from inmanta_embedded.patience import patient

PLAIN = Settings(durable=False, extensions=[])
OTHER = 12345
# The logs of environments, to which core gives rights of its own choice. Nobody gets to them: they are in a closed folder.
OF_ENVIRONMENTS = ("agent-", "resource-actions-")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can act as another user.")


def as_other(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python as another user of this machine."""
    # What it imports need not be readable for the other user.
    imports = "import encodings.idna, os, stringprep, sys, urllib.request"
    code = f"{imports}; os.setgroups([]); os.setgid({OTHER}); os.setuid({OTHER})\n{script}"
    command = [sys.executable, "-S", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def modes(folder: Path) -> dict[str, int]:
    """The rights that others have to a folder and all that is in it, where they have some."""
    found = {path: stat.S_IMODE(path.lstat().st_mode) & 0o077 for path in (folder, folder / "log", *(folder / "log").iterdir())}
    return {str(path): mode for path, mode in found.items() if mode and not path.name.startswith(OF_ENVIRONMENTS)}


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    Orchestrator(folder).layout.create()

    assert modes(folder) == {}
    assert (folder / ownership.MARKER).exists()


@pytest.mark.parametrize("command", ["start", "reset"])
@pytest.mark.parametrize("content", ["notes.txt", ".gitignore", "log/server.log", ".hidden"])
def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, command: str, content: str) -> None:
    kept = tmp_path / "mine" / content
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    mode = (tmp_path / "mine").stat().st_mode

    result = CliRunner().invoke(main, ["--folder", str(tmp_path / "mine"), command, *(["--yes"] if command == "reset" else [])])

    assert result.exit_code == 1
    assert "holds other things than an orchestrator, which are left alone" in result.output
    assert kept.read_text() == "mine"
    assert [path for path in (tmp_path / "mine").rglob("*") if path.is_file()] == [kept]
    assert (tmp_path / "mine").stat().st_mode == mode


@pytest.mark.parametrize("command", ["start", "reset"])
def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    orchestrator = Orchestrator(file, PLAIN)

    with pytest.raises(EmbeddedError, match="is not a folder"):
        orchestrator.start() if command == "start" else orchestrator.reset()

    assert file.read_text() == "mine"


def test_its_own_gitignore_can_be_changed(tmp_path: Path) -> None:
    layout = Orchestrator(tmp_path / "state").layout
    layout.create()
    (layout.folder / ".gitignore").write_text("# mine\n")

    layout.create()

    assert (layout.folder / ".gitignore").read_text() == "# mine\n"


def test_the_folder_of_an_earlier_release_is_known(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "settings.json").write_text("{}")
    (folder / ".gitignore").write_text("*\n")

    Orchestrator(folder).layout.create()
    Orchestrator(folder).reset()

    assert not folder.exists()


@as_root
@pytest.mark.parametrize("command", ["start", "reset"])
def test_the_folder_of_another_user_is_refused(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "state"
    Orchestrator(folder).layout.create()
    os.chown(folder, OTHER, OTHER)
    orchestrator = Orchestrator(folder, PLAIN)

    with pytest.raises(EmbeddedError, match="belongs to another user"):
        orchestrator.start() if command == "start" else orchestrator.reset()

    assert (folder / ownership.MARKER).exists()


@as_root
@pytest.mark.parametrize("part", ["", "below/state"])
def test_the_link_of_another_user_is_not_followed(tmp_path: Path, part: str) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    link.symlink_to(target)
    os.chown(link, OTHER, OTHER, follow_symlinks=False)

    with pytest.raises(EmbeddedError, match="is a link of another user"):
        Orchestrator(link / part, PLAIN).start()

    assert list(target.iterdir()) == []


def test_whoever_looks_while_a_folder_is_taken_sees_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    write_text, written = Path.write_text, []

    def write(path: Path, text: str) -> int:
        size = write_text(path, text)
        ownership.require_ours(folder)
        written.append(path.name)
        return size

    monkeypatch.setattr(Path, "write_text", write)
    ownership.take(folder)

    assert sorted(written) == sorted([ownership.MARKER, ".gitignore"])


def test_a_folder_that_is_taken_right_while_somebody_looks_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Path.exists

    def take_first(path: Path, **options: bool) -> bool:
        found = exists(path, **options)
        if path.name == ownership.MARKER and not found:
            monkeypatch.setattr(Path, "exists", exists)
            ownership.take(tmp_path)
        return found

    monkeypatch.setattr(Path, "exists", take_first)
    ownership.require_ours(tmp_path)


def test_a_removal_that_was_cut_short_is_done_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    ownership.take(folder)
    (folder / "things").mkdir()
    (folder / "things" / "thing").write_text("")
    rmtree = shutil.rmtree

    def cut_short(path: Path) -> None:
        # It may begin with anything.
        (path / ownership.MARKER).unlink(missing_ok=True)
        monkeypatch.setattr(shutil, "rmtree", rmtree)
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", cut_short)
    orchestrator = Orchestrator(folder, PLAIN)
    with pytest.raises(KeyboardInterrupt):
        orchestrator.reset()
    assert (folder / "things" / "thing").exists()
    orchestrator.reset()

    assert not folder.exists()


@pytest.fixture
def reachable(closed: Orchestrator) -> Iterator[Orchestrator]:
    """A running orchestrator in a folder that other users can get to, as far as what is above it is concerned."""
    closed_to_others = [folder for folder in closed.layout.folder.parents if not folder.stat().st_mode & stat.S_IXOTH]
    modes_before = {folder: folder.stat().st_mode for folder in closed_to_others}
    for folder, mode in modes_before.items():
        folder.chmod(mode | 0o055)
    yield closed
    for folder, mode in modes_before.items():
        folder.chmod(mode)


@as_root
@pytest.mark.full
@pytest.mark.xdist_group("closed")
def test_another_user_of_the_machine_gets_nothing(reachable: Orchestrator) -> None:
    url = f"{reachable.url}/api/v2/environment"

    look = as_other("os.listdir(sys.argv[1])", reachable.layout.folder)
    read = as_other("open(sys.argv[1]).read()", reachable.layout.server_config)
    listed = as_other("print(urllib.request.urlopen(sys.argv[1], timeout=60).status)", url)
    healthy = requests.get(url, headers=reachable.headers(), timeout=patient())

    assert "PermissionError" in look.stderr
    assert "PermissionError" in read.stderr
    assert "HTTP Error 401" in listed.stderr
    assert healthy.status_code == 200
    assert modes(reachable.layout.folder) == {}
