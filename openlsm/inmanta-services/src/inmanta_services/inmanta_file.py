"""The file ``.inmanta``, in which inmanta keeps which orchestrator a folder belongs to, and the variables for the same."""

import configparser
from collections.abc import Mapping
from pathlib import Path

from inmanta.config import LenientConfigParser

from inmanta_services.connection import DEFAULT_PORT, Address
from inmanta_services.errors import ServicesError
from inmanta_services.source import Source

NAMES = (".inmanta.cfg", ".inmanta")
"""The names of the file, the one that takes precedence first, as for inmanta's own commands."""

_TRANSPORTS = ("cmdline_rest_transport", "client_rest_transport")
_TRANSPORT_OPTIONS = ("host", "port", "ssl", "ssl-ca-cert-file", "token")


def read(file: Path) -> Source:
    """
    What a file says.

    :param file: the file, which need not exist.
    :raises ServicesError: when it cannot be read.
    """
    parser = LenientConfigParser(interpolation=None)
    try:
        parser.read(file)
        return _source(parser, str(file))
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise ServicesError(f"The file {file} cannot be read: {reason}") from error


def from_variables(variables: Mapping[str, str]) -> Source:
    """
    What inmanta's variables for the options of that file say.

    :param variables: the environment variables.
    """
    parser = LenientConfigParser(interpolation=None)
    for section, names in [("config", ("environment",)), *((transport, _TRANSPORT_OPTIONS) for transport in _TRANSPORTS)]:
        for name in names:
            value = variables.get(f"INMANTA_{section}_{name}".replace("-", "_").upper())
            if value is not None:
                if not parser.has_section(section):
                    parser.add_section(section)
                parser.set(section, name, value)
    return _source(parser, "the variables INMANTA_..._REST_TRANSPORT_...")


def _source(parser: LenientConfigParser, origin: str) -> Source:
    """
    What options say.

    :param parser: the options.
    :param origin: where they come from, for messages.
    """
    environment = parser.get("config", "environment", fallback=None) or None
    for section in _TRANSPORTS:
        if not parser.has_section(section):
            continue
        try:
            port = parser.getint(section, "port", fallback=DEFAULT_PORT)
            ssl = parser.getboolean(section, "ssl", fallback=False)
        except ValueError as error:
            raise ServicesError(f"Section {section} of {origin} has a wrong port or ssl: {error}.") from error
        certificates = parser.get(section, "ssl-ca-cert-file", fallback=None)
        host = parser.get(section, "host", fallback="localhost")
        return Source(
            Address(host, port, ssl, Path(certificates) if certificates else None),
            environment,
            parser.get(section, "token", fallback=None) or None,
        )
    return Source(environment=environment)
