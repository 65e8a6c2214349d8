"""Places where no orchestrator can be: one sentence that says what is wrong there, and what to do."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from inmanta_embedded import EmbeddedError, settings
from inmanta_embedded.cli import main
from inmanta_embedded.errors import explain
from inmanta_embedded.folder_lock import FolderLock
from inmanta_embedded.patience import patient
from inmanta_embedded.processes import launch_command

NOBODY = "namespace:54321"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "can only be read"),
        (errno.ENOSPC, "no space left"),
        (errno.EACCES, "closed to this user"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("name", [None, "/place/{odd} 100%"])
def test_what_the_machine_refuses_is_told_with_place_and_remedy(number: int, said: str, name: str | None) -> None:
    text = explain(OSError(number, os.strerror(number), name), Path("/place"))

    assert said in text
    assert (name or "/place") in text
    assert "choose another folder." in text


@pytest.mark.parametrize(
    "place",
    ["/dev/null/below", "/proc/below", "/sys/below", "/proc/self/fd/below", f"/tmp/{'n' * 300}"],
    ids=["a device", "proc", "sys", "descriptors", "a long name"],
)
@pytest.mark.parametrize("command", [["start"], ["reset", "--yes"], ["stop"], ["status"]], ids=lambda words: str(words[0]))
def test_an_odd_place_is_refused_with_a_sentence(place: str, command: list[str]) -> None:
    answer = CliRunner().invoke(main, ["--folder", place, *command])

    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert len(answer.output.splitlines()) == 1
    if command == ["start"]:
        assert answer.exit_code == 1
        assert place in answer.output
        assert "choose another folder" in answer.output


def test_settings_that_cannot_be_read_are_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()

    with pytest.raises(EmbeddedError, match=r"settings\.json cannot be used \(Is a directory\)"):
        settings.load(tmp_path / "settings.json")


def test_a_lock_that_cannot_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()

    with pytest.raises(EmbeddedError, match="lock cannot be used"):
        FolderLock(tmp_path).acquire()


def as_nobody(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a user without rights, also where the tests are run by root."""
    command = launch_command([sys.executable, "-P", "-c", code, *arguments], NOBODY, signal.SIGKILL)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=patient())


def test_a_test_run_ends_at_once_where_it_cannot_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    claim = "from inmanta_embedded.testing.run_folder import claim_folder; claim_folder(Path(sys.argv[1]))"

    answer = as_nobody(f"import sys; from pathlib import Path; {claim}", tmp_path)

    assert answer.stderr.splitlines()[-1].endswith(
        f"EmbeddedError: {tmp_path / 'pytest-0.lock'} is closed to this user: remove it if it was made by another user, or "
        "choose another folder."
    )


def test_the_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)

    answer = as_nobody("import sys; from inmanta_embedded.cli import main; main()", "--folder", tmp_path / "state", "start")

    assert answer.returncode == 1
    said = f"{tmp_path / 'state'} is closed to this user: remove it if it was made by another user, or choose another folder."
    assert answer.stderr == f"Error: {said}\n"


def test_a_full_file_system_is_said_to_be_full(tmp_path: Path) -> None:
    code = "import sys; from inmanta_embedded.cli import main; main()"
    mount = f'mount -t tmpfs -o size=16k,nr_inodes=4 none "$0" && exec "$1" -P -c "{code}" --folder "$0/state" start'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(tmp_path), sys.executable]

    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patient())

    if "unshare" in answer.stderr or "mount:" in answer.stderr:
        pytest.skip(f"This machine lets nobody mount: {answer.stderr}")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: There is no space left for ")
    assert len(answer.stderr.splitlines()) == 1
