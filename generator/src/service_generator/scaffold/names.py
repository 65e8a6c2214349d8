"""Names that a module or a service can have."""

import keyword
import re
from dataclasses import dataclass

from service_generator.model.names import KEYWORDS, snake_case

LONGEST = 40
TAKEN = frozenset({"config", "core", "fs", "lsm", "mitogen", "std", "unittest"})
"""Modules that a project has already, and what a package of descriptions defines beside its module."""

_WORDS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*")


class BadNameError(ValueError):
    """A name that nothing can have; the message is a sentence with the remedy."""


@dataclass(frozen=True)
class ServiceName:
    """
    The name of a service.

    :param entity: as its class has it, ``L3Vpn``
    :param file: as its file and its namespace have it, ``l3_vpn``
    """

    entity: str
    file: str


def module_name(name: str) -> str:
    """
    Check the name of a module.

    :param name: the name
    :raises BadNameError: no module can have it
    """
    if not _WORDS.fullmatch(name) or len(name) > LONGEST:
        raise BadNameError(
            f"{shown(name)} cannot be the name of a module: use at most {LONGEST} small letters and digits, and _ between "
            "words, like my_company."
        )
    if _is_reserved(name) or name in TAKEN:
        raise BadNameError(f"{name} cannot be the name of a module, as it has a meaning already: choose another one.")
    return name


def service_name(name: str) -> ServiceName:
    """
    Read the name of a service, written as a class or as a file.

    :param name: the name, like ``L3Vpn`` or ``l3_vpn``
    :raises BadNameError: no service can have it
    """
    if len(name) <= LONGEST and _CAMEL.fullmatch(name):
        found = ServiceName(name, snake_case(name))
    elif len(name) <= LONGEST and _WORDS.fullmatch(name):
        found = ServiceName("".join(word.capitalize() for word in name.split("_")), name)
    else:
        raise BadNameError(
            f"{shown(name)} cannot be the name of a service: use at most {LONGEST} letters and digits, like VpnLink or "
            "vpn_link."
        )
    if _is_reserved(found.file) or keyword.iskeyword(found.entity) or found.entity == "Service":
        raise BadNameError(f"{name} cannot be the name of a service, as it has a meaning already: choose another one.")
    return found


def shown(name: str) -> str:
    """
    A name as a message can show it, whatever it holds.

    :param name: the name
    """
    return repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}...")


def _is_reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name in KEYWORDS
