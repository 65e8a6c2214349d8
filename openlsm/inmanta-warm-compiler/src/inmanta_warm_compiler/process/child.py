"""A compile in a child process, as the warm process sees it."""

import contextlib
import os
import select
import signal
import socket
from collections.abc import Sequence
from typing import NoReturn

from inmanta_warm_compiler.messages import LENGTH_SIZE, Message, encode, receive
from inmanta_warm_compiler.process import compilation, kernel
from inmanta_warm_compiler.process.compilation import READY, End
from inmanta_warm_compiler.process.project import Project


class Child:
    """
    A process for one compile. It starts the program as soon as it is made, as far as that is the same for each compile of the
    project, and then waits for the one that it is for.

    :param pid: its process id
    """

    def __init__(self, project: Project, connection: socket.socket) -> None:
        """
        :param project: what it compiles
        :param connection: to the server; when that goes away, the compile ends, and so does this process
        """
        self._connection = connection
        self._channel, other = socket.socketpair()
        self._is_ready = False
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._start(project, other, parent)
        other.close()
        self._process = os.pidfd_open(self.pid)

    def is_ready(self) -> bool:
        """Wait until it waits for its compile; false when it is gone instead."""
        if not self._is_ready:
            self._is_ready = self._channel.recv(len(READY)) == READY
        return self._is_ready and not select.select([self._process], [], [], 0)[0]

    def announce(self, announcement: Message) -> None:
        """
        Have it prepare for its compile, as far as there is time.

        :param announcement: of the compile
        """
        with contextlib.suppress(ConnectionError):
            self._channel.sendall(encode(announcement))

    def begin(self, request: Message, descriptors: Sequence[int]) -> None:
        """
        Have it do its compile, when it is ready.

        :param request: the compile
        :param descriptors: for its output and its errors, closed here
        """
        message = encode(request)
        # One that was killed in this moment is found when its end is.
        with contextlib.suppress(ConnectionError):
            socket.send_fds(self._channel, [message[:LENGTH_SIZE]], descriptors)
            self._channel.sendall(message[LENGTH_SIZE:])
        for descriptor in descriptors:
            os.close(descriptor)

    def end(self) -> End:
        """
        Wait until it says how it ended, for the kernel needs a while to take its process apart, or until that is gone.

        When the server goes away, it is ended, and so is this process.
        """
        poller = select.poll()
        for source in (self._connection, self._channel, self._process):
            poller.register(source, select.POLLIN)
        ready = {descriptor for descriptor, _ in poller.poll()}
        if self._connection.fileno() in ready:
            os.kill(self.pid, signal.SIGKILL)
            os._exit(0)
        if self._channel.fileno() in ready:
            with contextlib.suppress(EOFError):
                said, _ = receive(self._channel)
                return End(code=said["code"], refusal=said["refusal"], unfit=said["unfit"], written=said["written"])
        # Its status can be looked at until it is reaped.
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        assert found is not None
        return compilation.end(found.si_status if found.si_code == os.CLD_EXITED else -found.si_status)

    def reap(self) -> None:
        """Wait until its process is gone."""
        os.waitpid(self.pid, 0)
        os.close(self._process)
        self._channel.close()

    def _start(self, project: Project, channel: socket.socket, parent: int) -> NoReturn:
        """Be the child process."""
        try:
            kernel.die_with(parent)
            self._connection.close()
            self._channel.close()
            compilation.run(channel, project)
        except BaseException as error:
            compilation.leave(channel, compilation.end(1, refusal=f"it does not start ({error!r})"))
