"""The life of a warm process: load the project at the first request, and fork at each."""

import gc
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from inmanta_warm_compiler.messages import Answer, Message, encode, receive
from inmanta_warm_compiler.process import compilation, kernel
from inmanta_warm_compiler.process.project import Project, RefusedError


def run(descriptor: int, parent: int) -> NoReturn:
    """
    Serve compiles until the server goes away, or something changes.

    :param descriptor: of the connection to the server
    :param parent: process id of the server
    """
    kernel.die_with(parent)
    # Ctrl-C in the terminal of a server reaches all of its processes. It stops this one when it likes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    gc.disable()
    connection = socket.socket(fileno=descriptor)
    project: Project | None = None
    try:
        while True:
            request, (output, errors) = receive(connection, 2)
            if project is None:
                project = _load(connection, request)
            elif change := project.variables.change(request["environment"]) or project.watch.change():
                _say(connection, {"stale": change})
                break
            _compile(connection, project, request, output, errors)
    except (EOFError, OSError):
        # The server has no use for this process any more.
        pass
    os._exit(0)


def _load(connection: socket.socket, request: Message) -> Project:
    """
    Load the project, or tell why not, and end.

    :param connection: to the server
    :param request: the first compile
    """
    sys.argv[1:] = compilation.arguments(request)
    project = Project(sys.argv[1:])
    try:
        project.load()
    except RefusedError as refusal:
        _refuse(connection, project, str(refusal))
    return project


def _compile(connection: socket.socket, project: Project, request: Message, output: int, errors: int) -> None:
    """
    Run a compile in a fork, and say how it ended.

    :param connection: to the server
    :param project: what it compiles
    :param request: the compile
    :param output: descriptor for what it prints, closed here
    :param errors: descriptor for its errors, closed here
    """
    reason, verdict = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            kernel.die_with(parent)
            connection.close()
            os.close(reason)
            compilation.run(request, output, errors, project, verdict)
        except BaseException as error:
            os.write(verdict, f"it does not start ({error!r})".encode())
        finally:
            os._exit(1)
    for descriptor in (output, errors, verdict):
        os.close(descriptor)
    _say(connection, {"started": child})
    code = _wait(connection, child)
    why = _written(reason)
    os.close(reason)
    if why:
        _refuse(connection, project, why)
    _say(connection, {"exited": code})


def _wait(connection: socket.socket, child: int) -> int:
    """
    Wait until a compile ends, and end it and this process when the server goes away.

    :param connection: to the server
    :param child: process id of the compile
    :return: its exit code, as Python's subprocess gives it
    """
    end = os.pidfd_open(child)
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    poller.register(end, select.POLLIN)
    if connection.fileno() in dict(poller.poll()):
        os.kill(child, signal.SIGKILL)
        os._exit(0)
    os.close(end)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _written(pipe: int) -> str:
    """
    Read what is in a pipe, which some process may still have open for writing.

    :param pipe: descriptor of its other end
    """
    os.set_blocking(pipe, False)
    try:
        return os.read(pipe, select.PIPE_BUF).decode()
    except BlockingIOError:
        return ""


def _refuse(connection: socket.socket, project: Project, reason: str) -> NoReturn:
    """
    Say that the project has to compile cold, and end.

    :param connection: to the server
    :param project: the project
    :param reason: why
    """
    _say(connection, {"refused": reason, "watched": project.watch.to_json()})
    os._exit(0)


def _say(connection: socket.socket, answer: Answer) -> None:
    """
    :param connection: to the server
    :param answer: what to say
    """
    connection.sendall(encode(answer))
