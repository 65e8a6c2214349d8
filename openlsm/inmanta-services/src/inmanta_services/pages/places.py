"""The addresses of the pages."""

import uuid
from dataclasses import dataclass
from urllib.parse import quote

LOGIN = "/login"
LOGOUT = "/logout"
ASSETS = "/assets"


@dataclass(frozen=True)
class Places:
    """
    The pages of an environment.

    :ivar environment: its id.
    """

    environment: uuid.UUID

    @property
    def overview(self) -> str:
        """What there is in the environment."""
        return f"/environment/{self.environment}"

    @property
    def orders(self) -> str:
        """The orders."""
        return f"{self.overview}/orders"

    @property
    def compiles(self) -> str:
        """The compiles."""
        return f"{self.overview}/compiles"

    def order(self, order: uuid.UUID) -> str:
        """:param order: id of an order."""
        return f"{self.orders}/{order}"

    def compile(self, compile_: uuid.UUID) -> str:
        """:param compile_: id of a compile."""
        return f"{self.compiles}/{compile_}"

    def service(self, service: str) -> str:
        """:param service: name of a service."""
        return f"{self.overview}/services/{quote(service, safe='')}"

    def inventory(self, service: str) -> str:
        """:param service: name of a service."""
        return f"{self.service(service)}/instances"

    def in_state(self, service: str, state: str) -> str:
        """
        The instances that are in a state.

        :param service: name of a service.
        :param state: name of the state.
        """
        return f"{self.inventory(service)}?state={quote(state, safe='')}"

    def creation(self, service: str) -> str:
        """:param service: name of a service."""
        return f"{self.service(service)}/create"

    def instance(self, service: str, instance: uuid.UUID) -> str:
        """
        An instance.

        :param service: name of its service.
        :param instance: its id.
        """
        return f"{self.inventory(service)}/{instance}"

    def update(self, service: str, instance: uuid.UUID) -> str:
        """
        The form to update an instance.

        :param service: name of its service.
        :param instance: its id.
        """
        return f"{self.instance(service, instance)}/update"
