"""Which environments a session sees, and how somebody gets a session."""

import uuid
from collections.abc import Callable

from inmanta.data.model import Environment, LoginReturn

from inmanta_services.client import Calls, Client, Environments
from inmanta_services.connection import Address, Connection
from inmanta_services.discovery import Target
from inmanta_services.errors import RefusedError, ServicesError
from inmanta_services.pages.sessions import Session, Sessions


class Access:
    """
    The way from the pages to an orchestrator.

    :ivar has_token: whether there is something that opens the orchestrator for those who bring a code.
    :ivar sessions: who is logged in.
    """

    def __init__(self, find: Callable[[], Target]) -> None:
        """
        :param find: finds the orchestrator, with what opens it and perhaps the only environment to show; again for each session
            that a code opens, as tokens expire.
        """
        target = find()
        self._find = find
        self._address: Address = target.address
        self._environment = target.environment
        self.has_token = target.token is not None
        self.sessions = Sessions()
        self._is_open: bool | None = None

    @property
    def url(self) -> str:
        """The url of the orchestrator."""
        return self._address.url

    async def session_of(self, key: str | None) -> Session | None:
        """
        The session of a browser.

        :param key: what its cookie holds.
        :return: None when it has to log in.
        """
        session = self.sessions.find(key)
        if session is None and await self.asks_for_tokens() is False:
            # Nothing is behind a lock: everybody may look.
            return Session("", None, 0.0)
        return session

    async def asks_for_tokens(self) -> bool | None:
        """Whether the orchestrator asks for tokens; None when it gives no answer."""
        if self._is_open is None:
            try:
                await Environments(Calls(self._address)).all()
            except RefusedError:
                self._is_open = False
            except ServicesError:
                return None
            else:
                self._is_open = True
        return not self._is_open

    def ask_again(self) -> None:
        """Find out anew whether the orchestrator asks for tokens: it may be another one by now."""
        self._is_open = None

    def log_in_by_code(self, code: str) -> Session | None:
        """
        Open a session for who brings a code.

        :param code: the code.
        :return: None when it is none, or was used already.
        :raises ServicesError: when nothing opens the orchestrator any more.
        """
        return self.sessions.open(self._find().token) if self.sessions.redeem(code) else None

    async def log_in(self, user: str, password: str) -> Session:
        """
        Open a session for a user of the orchestrator.

        :param user: the name.
        :param password: of the user.
        :raises ServicesError: when the orchestrator does not know them, or has no users.
        """
        answer = await Calls(self._address).call(LoginReturn, "login", username=user, password=password)
        return self.sessions.open(answer.token)

    async def log_in_by(self, token: str) -> Session:
        """
        Open a session for the bearer of a token.

        :param token: of the orchestrator.
        :raises ServicesError: when the orchestrator does not accept it.
        """
        await Environments(Calls(self._address, token)).all()
        return self.sessions.open(token)

    async def environments(self, session: Session) -> list[Environment]:
        """
        The environments to show.

        :param session: who wants to see them.
        """
        known = await Environments(Calls(self._address, session.token)).all()
        wanted = self._environment
        return [one for one in known if wanted in (None, one.name, str(one.id))]

    def client(self, session: Session, environment: uuid.UUID) -> Client:
        """
        A client for an environment.

        :param session: who wants to see it.
        :param environment: its id.
        """
        return Client(Connection(self._address, environment, session.token))
