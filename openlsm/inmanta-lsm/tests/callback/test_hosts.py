"""What a receiver of callbacks gets from the server, and what it does not."""

import asyncio
import ipaddress
import logging
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil
import pytest
from inmanta_lsm.callback.hosts import CheckedResolver, ForbiddenHostError, HostRules
from inmanta_lsm.callback.log_file import CALLBACK_LOGGER
from inmanta_lsm.callback.options import ALLOWED_HOSTS
from inmanta_lsm.callback.slice import CallbackSlice
from inmanta_lsm.const import SLICE_CALLBACK
from inmanta_lsm.protocol.masking import masked_url

from ..helpers.service_lab import ServiceLab, eventually
from ..helpers.shared_server import SharedServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

THIS_MACHINE = [
    "127.0.0.1",
    "127.8.9.1",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "[::1]",
    "0.0.0.0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
]
THE_LINK = ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.1.1]", "2852039166", "224.0.0.1", "[ff02::1]"]
ELSEWHERE = ["example.com", "10.1.2.3", "192.0.2.7", "[2001:db8::1]", "localhost.example.com", "host"]


@pytest.mark.parametrize("host", [*THIS_MACHINE, *THE_LINK])
async def test_a_callback_to_this_machine_or_its_link_is_refused(
    lab: ServiceLab, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(ALLOWED_HOSTS, "get", list)

    message = await lab.call(
        "lsm_callback_create", code=400, callback_url=f"http://u:secret@{host}:80/x", service_entity=lab.entity.name
    )

    assert "callbacks may not reach" in message
    assert "allowed-hosts" in message
    assert "secret" not in message
    assert await lab.call("lsm_callback_list") == []


@pytest.mark.parametrize("host", ELSEWHERE)
async def test_a_callback_to_another_host_is_accepted(lab: ServiceLab, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(ALLOWED_HOSTS, "get", list)

    await lab.call("lsm_callback_create", callback_url=f"https://{host}/", service_entity=lab.entity.name)


async def test_a_name_is_checked_again_when_it_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int, **options: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", port)),
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)

    with pytest.raises(ForbiddenHostError, match=r"'rebound.example.com', ::1 is this machine"):
        await CheckedResolver(rules=HostRules()).resolve("rebound.example.com", 80)
    assert len(await CheckedResolver(rules=HostRules.of(["*.example.com"])).resolve("rebound.example.com", 80)) == 2


@pytest.mark.parametrize(
    ("entries", "host", "address", "allowed"),
    [
        ([], "a", "192.0.2.7", True),
        ([], "a", "127.0.0.1", False),
        (["127.0.0.1"], "a", "127.0.0.1", True),
        (["127.0.0.1"], "a", "::ffff:127.0.0.1", True),
        (["127.0.0.1"], "a", "127.0.0.2", False),
        (["127.0.0.0/8", "::1"], "a", "::1", True),
        (["10.0.0.0/8"], "a", "192.0.2.7", False),
        (["hooks.example.com"], "HOOKS.example.com.", "127.0.0.1", True),
        (["*.example.com"], "a.example.com", "10.0.0.1", True),
        (["*.example.com"], "example.com.evil.org", "10.0.0.1", False),
        (["*"], "a", "127.0.0.1", True),
    ],
)
async def test_the_configuration_names_the_hosts(entries: list[str], host: str, address: str, allowed: bool) -> None:
    rules = HostRules.of(entries)

    if allowed:
        rules.check(host, ipaddress.ip_address(address))
        rules.check_name(host)
    else:
        with pytest.raises(ForbiddenHostError):
            rules.check(host, ipaddress.ip_address(address))


async def test_a_network_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match=r"'10.0.0.0/33' is no network, write it like 10.0.0.0/8"):
        HostRules.of(["a.example.com", "10.0.0.0/33"])


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("http://host/path", "http://host/path"),
        ("https://user:secret@host:8080/a?b=c", "https://***@host:8080/a?b=c"),
        ("https://secret@host/", "https://***@host/"),
        ("https://u:se@cret@host/", "https://***@host/"),
        ("https://host/?a=1&access_token=secret&b=%20", "https://host/?a=1&access_token=***&b=%20"),
        ("https://host/?API-Key=secret#id_token=secret", "https://host/?API-Key=***#id_token=***"),
        ("https://host/?X-Amz-Signature=secret", "https://host/?X-Amz-Signature=***"),
        ("http://[::1/secret", "***"),
    ],
)
async def test_secrets_in_a_url_are_masked(url: str, masked: str) -> None:
    assert masked_url(url) == masked


@dataclass
class Wire:
    """
    A receiver that answers whatever it wants.

    :param port: where it listens
    :param requests: what arrived
    """

    port: int = 0
    requests: list[bytes] = field(default_factory=list)


type Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[Wire]:
    """Run a receiver with a certain answer."""
    wire = Wire()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            wire.requests.append(head + await reader.readexactly(length))
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield wire


async def told(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until the callbacks log something."""

    async def is_told() -> bool:
        return any(text in record.getMessage() for record in caplog.records if record.name == CALLBACK_LOGGER)

    await eventually(is_told, f"a line with {text!r}")


@pytest.fixture
def once(server: SharedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no event sent again."""
    part = server.restserver.get_slice(SLICE_CALLBACK)
    assert isinstance(part, CallbackSlice)
    options = part.delivery._options
    monkeypatch.setattr(part.delivery, "_options", type(options)(options.request_timeout, 0, 0))


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(lab: ServiceLab, caplog: pytest.LogCaptureFixture, status: int) -> None:
    async def nothing(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with answering(nothing) as target:

        async def redirect(writer: asyncio.StreamWriter) -> None:
            location = f"http://127.0.0.1:{target.port}/".encode()
            writer.write(b"HTTP/1.1 %d x\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location))

        async with answering(redirect) as first:
            url = f"http://user:hidden@127.0.0.1:{first.port}/?token=hidden"
            with caplog.at_level(logging.INFO, CALLBACK_LOGGER):
                await lab.call(
                    "lsm_callback_create",
                    callback_url=url,
                    service_entity=lab.entity.name,
                    event_types=["CREATE_TRANSITION"],
                )
                await lab.create("a")
                await told(caplog, "is given up")
            listed = await lab.call("lsm_callback_list")

    assert target.requests == []
    # The receiver still gets what it lets the server in with.
    assert b"Authorization: Basic" in first.requests[0]
    assert b"token=hidden" in first.requests[0]
    assert "hidden" not in caplog.text
    assert [callback["url"] for callback in listed] == [f"http://***@127.0.0.1:{first.port}/?token=***"]


async def _large(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n")
    for _ in range(99):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


async def _endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def _endless_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Header: " + b"x" * 10_000 + b"\r\n")
        await writer.drain()


async def _until_closed(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 100_000)
        await writer.drain()


async def _compressed(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"\0" * 0x1000 + b"\r\n")
        await writer.drain()


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("answer", [_large, _endless_body, _endless_head, _until_closed, _compressed])
async def test_a_long_answer_is_not_read(lab: ServiceLab, caplog: pytest.LogCaptureFixture, answer: Answer) -> None:
    process = psutil.Process()
    async with answering(answer) as wire:
        with caplog.at_level(logging.INFO, CALLBACK_LOGGER):
            await lab.call(
                "lsm_callback_create",
                callback_url=f"http://127.0.0.1:{wire.port}/",
                service_entity=lab.entity.name,
                callback_id=uuid.uuid4(),
                event_types=["CREATE_TRANSITION"],
            )
            before = process.memory_info().rss
            await lab.create("a")
            await told(caplog, "is given up")

    assert process.memory_info().rss - before < 50_000_000
