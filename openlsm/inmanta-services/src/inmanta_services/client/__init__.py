"""The typed client: one environment of an orchestrator with LSM, through its public API only."""

from inmanta_services.client.calls import Calls
from inmanta_services.client.client import Client
from inmanta_services.client.environments import Environments
from inmanta_services.client.paging import Cursor, Page

__all__ = ["Calls", "Client", "Cursor", "Environments", "Page"]
