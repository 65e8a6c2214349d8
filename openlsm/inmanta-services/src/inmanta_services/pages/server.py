"""The server of the pages."""

import json
import os
import socket
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from inmanta_services.discovery import Target
from inmanta_services.errors import ServicesError

# Nothing is stored by NiceGUI, but it looks for its files in the working directory otherwise.
os.environ.setdefault("NICEGUI_STORAGE_PATH", str(Path(tempfile.gettempdir()) / f"inmanta-services-pages-{os.getpid()}"))

import fastapi
import uvicorn
from nicegui import ui
from starlette.staticfiles import StaticFiles

from inmanta_services.pages import login, routes
from inmanta_services.pages.access import Access
from inmanta_services.pages.gate import Gate
from inmanta_services.pages.places import ASSETS, LOGIN

LOOPBACK = "127.0.0.1"
_GRACE = 2
"""Seconds that browsers get to end what they ask for when the server ends."""


@dataclass(frozen=True)
class Listening:
    """
    Where the pages are to be.

    :ivar host: the address to listen on.
    :ivar port: 0 for a free one.
    :ivar names: more names by which browsers may call this machine.
    """

    host: str = LOOPBACK
    port: int = 0
    names: Collection[str] = ()


def serve(find: Callable[[], Target], listening: Listening, ready: Callable[[str], None]) -> None:
    """
    Serve the pages until somebody ends this process.

    :param find: finds the orchestrator, with what opens it.
    :param listening: where the pages are to be.
    :param ready: is told the link to the pages as soon as they are there, and again when it was used and there is a new one.
    :raises ServicesError: when they cannot listen there.
    """
    access = Access(find)
    sock = _bind(listening)
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{'localhost' if host in ('0.0.0.0', '::') else shown}:{port}"
    cookie = f"inmanta-services-{port}"
    application = fastapi.FastAPI(openapi_url=None)
    application.router.routes.extend(login.routes(access, cookie))
    application.mount(ASSETS, StaticFiles(directory=Path(__file__).with_name("assets")))
    routes.register(access)
    ui.run_with(
        application,
        title="Services",
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
        favicon=Path(__file__).with_name("assets") / "icon.svg",
        reconnect_timeout=10.0,
    )
    gate = Gate(application, names=_names(listening), session_of=access.session_of, cookie=cookie)
    config = uvicorn.Config(gate, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=_GRACE)
    server = uvicorn.Server(config)

    def tell() -> None:
        ready(f"{base}{LOGIN}?code={access.sessions.new_code()}" if access.has_token else base)

    access.sessions.on_redeemed = tell
    tell()
    server.run(sockets=[sock])


def _names(listening: Listening) -> Collection[str] | None:
    """
    The names by which browsers may call this machine.

    :param listening: where the pages are; beyond this machine it may have any name.
    """
    is_loopback = listening.host in ("localhost", "::1") or listening.host.startswith("127.")
    return listening.names if is_loopback else None


def _bind(listening: Listening) -> socket.socket:
    """
    Listen.

    :param listening: where.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(listening.host, listening.port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(128)
    except OSError as error:
        raise ServicesError(
            f"The pages cannot listen on {listening.host}:{listening.port}: {error.strerror or error}. Give another --host or "
            "--port."
        ) from error
    return sock


def write_link(file: Path, link: str) -> None:
    """
    Tell the link in a file that only its owner can read.

    :param file: the file.
    :param link: the link.
    """
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump({"link": link}, stream)
    new.replace(file)
