"""When a warm process looks for changes."""

import os
import socket
from collections.abc import Iterator

import pytest
from inmanta_warm_compiler.messages import LENGTH_SIZE, Announcement, Request, encode
from inmanta_warm_compiler.process.loop import next_request


class Connection:
    """A connection to a server, and what its announcements and requests lead to."""

    def __init__(self) -> None:
        self.server, self._process = socket.socketpair()
        self.done: list[str] = []

    def announce(self, compile_id: str) -> None:
        """Say that a compile has begun."""
        self.server.sendall(encode(Announcement(announced=compile_id)))

    def request(self, compile_id: str, *descriptors: int) -> None:
        """Ask for a compile."""
        message = encode(Request(compile=compile_id, command=[], folder="", environment={}))
        socket.send_fds(self.server, [message[:LENGTH_SIZE]], descriptors)
        self.server.sendall(message[LENGTH_SIZE:])

    def next(self) -> tuple[str, str | None, int]:
        """Do what the process does next: give the compile, what had changed, and the number of its descriptors."""
        message, descriptors, found = next_request(
            self._process, self._look, lambda announcement: self.done.append(f"prepares {announcement['announced']}")
        )
        for descriptor in descriptors:
            os.close(descriptor)
        return message["compile"], found, len(descriptors)

    def close(self) -> None:
        """Close both ends."""
        self.server.close()
        self._process.close()

    def _look(self) -> str | None:
        self.done.append("looks")
        looks = self.done.count("looks")
        return f"found by look {looks}"


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    yield connection
    connection.close()


def test_a_compile_that_is_announced_is_prepared_first_and_looked_for_once(connection: Connection) -> None:
    connection.announce("a")
    connection.request("a", 0, 1)

    assert connection.next() == ("a", "found by look 1", 2)
    assert connection.done == ["prepares a", "looks"]


def test_a_compile_that_was_not_announced_is_looked_for_when_it_is_requested(connection: Connection) -> None:
    connection.request("a", 0, 1)

    assert connection.next() == ("a", "found by look 1", 2)
    assert connection.done == ["looks"]


def test_what_was_seen_for_another_compile_does_not_count(connection: Connection) -> None:
    connection.announce("cancelled")
    connection.request("a", 0, 1)

    assert connection.next() == ("a", "found by look 2", 2)

    connection.announce("b")
    connection.announce("c")
    connection.request("c", 0, 1)

    assert connection.next() == ("c", "found by look 4", 2)


def test_what_was_announced_before_the_last_compile_does_not_count(connection: Connection) -> None:
    connection.announce("a")
    connection.request("a")
    connection.next()
    connection.request("a")

    assert connection.next() == ("a", "found by look 2", 0)


def test_it_ends_with_the_server(connection: Connection) -> None:
    connection.announce("a")
    connection.server.close()

    with pytest.raises(EOFError):
        connection.next()
