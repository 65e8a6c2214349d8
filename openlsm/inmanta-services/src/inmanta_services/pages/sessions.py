"""Who is logged in. All of it is in memory: it ends with the process, and no token gets into a file or a cookie."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LIFETIME = 12 * 3600.0
"""Seconds after the last look at a page, after which a session is over."""


@dataclass
class Session:
    """
    A browser that may look.

    :ivar key: what the browser shows to be known.
    :ivar token: what opens the orchestrator; None where it asks for none.
    :ivar used: when the browser last asked for something, by the clock that :class:`Sessions` was given.
    :ivar closed: whether it is over.
    """

    key: str = field(repr=False)
    token: str | None = field(repr=False)
    used: float
    closed: bool = False


class Sessions:
    """
    The sessions of a process, and the codes that open one each.

    :ivar on_redeemed: is called when a code was used.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """:param clock: gives seconds."""
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._code: str | None = None
        self.on_redeemed: Callable[[], None] = lambda: None

    def new_code(self) -> str:
        """A code that opens one session; the one before is void."""
        self._code = secrets.token_urlsafe(24)
        return self._code

    def redeem(self, code: str) -> bool:
        """
        Use a code, once.

        :param code: what somebody shows.
        :return: whether it is, and was not used before.
        """
        if self._code is None or not secrets.compare_digest(code.encode(), self._code.encode()):
            return False
        self._code = None
        self.on_redeemed()
        return True

    def open(self, token: str | None) -> Session:
        """
        Open a session.

        :param token: what it may show to the orchestrator.
        """
        self._forget()
        session = Session(secrets.token_urlsafe(32), token, self._clock())
        self._sessions[session.key] = session
        return session

    def find(self, key: str | None) -> Session | None:
        """
        The session of a browser.

        :param key: what the browser shows.
        :return: None when there is none, or it is over.
        """
        self._forget()
        session = self._sessions.get(key or "")
        if session is not None:
            session.used = self._clock()
        return session

    def close(self, session: Session) -> None:
        """
        End a session.

        :param session: the session.
        """
        session.closed = True
        self._sessions.pop(session.key, None)

    def _forget(self) -> None:
        """End the sessions that nobody uses."""
        limit = self._clock() - LIFETIME
        for session in [session for session in self._sessions.values() if session.used < limit]:
            self.close(session)
