"""Commands that run side by side, and whose output is shown as if each had begun when the one before ended."""

import contextlib
import pathlib
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

# In seconds. From a terminal an interrupt reaches all of them: who has not ended then was not interrupted by it.
_PATIENCE = 10
# In seconds. What others that a command has started print after its end is not waited for.
_LAST_WORDS = 1


def run(commands: Sequence[Sequence[str]], cwd: pathlib.Path, env: Mapping[str, str]) -> list[int]:
    """
    Run commands at the same time. What the first one prints is shown as it comes, that of each other one when those before it
    have ended. When this is interrupted, so are they: what they have to say then is shown as well.

    :param commands: their words; no shell sees them, and they have nothing to read
    :param cwd: the folder to run them in
    :param env: their environment variables
    :return: their exit codes
    """
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(_started(command, cwd, env)) for command in commands]
        try:
            _show(started)
        except KeyboardInterrupt:
            for one in started:
                one.end()
            _show(started)
            raise
        return [one.process.wait() for one in started]


def _show(started: Sequence["_Started"]) -> None:
    for one in started:
        for piece in one.printed():
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()


class _Started:
    """A process whose output is taken whenever it comes, so that it never waits until somebody shows it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """:param process: prints into a pipe"""
        self.process = process
        # In pieces, of which the last one is empty.
        self._printed: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._is_over = False
        threading.Thread(target=self._take, daemon=True).start()

    def printed(self) -> Iterator[bytes]:
        """Give what it prints, up to its end, in pieces that were not given before."""
        while not self._is_over:
            piece = self._printed.get()
            self._is_over = not piece
            yield piece

    def end(self) -> None:
        """Wait for its end, which it was perhaps told to come to."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PATIENCE)
        self.interrupt()

    def interrupt(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def _take(self) -> None:
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        self.process.wait()
        reader.join(_LAST_WORDS)
        self._printed.put(b"")

    def _read(self) -> None:
        output = self.process.stdout
        assert output is not None
        while piece := output.read(1 << 16):
            self._printed.put(piece)


@contextlib.contextmanager
def _started(command: Sequence[str], cwd: pathlib.Path, env: Mapping[str, str]) -> Iterator[_Started]:
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    )
    one = _Started(process)
    try:
        yield one
    finally:
        one.interrupt()
