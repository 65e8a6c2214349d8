"""An environment in which a test works."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inmanta_lsm.model import ServiceInstance
from inmanta_services import Client, Connection
from inmanta_services.attributes.members import base_of
from inmanta_services.lookup import find


@dataclass(frozen=True)
class World:
    """
    An environment in which a test works.

    :ivar connection: to the environment.
    :ivar folder: of the embedded orchestrator.
    :ivar project: where the orchestrator expects the project of the environment.
    """

    connection: Connection
    folder: Path
    project: Path

    def ask[T](self, question: Callable[[Client], Awaitable[T]]) -> T:
        """
        Ask the orchestrator something, past the command that is tested.

        :param question: what to ask the client.
        """

        async def ask() -> T:
            return await question(Client(self.connection))

        return asyncio.run(ask())

    def instance(self, name: str) -> ServiceInstance:
        """
        An instance.

        :param name: its service and identity.
        """
        return self.ask(lambda client: find(client, name))

    def attributes(self, name: str) -> dict[str, Any]:
        """
        What an instance has.

        :param name: its service and identity.
        """
        return base_of(self.instance(name))

    def create(self, service: str, **attributes: Any) -> ServiceInstance:
        """
        Create an instance.

        :param service: its service.
        :param attributes: what it has.
        """
        return self.ask(lambda client: client.inventory.create(service, attributes))

    def names(self, *services: str) -> set[str]:
        """
        The identities of all instances.

        :param services: of these services.
        """

        async def read(client: Client) -> set[str]:
            return {
                f"{name}/{instance.service_identity_attribute_value or instance.id}"
                for name in services
                async for instance in client.inventory.all(name)
            }

        return self.ask(read)
