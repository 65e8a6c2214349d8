"""Child processes that end with their parent, and the ends of process trees."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launcher.py")
SAME_IDENTITY = "same"
MARKER = "INMANTA_EMBEDDED_FOLDER"
"""Environment variable of all that a server starts, by which it is found whatever became of its parents."""

_PR_SET_CHILD_SUBREAPER = 36
_STAT_STARTTIME = 18  # of the fields of /proc/PID/stat behind the state


def python() -> Path:
    """The Python of this environment, by a path that holds when the process is gone that this one may be running by."""
    executable = Path(sys.executable)
    return executable.parent.resolve() / executable.name if executable.is_relative_to("/proc") else executable


def launch_command(command: Sequence[str | Path], identity: str, death_signal: signal.Signals) -> list[str]:
    """
    The command that starts another one through the launcher.

    :param command: absolute path of the program, and its arguments; empty to only try the identity
    :param identity: as the launcher takes it, see :class:`inmanta_embedded.identity.Identity`
    :param death_signal: what the program gets when this process dies
    """
    start = [sys.executable, "-I", "-S", str(LAUNCHER), identity, str(os.getpid()), str(int(death_signal))]
    return [*start, *(str(part) for part in command)]


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    identity: str = SAME_IDENTITY,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """
    Start a process that does not outlive this one, however this one ends.

    The kernel ties it to the *thread* that calls this function: call it from one that lives as long as the process should.
    It gets a session of its own, so that Ctrl-C in the terminal reaches only its owner, who ends it in the right order.

    :param command: absolute path of the program, and its arguments
    :param log: what it prints is appended to this file
    :param env: its whole environment
    :param cwd: its working directory
    :param identity: as the launcher takes it
    :param death_signal: what it gets when this process dies
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            launch_command(command, identity, death_signal),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def birth(pid: int) -> int | None:
    """
    When a process was started, which tells it from others that had or will have its id.

    :param pid: of the process
    :return: in ticks of the kernel, which no change of the clock touches; None when it does not run
    """
    try:
        # The name of the program comes second, in parentheses, and may hold anything.
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(fields[_STAT_STARTTIME])


def descendants(pid: int) -> list[psutil.Process]:
    """
    All processes below one, at this moment.

    :param pid: of the process; it need not exist any more
    """
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill(processes: Iterable[psutil.Process], timeout: float = 5.0) -> None:
    """
    End processes at once, and wait until they have ended.

    :param processes: those that are gone already are skipped
    :param timeout: seconds to wait for them
    """
    victims = list(processes)
    for process in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + timeout
    while any(map(_runs, victims)) and time.monotonic() < deadline:
        time.sleep(0.005)


def _runs(process: psutil.Process) -> bool:
    """Whether a process has not ended. One that has stays in the process table until its parent takes note, however late."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def stop(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """
    End a child and all that it started: politely first, and for certain in the end.

    :param process: the child
    :param steps: signals to send to it, each with the seconds that it gets to end; SIGKILL for all of them follows
    """
    below = descendants(process.pid) if process.poll() is None else []
    for number, patience in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            below = list({*below, *descendants(process.pid)})
    if process.poll() is None:
        below = list({*below, *descendants(process.pid)})
        process.kill()
        process.wait()
    kill(below)


def become_subreaper() -> None:
    """Become the parent of all processes further down that lose theirs, so that none gets away."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reap_orphans(own: Container[int | None] = ()) -> None:
    """
    Take note of the end of processes that were adopted, which would stay in the process table otherwise.

    :param own: children that somebody else waits for
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process().children():
            if child.pid not in own:
                with contextlib.suppress(ChildProcessError, psutil.NoSuchProcess):
                    os.waitpid(child.pid, os.WNOHANG)


def marked(folder: Path) -> list[psutil.Process]:
    """
    What an orchestrator has left, in case everything that watched over it was killed at once.

    :param folder: of the orchestrator
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARKER) == str(folder):
                found.append(process)
    return found
