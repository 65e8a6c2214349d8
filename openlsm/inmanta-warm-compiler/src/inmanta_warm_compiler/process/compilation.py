"""A compile in a fork of the warm process: from there on it is as if the program had been started for it."""

import atexit
import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from types import ModuleType, TracebackType
from typing import NoReturn

from inmanta_warm_compiler.messages import Message
from inmanta_warm_compiler.process import environment
from inmanta_warm_compiler.process.project import PROGRAM, Project

_ARGUMENTS = 3
"""Where the arguments of the program begin in the command line: behind the Python, ``-m`` and its name."""

_FLUSH_FAILED = 120
"""The exit code of a Python that cannot write the rest of its output."""


def arguments(request: Message) -> list[str]:
    """
    :param request: a compile
    :return: the arguments of its program
    """
    return list(request["command"][_ARGUMENTS:])


def run(request: Message, output: int, errors: int, project: Project, verdict: int) -> NoReturn:
    """
    Run a compile, and end this process as the program would.

    :param request: the compile
    :param output: descriptor for what it prints
    :param errors: descriptor for its errors
    :param project: what it compiles
    :param verdict: descriptor to which is written why the compile cannot run in this process, if that is so
    """
    for descriptor, target in ((output, 1), (errors, 2)):
        os.dup2(descriptor, target)
        os.close(descriptor)
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["folder"])
    environment.become(request["environment"])
    # The program is found and run as Python itself does it for "-m", which sets the first argument.
    sys.orig_argv = list(request["command"])
    sys.argv = ["-m", *arguments(request)]
    sys.modules["__main__"] = ModuleType("__main__")

    def give_up(reason: str) -> NoReturn:
        os.write(verdict, reason.encode())
        os._exit(1)

    project.hand_over(give_up)
    _end(_exit_code())


def _exit_code() -> int:
    """Run the program, and tell the exit code that Python would end with."""
    try:
        vars(runpy)["_run_module_as_main"](PROGRAM)
    except SystemExit as request:
        if request.code is None or isinstance(request.code, int):
            return (request.code or 0) & 0xFF
        print(request.code, file=sys.stderr)
        return 1
    except BaseException as error:
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


def _end(code: int) -> NoReturn:
    """
    End this process as Python does, but leave it to the kernel to take its memory apart.

    :param code: the exit code
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
    os._exit(code)
