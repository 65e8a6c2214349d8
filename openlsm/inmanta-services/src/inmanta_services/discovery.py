"""
Which orchestrator is meant: what options, variables, the file ``.inmanta`` and an embedded orchestrator in the working
directory say, in that order.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inmanta.data.model import Environment

from inmanta_services import embedded, inmanta_file
from inmanta_services.client import Calls, Client, Environments
from inmanta_services.connection import Address, Connection
from inmanta_services.errors import ServicesError
from inmanta_services.source import Source

URL = "INMANTA_SERVICES_URL"
ENVIRONMENT = "INMANTA_SERVICES_ENVIRONMENT"
TOKEN = "INMANTA_SERVICES_TOKEN"
CA_CERTIFICATES = "INMANTA_SERVICES_CA_CERTIFICATES"


@dataclass(frozen=True)
class Options:
    """
    What somebody says explicitly; None where nothing is said.

    :ivar environment: id or name.
    :ivar embedded: folder of an embedded orchestrator, in place of an address.
    """

    url: str | None = None
    ca_certificates: Path | None = None
    embedded: Path | None = None
    environment: str | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Target:
    """
    The orchestrator that is meant.

    :ivar environment: id or name, None when nothing names one.
    """

    address: Address
    environment: str | None = None
    token: str | None = field(default=None, repr=False)


def discover(options: Options, variables: Mapping[str, str], folder: Path) -> Target:
    """
    Find out which orchestrator is meant.

    :param options: what is said explicitly.
    :param variables: the environment variables.
    :param folder: the working directory.
    :raises ServicesError: when nothing names one, or what does is wrong.
    """
    return settle(_sources(options, variables, folder))


def settle(sources: Iterable[Source | Callable[[], Source]]) -> Target:
    """
    Take address, environment and token from where each is named first.

    A token is good for the orchestrator that it is named with, and must not be shown to another: one that is named later than
    the address is left alone.

    :param sources: those that take precedence first; one that names nothing but an address as what finds it out, which is
        not asked when the address is known.
    :raises ServicesError: when none of them names an address.
    """
    address: Address | None = None
    environment: str | None = None
    token: str | None = None
    for found in sources:
        if callable(found) and address is not None:
            continue
        source = found() if callable(found) else found
        environment = environment or source.environment
        if address is None:
            token = token or source.token
            address = source.address
        if address is not None and environment is not None:
            break
    if address is None:
        raise ServicesError(
            f"There is no orchestrator to speak to: name one by --url or {URL}, in a file .inmanta, or start an embedded one "
            "in this directory (inmanta-embedded start)."
        )
    return Target(address, environment, token)


async def connect(target: Target) -> Client:
    """
    A client for the orchestrator that is meant. Where nothing names an environment, it is the only one that there is.

    :param target: what is meant.
    :raises ServicesError: when the environment does not exist, or cannot be told among several.
    """
    environment = _as_id(target.environment)
    if environment is None:
        known = await Environments(Calls(target.address, target.token)).all()
        environment = choose(target.environment, known)
    return Client(Connection(target.address, environment, target.token))


def choose(name: str | None, known: Sequence[Environment]) -> uuid.UUID:
    """
    The id of the environment that is meant.

    :param name: its name, None for the only one that there is.
    :param known: the environments of the orchestrator.
    :raises ServicesError: when there is none, or more than one.
    """
    fitting = [environment for environment in known if name in (None, environment.name)]
    if len(fitting) == 1:
        return fitting[0].id
    if not known:
        raise ServicesError("The orchestrator has no environment yet: create one, for example by inmanta-cli.")
    wish = "Which environment is meant" if name is None else f"Which environment is meant by {name!r}"
    choice = ", ".join(f"{environment.name} ({environment.id})" for environment in known)
    raise ServicesError(f"{wish} is not clear: give --environment the name or the id of one of {choice}.")


def _as_id(name: str | None) -> uuid.UUID | None:
    """
    The id that a text is.

    :param name: the text.
    :return: None when it is none.
    """
    try:
        return uuid.UUID(name) if name is not None else None
    except ValueError:
        return None


def _sources(options: Options, variables: Mapping[str, str], folder: Path) -> Iterator[Source | Callable[[], Source]]:
    """
    Everything that may name an orchestrator, what takes precedence first.

    :param options: what is said explicitly.
    :param variables: the environment variables.
    :param folder: the working directory.
    """
    yield _said(options, folder)
    yield _said(
        Options(
            url=variables.get(URL) or None,
            ca_certificates=Path(variables[CA_CERTIFICATES]) if variables.get(CA_CERTIFICATES) else None,
            environment=variables.get(ENVIRONMENT) or None,
            token=variables.get(TOKEN) or None,
        ),
        folder,
    )
    yield inmanta_file.from_variables(variables)
    if variables.get(embedded.VARIABLE):
        yield lambda: embedded.running(folder / variables[embedded.VARIABLE])
    for name in inmanta_file.NAMES:
        yield inmanta_file.read(folder / name)
    yield lambda: embedded.in_directory(folder)


def _said(options: Options, folder: Path) -> Source:
    """
    What is said explicitly, as a source.

    :param options: what is said.
    :param folder: the working directory.
    """
    if options.embedded is not None:
        if options.url is not None:
            raise ServicesError("An address and an embedded orchestrator are two orchestrators: name one of them.")
        found = embedded.running(folder / options.embedded)
        return Source(found.address, options.environment, options.token or found.token)
    address = None if options.url is None else Address.parse(options.url, options.ca_certificates)
    return Source(address, options.environment, options.token)
