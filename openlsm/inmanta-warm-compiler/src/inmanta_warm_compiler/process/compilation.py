"""A compile in a fork of the warm process: from there on it is as if the program had been started for it."""

import atexit
import contextlib
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from argparse import ArgumentParser
from collections.abc import Sequence
from types import ModuleType, TracebackType
from typing import Any, NoReturn, TypedDict

from inmanta_warm_compiler.messages import Message, encode, receive
from inmanta_warm_compiler.process import environment, pages
from inmanta_warm_compiler.process.project import PROGRAM, Project
from inmanta_warm_compiler.process.replacement import replace

READY = b"."
"""What a compile says when it has done all that it does without a request."""

_ARGUMENTS = 3
"""Where the arguments of the program begin in the command line: behind the Python, ``-m`` and its name."""

_FLUSH_FAILED = 120
"""The exit code of a Python that cannot write the rest of its output."""

_EXIT = os._exit

_AT_INTERRUPT = signal.getsignal(signal.SIGINT)
"""What a program does by itself when it is interrupted: nothing where the server ignores that, as in a shell's background."""


class End(TypedDict):
    """
    How a compile ended.

    ``code`` is its exit code, as Python's subprocess gives it. ``refusal`` says why its project has to compile cold, and
    ``unfit`` why only this one has to. ``written`` is the memory that it wrote to, as :func:`pages.own` gives it, when that was
    not known.
    """

    code: int
    refusal: str | None
    unfit: str | None
    written: list[int]


def end(code: int, *, refusal: str | None = None, unfit: str | None = None, written: Sequence[int] = ()) -> End:
    """
    :param code: its exit code
    :param refusal: why its project has to compile cold, if that is so
    :param unfit: why only this one has to, if that is so
    :param written: the memory that it wrote to
    """
    return End(code=code, refusal=refusal, unfit=unfit, written=list(written))


def arguments(request: Message) -> list[str]:
    """
    :param request: a compile
    :return: the arguments of its program
    """
    return list(request["command"][_ARGUMENTS:])


def run(channel: socket.socket, project: Project) -> NoReturn:
    """
    Run a compile, and end this process as the program would.

    :param channel: gives the request, and takes the end
    :param project: what it compiles
    """
    # The program is found and run as Python itself does it for "-m", which sets the first argument.
    sys.argv = ["-m"]
    sys.modules["__main__"] = ModuleType("__main__")
    _tell_of_exit(channel, project)
    start = _Start(channel, project)
    start.hold()
    os._exit(_finish(_exit_code(start)))


def leave(channel: socket.socket, last: End) -> NoReturn:
    """
    End this process.

    :param channel: takes the end
    :param last: how the compile ended
    """
    channel.sendall(encode(last))
    _EXIT(last["code"])


def _tell_of_exit(channel: socket.socket, project: Project) -> None:
    """
    Have this process say how it ends before it does: it takes the kernel a while to take its memory apart, and nobody has to
    wait for that. The program itself ends without the usual clean-up, too, with inmanta-core 20.

    :param channel: takes the end
    :param project: what it compiles
    """
    own = os.getpid()

    def exit_(status: int) -> NoReturn:
        # A process that it forked ends here, too.
        if os.getpid() == own:
            for descriptor in (1, 2):
                with contextlib.suppress(OSError):
                    os.close(descriptor)
            leave(channel, end(status & 0xFF, written=() if project.written else pages.own()))
        _EXIT(status)

    replace(os, "_exit", exit_)


class _Start:
    """
    The start of a program that does not know yet what it is to compile.

    Until it reads its command line it does the same for each compile of a project, and for nobody to see.
    """

    def __init__(self, channel: socket.socket, project: Project) -> None:
        """
        :param channel: gives the request
        :param project: what it compiles
        """
        self._channel = channel
        self._project = project
        self._parse = ArgumentParser.parse_known_args
        self._is_over = False

    def hold(self) -> None:
        """Have the program wait for its request where it reads its command line."""

        def parse_known_args(parser: ArgumentParser, *rest: Any, **options: Any) -> Any:
            self.conclude()
            return self._parse(parser, *rest, **options)

        replace(ArgumentParser, "parse_known_args", parse_known_args)
        self._project.hand_over(self._give_up)
        self._reads = environment.Reads()

    def conclude(self) -> None:
        """Wait for the request, and go on with it; does nothing the second time."""
        if self._is_over:
            return
        self._is_over = True
        replace(ArgumentParser, "parse_known_args", self._parse)
        self._project.stop_recording()
        self._channel.sendall(READY)
        request, descriptors = self._request()
        for descriptor, target in zip(descriptors, (1, 2), strict=True):
            os.dup2(descriptor, target)
            os.close(descriptor)
        signal.signal(signal.SIGINT, _AT_INTERRUPT)
        sys.orig_argv = list(request["command"])
        sys.argv[1:] = arguments(request)
        different = self._reads.replace(self._project.variables.of(request["environment"]))
        if different is not None:
            leave(self._channel, end(1, unfit=f"the environment variable {different} changed"))
        self._project.begin()

    def _request(self) -> tuple[Message, Sequence[int]]:
        """Wait for the request and its descriptors, and copy what the compile will write to when it is announced."""
        while True:
            message, descriptors = receive(self._channel, 2)
            if "announced" not in message:
                return message, descriptors
            pages.copy(self._project.written, lambda: bool(select.select([self._channel], [], [], 0)[0]))

    def _give_up(self, reason: str) -> NoReturn:
        leave(self._channel, end(1, refusal=reason))


def _exit_code(start: _Start) -> int:
    """
    Run the program, and tell the exit code that Python would end with.

    :param start: of the program, which may fail before it is over
    """
    try:
        vars(runpy)["_run_module_as_main"](PROGRAM)
    except SystemExit as request:
        start.conclude()
        if request.code is None or isinstance(request.code, int):
            return (request.code or 0) & 0xFF
        print(request.code, file=sys.stderr)
        return 1
    except BaseException as error:
        start.conclude()
        error = error.with_traceback(_without_own_frames(error.__traceback__))
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        return 1
    return 0


def _without_own_frames(trace: TracebackType | None) -> TracebackType | None:
    """
    :param trace: of an error in the program
    :return: the same, from where Python would have started the program
    """
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def _finish(code: int) -> int:
    """
    Do what Python does at the end of a program.

    :param code: the exit code so far
    :return: the exit code
    """
    try:
        vars(threading)["_shutdown"]()
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = _FLUSH_FAILED
    return code
