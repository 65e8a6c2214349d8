"""How people name an instance: by its id, or by its service and its identity."""

import uuid
from dataclasses import dataclass

from inmanta_lsm.model import ServiceInstance

from inmanta_services.errors import ServicesError


def as_id(text: str) -> uuid.UUID | None:
    """
    The id that a text is.

    :param text: what may be an id.
    :return: None when it is none.
    """
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class InstanceName:
    """
    The name of an instance.

    :ivar service: its service, None when it is named by its id alone.
    :ivar key: its identity, or its id.
    """

    service: str | None
    key: str

    def __str__(self) -> str:
        return self.key if self.service is None else f"{self.service}/{self.key}"

    @property
    def id(self) -> uuid.UUID | None:
        """The key when it is an id."""
        return as_id(self.key)

    @classmethod
    def parse(cls, text: str) -> "InstanceName":
        """
        Read a name as people write it.

        :param text: an id, or ``Service/identity``; an identity may have slashes of its own.
        :raises ServicesError: when it is neither.
        """
        service, slash, key = text.partition("/")
        if slash and service and key:
            return cls(service, key)
        if as_id(text) is not None:
            return cls(None, text)
        raise ServicesError(f"{text!r} names no instance: write SERVICE/IDENTITY, such as Network/core, or an id.")


def name_of(instance: ServiceInstance) -> str:
    """
    The name of an instance: its service with its identity, or with its id when the service has no identity.

    :param instance: the instance.
    """
    return f"{instance.service_entity}/{instance.service_identity_attribute_value or instance.id}"
