"""An inmanta orchestrator that a program starts for itself."""

from inmanta_embedded.errors import EmbeddedError
from inmanta_embedded.orchestrator import Orchestrator
from inmanta_embedded.settings import Settings
from inmanta_embedded.status import Phase, Status

__all__ = ["EmbeddedError", "Orchestrator", "Phase", "Settings", "Status"]
