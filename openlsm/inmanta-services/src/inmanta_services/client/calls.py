"""Calls of the API of an orchestrator, through the protocol client of inmanta-core."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

import inmanta_lsm.methods  # noqa: F401 it adds the methods of LSM to the client
import jwt
import pydantic
from inmanta.config import Config, TransportConfig
from inmanta.const import INMANTA_URN
from inmanta.protocol import Client
from inmanta.protocol.common import Result

from inmanta_services.client.paging import Page, page
from inmanta_services.connection import Address
from inmanta_services.errors import UnavailableError, refusal


class Calls:
    """
    What an orchestrator is called through. It belongs to the event loop in which it was made.

    :ivar address: where the orchestrator listens.
    :ivar scope: id of the only environment that the token opens, None when it opens all, or there is no token.
    """

    def __init__(self, address: Address, token: str | None = None) -> None:
        """
        :param address: where the orchestrator listens.
        :param token: to show with each call.
        """
        self.address = address
        self.scope = _scope(token)
        self._options = _options(address, token)
        # The protocol client reads its options from the configuration of the process, in a section that has its name. Each
        # connection has a section of its own, which no variable and no other client changes.
        self._name = f"services-{_digest(self._options)}"
        self._section = TransportConfig(self._name).prefix
        self._configure()
        self._client = Client(self._name)

    async def call[T](self, returned: type[T], method: str, /, **arguments: Any) -> T:
        """
        Call a method.

        :param returned: what it returns.
        :param method: its name.
        :param arguments: its arguments; those that are None are left out.
        :raises RefusedError: when the orchestrator refuses.
        :raises UnavailableError: when it gives no answer, or none that makes sense.
        """
        return self._read(returned, method, (await self._answer(method, arguments)).get("data"))

    async def page[T](self, item: type[T], method: str, /, **arguments: Any) -> Page[T]:
        """
        Call a method that returns a page of a list.

        :param item: what the list holds.
        :param method: its name.
        :param arguments: its arguments; those that are None are left out.
        :raises RefusedError: when the orchestrator refuses.
        :raises UnavailableError: when it gives no answer, or none that makes sense.
        """
        answer = await self._answer(method, arguments)
        # Subscripting with a variable makes a type that pydantic knows and the type checker does not.
        items: list[T] = self._read(list[item], method, answer.get("data"))  # type: ignore[valid-type]
        return page(items, answer.get("links") or {}, answer.get("metadata") or {})

    async def _answer(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """
        The answer to a call, which is a success.

        :param method: the name of the method.
        :param arguments: its arguments.
        """
        self._configure()
        given = {name: value for name, value in arguments.items() if value is not None}
        result: Result[Any] = await getattr(self._client, method)(**given)
        answer: object = result.result
        if result.code >= 500:
            raise UnavailableError(
                f"The orchestrator at {self.address.url} gives no answer to {method}: {_message(answer, result)}"
            )
        if result.code >= 400:
            raise refusal(result.code, _message(answer, result))
        if not isinstance(answer, dict | None):
            raise UnavailableError(f"What answers at {self.address.url} is no orchestrator: it sends something else than JSON.")
        return answer or {}

    def _read[T](self, returned: type[T], method: str, data: object) -> T:
        """
        What an answer holds.

        :param returned: its type.
        :param method: the name of the method.
        :param data: as it came.
        """
        try:
            return pydantic.TypeAdapter(returned).validate_python(data)
        except pydantic.ValidationError as error:
            raise UnavailableError(
                f"The orchestrator at {self.address.url} answers {method} with something unexpected, it may be of another "
                f"generation: {error.errors()[0]['msg']}"
            ) from error

    def _configure(self) -> None:
        """Put the options where the protocol client looks for them, again when the configuration was read anew."""
        if Config.is_set(self._section, "host"):
            return
        for name, value in self._options.items():
            Config.set(self._section, name, value)


class EnvironmentCalls:
    """
    The calls that concern one environment.

    :ivar whole: the calls of the orchestrator, for those that take the environment in another way.
    :ivar environment: id of the environment.
    """

    def __init__(self, calls: Calls, environment: uuid.UUID) -> None:
        self.whole = calls
        self.environment = environment

    async def call[T](self, returned: type[T], method: str, /, **arguments: Any) -> T:
        """As :meth:`Calls.call`, with the environment added to the arguments."""
        return await self.whole.call(returned, method, tid=self.environment, **arguments)

    async def page[T](self, item: type[T], method: str, /, **arguments: Any) -> Page[T]:
        """As :meth:`Calls.page`, with the environment added to the arguments."""
        return await self.whole.page(item, method, tid=self.environment, **arguments)


def _options(address: Address, token: str | None) -> dict[str, str]:
    """
    A connection as options of the protocol client.

    :param address: where the orchestrator listens.
    :param token: to show with each call.
    """
    options = {"host": address.host, "port": str(address.port), "ssl": str(address.ssl).lower()}
    if address.ca_certificates is not None:
        options["ssl_ca_cert_file"] = str(address.ca_certificates)
    if token is not None:
        options["token"] = token
    return options


def _scope(token: str | None) -> uuid.UUID | None:
    """
    The environment that a token is made for. Whether the token is good is for the orchestrator to say.

    :param token: as the orchestrator takes it.
    """
    if token is None:
        return None
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return uuid.UUID(claims[f"{INMANTA_URN}env"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _digest(options: Mapping[str, str]) -> str:
    """
    A name for options, the same for the same ones.

    :param options: the options.
    """
    text = "\0".join(f"{name}={value}" for name, value in sorted(options.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _message(answer: object, result: Result[Any]) -> str:
    """
    Why a call failed.

    :param answer: what came back.
    :param result: the same, with its code.
    """
    if isinstance(answer, dict) and answer.get("message"):
        return str(answer["message"])
    return f"status {result.code}, without a reason"
