"""Tokens for the API of an orchestrator that asks for them."""

import base64
import math
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import jwt
from inmanta.config import LenientConfigParser
from inmanta.const import INMANTA_URN

from inmanta_embedded.errors import EmbeddedError

SECTION = "auth_jwt_default"
_ISSUER = "inmanta-embedded"
_ALGORITHM = "HS256"

LIFETIME = 24 * 3600.0
"""Seconds that a token is good for: longer than any test run, and than most people look at one."""

_SERVER_LIFETIME = 90 * 24 * 3600


def new_key() -> str:
    """A random key to sign tokens with, as the server's configuration file takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def server_options(key: str) -> dict[str, str]:
    """
    The options that make the server accept and give tokens.

    :param key: to sign with
    """
    return {
        "algorithm": _ALGORITHM,
        "sign": "true",
        "client-types": "agent,compiler,api",
        "key": key,
        # Of the tokens that the server makes: a scheduler shows its own again whenever it lost the connection.
        "expire": str(_SERVER_LIFETIME),
        "issuer": _ISSUER,
        "audience": _ISSUER,
    }


def saved_key(config: Path) -> str | None:
    """
    The key of an orchestrator that was started before.

    :param config: the server's configuration file
    :return: None when there is none
    """
    parser = LenientConfigParser(interpolation=None)
    parser.read(config)
    return parser.get(SECTION, "key", fallback=None)


def sign(config: Path, client_types: Sequence[str], environment: str | None, lifetime: float = LIFETIME) -> str:
    """
    A token that the server accepts for some time.

    :param config: the server's configuration file, which holds the key
    :param client_types: what its bearer may pass for: ``api``, ``compiler``, ``agent``.
    :param environment: id of the only environment that it opens, None for all
    :param lifetime: seconds after which it opens nothing any more
    :raises EmbeddedError: when the orchestrator was started without authentication
    """
    key = saved_key(config)
    if key is None:
        raise EmbeddedError("This orchestrator takes no tokens: start it with authentication.")
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": _ISSUER,
        "aud": [_ISSUER],
        "iat": now,
        "exp": now + math.ceil(lifetime),
        f"{INMANTA_URN}ct": ",".join(client_types),
    }
    if environment is not None:
        claims[f"{INMANTA_URN}env"] = environment
    return jwt.encode(claims, base64.urlsafe_b64decode(key), algorithm=_ALGORITHM)
