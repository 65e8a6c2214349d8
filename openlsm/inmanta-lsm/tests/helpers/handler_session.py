"""The session that the process of a handler has with the server: inmanta-core 18 asks for one, from 19 on there is none."""

import uuid
from typing import Any

from inmanta import protocol
from inmanta.protocol import Client

_SESSION_CLIENT: Any = getattr(protocol, "SessionClient", None)

NEEDED = _SESSION_CLIENT is not None
"""Whether a handler needs a session."""


def opening(session: uuid.UUID) -> dict[str, Any]:
    """Give the arguments of the heartbeat that opens a session."""
    return {"sid": session, "endpoint_names": ["internal"], "nodename": "test", "no_hang": True}


async def handler_client(client: Client, environment: uuid.UUID) -> Client:
    """Give the client of a handler: one with a session where the server asks for it."""
    if not NEEDED:
        return client
    session = uuid.uuid4()
    beat = await client.heartbeat(tid=environment, **opening(session))
    assert beat.code == 200, beat.result
    opened: Client = _SESSION_CLIENT("client", session)
    return opened
