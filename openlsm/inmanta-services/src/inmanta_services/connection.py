"""Where an orchestrator is, and what opens it."""

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from inmanta_services.errors import ServicesError

DEFAULT_PORT = 8888
"""The port of an inmanta server that was not told of another one."""

_URL = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@?#\[\]]+)(?::(?P<port>\d{1,5}))?/*")


@dataclass(frozen=True)
class Address:
    """
    Where an orchestrator listens.

    :ivar host: name or address of its machine.
    :ivar ssl: whether it speaks TLS.
    :ivar ca_certificates: file with the certificates that vouch for it, None for those that the machine trusts.
    """

    host: str
    port: int = DEFAULT_PORT
    ssl: bool = False
    ca_certificates: Path | None = None

    @property
    def url(self) -> str:
        """The url of its API, without a slash at the end."""
        return f"{'https' if self.ssl else 'http'}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, ca_certificates: Path | None = None) -> "Address":
        """
        Read an address as people write it.

        :param url: such as ``https://orchestrator.example:8888``; scheme and port may be left out.
        :param ca_certificates: file with the certificates that vouch for it.
        :raises ServicesError: when it is no address of an orchestrator.
        """
        match = _URL.fullmatch(url.strip())
        port = int(match["port"] or DEFAULT_PORT) if match else 0
        if match is None or not 0 < port < 65536:
            raise ServicesError(f"{url!r} is no address of an orchestrator: write http://HOST:PORT or https://HOST:PORT.")
        return cls(match["host"], port, match["scheme"] == "https", ca_certificates)


@dataclass(frozen=True)
class Connection:
    """
    One environment of an orchestrator, with what opens it.

    :ivar environment: id of the environment, which need not exist yet.
    :ivar token: to show with each call; None where the orchestrator asks for none.
    """

    address: Address
    environment: uuid.UUID
    token: str | None = field(default=None, repr=False)
