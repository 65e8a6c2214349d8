"""Commands that run side by side, and whose output is shown as if each had begun when the one before ended."""

import contextlib
import os
import pathlib
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

# In seconds. From a terminal an interrupt reaches all of them: who has not ended then was not interrupted by it.
_PATIENCE = 10


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
        started: list[_Started] = []
        try:
            with _interrupts_in_line(started) as came:
                for command in commands:
                    started.append(stack.enter_context(_started(command, cwd, env)))
                if not came:
                    _show(started)
            # Behind the last end, where nothing is left to be shown.
            if came:
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            for one in started:
                one.end()
            _show(started, after_interrupt=True)
            raise
        return [one.process.wait() for one in started]


def _show(started: Sequence["_Started"], after_interrupt: bool = False) -> None:
    for one in started:
        for piece in one.printed():
            if piece is None:
                if after_interrupt:
                    continue
                raise KeyboardInterrupt
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()


@contextlib.contextmanager
def _interrupts_in_line(started: Sequence["_Started"]) -> Iterator[Sequence[int]]:
    """
    Have an interrupt wait in line behind what was printed before, instead of raising an exception anywhere: what was taken and
    not yet shown would be lost.

    :param started: what is shown; an interrupt finds what is in it by then
    :return: the numbers of the signals that came
    """
    came: list[int] = []
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler:
        yield came
        return

    def interrupt(number: int, _: object) -> None:
        # Who interrupts again does not want to wait: what is printed may have no reader.
        if came:
            raise KeyboardInterrupt
        came.append(number)
        for one in started:
            one.come_to_interrupt()

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, usual)


class _Started:
    """A process whose output is taken whenever it comes, so that it never waits until somebody shows it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """:param process: prints into a pipe"""
        self.process = process
        # In pieces, of which the last one is empty; None is for an interrupt.
        self._printed: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._is_over = False
        # Before anybody waits for the process: its number could be that of another one after that.
        self._end = os.pidfd_open(process.pid)
        threading.Thread(target=self._take, daemon=True).start()

    def printed(self) -> Iterator[bytes | None]:
        """Give what it prints, up to its end, in pieces that were not given before; None for an interrupt."""
        while not self._is_over:
            piece = self._printed.get()
            self._is_over = piece == b""
            yield piece

    def come_to_interrupt(self) -> None:
        """Put an interrupt behind what was printed before. A signal handler may do so."""
        self._printed.put(None)

    def end(self) -> None:
        """Wait for it to end by itself, as it does when the interrupt reached it too, and interrupt it when it does not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PATIENCE)
        self.interrupt()

    def interrupt(self) -> None:
        """Interrupt it unless it has ended, and wait for its end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def _take(self) -> None:
        output = self.process.stdout
        assert output is not None
        os.set_blocking(output.fileno(), False)
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(self._end, select.POLLIN)
        # All that it printed is in the pipe when it ends. What others print that it has started is not waited for.
        is_over = False
        while not is_over:
            has_ended = self._end in dict(poll.poll())
            while piece := output.read(1 << 16):
                self._printed.put(piece)
            # None is for nothing yet, an empty one for a closed pipe.
            is_over = has_ended or piece is not None
        self._printed.put(b"")
        os.close(self._end)


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
