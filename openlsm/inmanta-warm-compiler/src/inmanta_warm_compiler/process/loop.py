"""The life of a warm process: load the project at the first request, and have a child process for each."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from inmanta_warm_compiler.messages import Answer, Message, encode, receive
from inmanta_warm_compiler.process import compilation, kernel
from inmanta_warm_compiler.process.child import Child
from inmanta_warm_compiler.process.compilation import End
from inmanta_warm_compiler.process.memory import Memory
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
    memory = Memory()
    try:
        request, descriptors = receive(connection, 2)
        project = _load(connection, request)
        child = Child(project, connection)
        while True:
            if not child.is_ready():
                child.reap()
                child = Child(project, connection)
            child.begin(request, descriptors)
            _say(connection, {"started": child.pid})
            end = child.end()
            project.take_note(end["written"])
            _conclude(connection, project, end)
            child.reap()
            # It starts before it is needed, while the server has other work.
            child = Child(project, connection)
            _say(connection, {"memory": memory.held(child)})
            request, descriptors, change = next_request(connection, project.watch.change, child.announce)
            if change := project.difference(request) or change:
                _say(connection, {"stale": change})
                break
    except (EOFError, OSError):
        # The server has no use for this process any more.
        pass
    os._exit(0)


def next_request(
    connection: socket.socket, look: Callable[[], str | None], prepare: Callable[[Message], None]
) -> tuple[Message, Sequence[int], str | None]:
    """
    Wait for the next compile, and look for changes when it begins, which is when it is announced, or else when it is requested.

    :param connection: to the server
    :param look: finds the first change
    :param prepare: is told of an announcement first
    :return: the request, the descriptors that came with it, and what was found
    :raises EOFError: when the server is gone
    """
    announced, found = None, None
    while True:
        message, descriptors = receive(connection, 2)
        if "announced" not in message:
            return message, descriptors, found if message["compile"] == announced else look()
        prepare(message)
        announced, found = message["announced"], look()


def _load(connection: socket.socket, request: Message) -> Project:
    """
    Load the project, or tell why not, and end.

    :param connection: to the server
    :param request: the first compile
    """
    sys.argv[1:] = compilation.arguments(request)
    project = Project(sys.argv[1:], request["folder"])
    try:
        project.load()
    except RefusedError as refusal:
        _refuse(connection, project, str(refusal))
    return project


def _conclude(connection: socket.socket, project: Project, end: End) -> None:
    """
    Say how a compile ended, and end this process too when it cannot be used any more.

    :param connection: to the server
    :param project: what was compiled
    :param end: of the compile
    """
    if end["unfit"] is not None:
        # The last words of this process: the server runs the compile cold, and has a new process for the next one.
        print(end["unfit"], file=sys.stderr, flush=True)
        os._exit(1)
    if end["refusal"] is not None:
        _refuse(connection, project, end["refusal"])
    _say(connection, {"exited": end["code"]})


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
