"""Tests of commands that run side by side: what is shown of them, what comes out, and that none is left."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from inmanta_embedded.patience import patient, wait_until

import bootstrap
import side_by_side


def python(code: str) -> list[str]:
    """The command that runs code."""
    return [sys.executable, "-u", "-c", textwrap.dedent(code)]


def run(*codes: str, folder: Path) -> list[int]:
    """Run code side by side."""
    return side_by_side.run([python(code) for code in codes], folder, dict(os.environ))


def waits_for(pipe: Path) -> str:
    """
    Code that waits until somebody opens a pipe to write to it.

    :param pipe: where it is; it is made here
    """
    os.mkfifo(pipe)
    return f"""
    import pathlib
    pathlib.Path({str(pipe)!r}).read_text()
    """


def test_they_run_at_the_same_time_and_are_shown_one_after_the_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = waits_for(tmp_path / "made") + "\n    print('first')\n    print('ends')"
    second = "import pathlib; print('second'); pathlib.Path('made').write_text('')"

    assert run(first, second, folder=tmp_path) == [0, 0]

    assert capfd.readouterr().out == "first\nends\nsecond\n"


def test_what_one_prints_is_shown_as_it_comes(tmp_path: Path) -> None:
    code = f"""
    import os, pathlib, sys
    sys.path.insert(0, {str(bootstrap.ROOT)!r})
    import side_by_side
    side_by_side.run([{python("\n    print('begins')" + waits_for(tmp_path / "seen"))!r}], pathlib.Path.cwd(), os.environ)
    """
    with subprocess.Popen(python(code), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        (tmp_path / "seen").write_text("")
        assert process.wait(patient()) == 0


def test_each_has_its_exit_code_and_nobody_waits_until_others_are_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # More than fits into a pipe.
    much = (
        "import pathlib, sys; print('x' * 1_000_000); print('to be seen', file=sys.stderr); pathlib.Path('made').write_text('')"
    )

    assert run(waits_for(tmp_path / "made") + "\n    raise SystemExit(3)", much, "1 / 0", folder=tmp_path) == [3, 0, 1]

    shown = capfd.readouterr().out
    assert "x" * 1_000_000 + "\nto be seen\n" in shown
    assert "ZeroDivisionError" in shown


def test_what_outlives_a_command_is_not_waited_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = """
    import os, signal
    child = os.fork()
    if child:
        print(child)
    else:
        signal.pause()
    """

    assert run(code, folder=tmp_path) == [0]

    child = psutil.Process(int(capfd.readouterr().out))
    assert child.is_running()
    child.kill()


@pytest.mark.parametrize("reaches_all", [True, False])
def test_an_interrupt_ends_them_once_and_lets_them_clean_up(tmp_path: Path, reaches_all: bool) -> None:
    waits = """
    import os, pathlib, signal
    try:
        pathlib.Path(f"started-{os.getpid()}").touch()
        signal.pause()
    except KeyboardInterrupt:
        pathlib.Path(f"ended-{os.getpid()}").touch()
        print("interrupted")
    """
    code = f"""
    import os, pathlib, sys
    sys.path.insert(0, {str(bootstrap.ROOT)!r})
    import side_by_side
    side_by_side._PATIENCE = {patient() if reaches_all else 0}
    side_by_side.run([{python(waits)!r}] * 2, pathlib.Path.cwd(), os.environ)
    """
    process = subprocess.Popen(
        python(code), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    wait_until(lambda: len(list(tmp_path.glob("started-*"))) == 2, "they do not start")

    if reaches_all:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)

    output, _ = process.communicate(timeout=patient())
    assert output == b"interrupted\ninterrupted\n"
    assert process.returncode == -signal.SIGINT
    assert len(list(tmp_path.glob("ended-*"))) == 2
    assert not any(psutil.pid_exists(int(file.name.partition("-")[2])) for file in tmp_path.glob("ended-*"))


def test_what_is_printed_around_an_interrupt_is_shown_once_and_whole(tmp_path: Path) -> None:
    prints = """
    import pathlib
    number = 0
    try:
        while True:
            print(number, flush=True)
            number += 1
            if number == 100:
                pathlib.Path("started").touch()
    except KeyboardInterrupt:
        print("interrupted")
    """
    code = f"""
    import os, pathlib, sys
    sys.path.insert(0, {str(bootstrap.ROOT)!r})
    import side_by_side
    side_by_side.run([{python(prints)!r}], pathlib.Path.cwd(), os.environ)
    """
    process = subprocess.Popen(
        python(code), cwd=tmp_path, stdout=(tmp_path / "output").open("wb"), stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_until((tmp_path / "started").exists, "it does not start")

    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(patient()) == -signal.SIGINT
    *numbers, last = (tmp_path / "output").read_text().splitlines()
    assert last.endswith("interrupted")
    assert [int(number) for number in numbers] == list(range(len(numbers)))


def test_an_interrupt_that_is_noticed_when_all_have_ended_still_counts(tmp_path: Path) -> None:
    code = f"""
    import io, os, pathlib, signal, sys, threading
    sys.path.insert(0, {str(bootstrap.ROOT)!r})
    import side_by_side

    class Output(io.TextIOWrapper):
        is_first = True

        def flush(self):
            super().flush()
            if self.is_first:
                self.is_first = False
                for reader in threading.enumerate():
                    if reader.daemon:
                        reader.join()
                signal.raise_signal(signal.SIGINT)

    sys.stdout = Output(sys.stdout.detach())
    side_by_side.run([{python("print('ends')")!r}], pathlib.Path.cwd(), os.environ)
    """
    process = subprocess.run(python(code), cwd=tmp_path, capture_output=True, timeout=patient())

    assert process.stdout == b"ends\n"
    assert process.returncode == -signal.SIGINT
