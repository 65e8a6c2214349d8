"""Tokens for the API of an orchestrator that asks for them."""

import base64
import secrets
from collections.abc import Sequence
from pathlib import Path

import jwt
from inmanta.config import LenientConfigParser
from inmanta.const import INMANTA_URN

from inmanta_embedded.errors import EmbeddedError

SECTION = "auth_jwt_default"
_ISSUER = "inmanta-embedded"
_ALGORITHM = "HS256"


def new_key() -> str:
    """A random key to sign tokens with, as the server's configuration file takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def server_options(key: str) -> dict[str, str]:
    """
    The options that make the server accept and give tokens.

    :param key: to sign with.
    """
    return {
        "algorithm": _ALGORITHM,
        "sign": "true",
        "client-types": "agent,compiler,api",
        "key": key,
        "expire": "0",
        "issuer": _ISSUER,
        "audience": _ISSUER,
    }


def saved_key(config: Path) -> str | None:
    """
    The key of an orchestrator that was started before.

    :param config: the server's configuration file.
    :return: None when there is none.
    """
    parser = LenientConfigParser(interpolation=None)
    parser.read(config)
    return parser.get(SECTION, "key", fallback=None)


def sign(config: Path, client_types: Sequence[str], environment: str | None) -> str:
    """
    A token that the server accepts.

    :param config: the server's configuration file, which holds the key.
    :param client_types: what its bearer may pass for: ``api``, ``compiler``, ``agent``.
    :param environment: id of the only environment that it opens, None for all.
    :raises EmbeddedError: when the orchestrator was started without authentication.
    """
    key = saved_key(config)
    if key is None:
        raise EmbeddedError("This orchestrator takes no tokens: start it with authentication.")
    claims: dict[str, object] = {"iss": _ISSUER, "aud": [_ISSUER], f"{INMANTA_URN}ct": ",".join(client_types)}
    if environment is not None:
        claims[f"{INMANTA_URN}env"] = environment
    return jwt.encode(claims, base64.urlsafe_b64decode(key), algorithm=_ALGORITHM)
