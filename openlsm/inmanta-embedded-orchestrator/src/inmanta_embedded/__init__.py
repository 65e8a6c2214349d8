"""An inmanta orchestrator that a program starts for itself."""

from typing import TYPE_CHECKING

__all__ = ["EmbeddedError", "Orchestrator", "Phase", "Settings", "Status"]

if TYPE_CHECKING:
    from inmanta_embedded.errors import EmbeddedError
    from inmanta_embedded.orchestrator import Orchestrator
    from inmanta_embedded.settings import Settings
    from inmanta_embedded.status import Phase, Status
else:
    _MODULES = {
        "EmbeddedError": "errors",
        "Orchestrator": "orchestrator",
        "Phase": "status",
        "Settings": "settings",
        "Status": "status",
    }

    def __getattr__(name: str) -> object:
        """
        Import a name when it is asked for: the guard of each orchestrator, and each test run, load this package too, and most
        of them need nothing of it but a module or two.
        """
        import importlib

        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
        return found
