"""The first user of an orchestrator that asks for tokens: people log in with a name and a password."""

import http
import http.client
import json
import secrets
import string
from dataclasses import dataclass

from inmanta_embedded.errors import EmbeddedError

NAME = "admin"

_LENGTH = 20
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_TIMEOUT = 30.0


@dataclass(frozen=True)
class Credentials:
    """What a user logs in with."""

    name: str
    password: str


def make(host: str, port: int, token: str) -> Credentials | None:
    """
    Make a user who may do everything, unless there is a user already.

    :param host: address of the API
    :param port: of the API
    :param token: opens the API
    :return: what the user logs in with, which nobody can look up later; None when there is a user already
    :raises EmbeddedError: when the server refuses
    """
    if _call(host, port, token, "GET", "/api/v2/user"):
        return None
    credentials = Credentials(NAME, new_password())
    _call(host, port, token, "POST", "/api/v2/user", {"username": credentials.name, "password": credentials.password})
    _call(host, port, token, "PATCH", "/api/v2/is_admin", {"username": credentials.name, "is_admin": True})
    return credentials


def new_password() -> str:
    """A random password that every release of the server takes: it has letters of both cases, and digits."""
    alphabet = "".join(_CLASSES)
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(_LENGTH))
        if all(set(password) & set(characters) for characters in _CLASSES):
            return password


def _call(host: str, port: int, token: str, method: str, path: str, body: object = None) -> object:
    """
    Call the API, and give the data of its answer.

    :raises EmbeddedError: when it refuses or does not answer
    """
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise EmbeddedError(f"The first user could not be made: the server did not answer ({error}).") from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise EmbeddedError(f"The first user could not be made: the server answered {answer.status} {content.decode()}")
    return json.loads(content).get("data") if content else None
