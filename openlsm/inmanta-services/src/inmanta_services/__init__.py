"""The services of an inmanta orchestrator with LSM, for programs: a typed client of the public API."""

from inmanta_services.client import Calls, Client, Cursor, Environments, Page
from inmanta_services.connection import Address, Connection
from inmanta_services.errors import ConflictError, NotFoundError, RefusedError, ServicesError, UnavailableError

__all__ = [
    "Address",
    "Calls",
    "Client",
    "ConflictError",
    "Connection",
    "Cursor",
    "Environments",
    "NotFoundError",
    "Page",
    "RefusedError",
    "ServicesError",
    "UnavailableError",
]
