"""Somebody's look at a page of an environment."""

from dataclasses import dataclass

from inmanta_services.client import Client
from inmanta_services.pages.places import Places
from inmanta_services.pages.sessions import Session


@dataclass(frozen=True)
class Visit:
    """
    Somebody's look at a page of an environment.

    :ivar session: who looks.
    :ivar client: of the environment.
    :ivar environment: its name.
    :ivar places: its pages.
    """

    session: Session
    client: Client
    environment: str
    places: Places

    @property
    def logged_in(self) -> bool:
        """Whether he logged in, and can log out."""
        return bool(self.session.key)
