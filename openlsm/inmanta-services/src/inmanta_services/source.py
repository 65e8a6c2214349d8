"""Something that may name an orchestrator."""

from dataclasses import dataclass, field

from inmanta_services.connection import Address


@dataclass(frozen=True)
class Source:
    """
    What one of options, variables, files and embedded orchestrators says; None where it says nothing.

    :ivar environment: id or name.
    """

    address: Address | None = None
    environment: str | None = None
    token: str | None = field(default=None, repr=False)
