"""Who is told that the catalog changed."""

import uuid
from typing import Protocol


class CatalogListener(Protocol):
    """Is told about service entities whose instances may be free to move now, or to stay."""

    def catalog_changed(self, environment: uuid.UUID, service_entity: str) -> None:
        """
        Called after the commit. It may not take long: the client that changed the catalog waits.

        :param service_entity: name of the service entity whose definition or config changed
        """
