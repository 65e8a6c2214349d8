"""
The hosts that callbacks may reach.

Whoever may add a callback has the server send requests, from where the server is. What listens on the server's own machine, or
answers on a link-local address as the metadata services of clouds do, trusts that nobody from outside can do that.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, override

from tornado.netutil import Resolver

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IPv6 addresses in which a gateway finds an IPv4 address (RFC 6052).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class ForbiddenHostError(Exception):
    """A host is not one that callbacks may reach. The text says which one, and what allows it."""


@dataclass(frozen=True, slots=True)
class HostRules:
    """
    Which hosts callbacks may reach.

    :param names: the names, in which ``*`` stands for any characters, and the addresses as they are written
    :param networks: the networks. Without names and networks, everything but loopback and link-local addresses is allowed.
    """

    names: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Sequence[str]) -> "HostRules":
        """
        Read the rules from the configuration.

        :param entries: names such as ``*.example.com``, addresses and networks such as ``10.0.0.0/8``
        :raises ValueError: A network has no valid address.
        """
        names, networks = [], []
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                if "/" in entry:
                    raise ValueError(f"{entry!r} is no network, write it like 10.0.0.0/8") from None
                names.append(entry.lower().rstrip("."))
        return cls(tuple(names), tuple(networks))

    def check_name(self, host: str) -> None:
        """
        Refuse a host that can be told to be forbidden without looking it up.

        :param host: its name or address, as in a url
        :raises ForbiddenHostError: It may not be reached.
        """
        name = host.lower().rstrip(".")
        if self._is_named(name):
            return
        address = literal_address(name)
        if address is not None:
            self.check(host, address)
        elif not (self.names or self.networks) and (name == "localhost" or name.endswith(".localhost")):
            raise _forbidden(host, "this machine")
        elif self.names and not self.networks:
            raise _forbidden(host, "not one of the allowed hosts")

    def check(self, host: str, address: Address) -> None:
        """
        Refuse an address that a host has.

        :param host: the name or address in the url
        :param address: the address that a connection would go to
        :raises ForbiddenHostError: It may not be reached.
        """
        if self._is_named(host.lower().rstrip(".")):
            return
        reached = embedded_address(address)
        if self.names or self.networks:
            if not any(reached in network for network in self.networks if network.version == reached.version):
                raise _forbidden(host, f"{reached} is in none of the allowed networks")
        elif reached.is_loopback or reached.is_unspecified:
            raise _forbidden(host, f"{reached} is this machine")
        elif reached.is_link_local or reached.is_multicast:
            raise _forbidden(host, f"{reached} is an address of the link only")

    def _is_named(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.names)


class CheckedResolver(Resolver):
    """
    Looks hosts up, and gives only addresses that callbacks may reach: what a name stands for can change after it was checked.

    :param rules: which hosts these are
    """

    @override
    def initialize(self, rules: HostRules) -> None:
        self._rules = rules

    @override
    async def resolve(self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[tuple[int, Any]]:
        """
        Look a host up.

        :param host: the name or address in the url
        :param port: the port, for the result
        :param family: the kind of addresses that is wanted
        :return: the family and the socket address of each address
        :raises ForbiddenHostError: It may not be reached.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._rules.check(host, ipaddress.ip_address(str(address[0])))
        return [(kind, address) for kind, *_, address in found]


def literal_address(host: str) -> Address | None:
    """
    The address that a host is written as, None for a name.

    :param host: the host in a url, without brackets. Numbers such as ``0x7f.1`` are addresses, too.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def embedded_address(address: Address) -> Address:
    """
    The IPv4 address that an IPv6 address stands for, or the address itself.

    :param address: the address
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = None if address.teredo is None else address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _forbidden(host: str, reason: str) -> ForbiddenHostError:
    return ForbiddenHostError(
        f"callbacks may not reach {host!r}, {reason}: the option allowed-hosts of the section lsm.callback names the hosts that"
        " they may reach"
    )
