"""The services of an inmanta orchestrator with LSM, for programs: a typed client of the public API."""

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from inmanta_services.client import Calls, Client, Cursor, Environments, Page
    from inmanta_services.connection import Address, Connection
    from inmanta_services.errors import ConflictError, NotFoundError, RefusedError, ServicesError, UnavailableError
else:
    _MODULES = {
        "client": ("Calls", "Client", "Cursor", "Environments", "Page"),
        "connection": ("Address", "Connection"),
        "errors": ("ConflictError", "NotFoundError", "RefusedError", "ServicesError", "UnavailableError"),
    }

    def __getattr__(name: str) -> object:
        """Import a name when it is asked for: the command says how Python runs before it imports inmanta-core."""
        import importlib

        for module, names in _MODULES.items():
            if name in names:
                found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
