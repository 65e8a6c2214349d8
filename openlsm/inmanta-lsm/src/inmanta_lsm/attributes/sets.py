"""The three attribute sets of a service instance and the operations that transfers execute on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.model import AttributeOperation, AttributeSetName, ServiceEntity

# The identity is part of an index, whose rows PostgreSQL limits to some 2700 bytes.
MAXIMUM_IDENTITY_BYTES = 1000

type Attributes = Mapping[str, Any]


class ImpossibleOperationError(Exception):
    """An operation on attribute sets that lack what it needs."""


@dataclass(frozen=True, slots=True)
class AttributeSets:
    """
    What a service instance is made of.

    :param candidate: what is asked for and not active yet
    :param active: what is deployed
    :param rollback: what was active before
    """

    candidate: Attributes | None = None
    active: Attributes | None = None
    rollback: Attributes | None = None

    def apply(self, operation: AttributeOperation | None) -> Self:
        """
        Give the sets after an operation.

        :param operation: the operation; None leaves the sets as they are
        :raises ImpossibleOperationError: promote without a candidate set, or rollback without a rollback set
        """
        match operation:
            case None:
                return self
            case AttributeOperation.PROMOTE:
                if self.candidate is None:
                    raise ImpossibleOperationError("there is no candidate attribute set to promote")
                return replace(self, candidate=None, active=self.candidate, rollback=self.active)
            case AttributeOperation.ROLLBACK:
                if self.rollback is None:
                    raise ImpossibleOperationError("there is no rollback attribute set to go back to")
                return replace(self, candidate=self.active, active=self.rollback, rollback=None)
            case AttributeOperation.CLEAR_CANDIDATE:
                return replace(self, candidate=None)
            case AttributeOperation.CLEAR_ACTIVE:
                return replace(self, active=None)
            case AttributeOperation.CLEAR_ROLLBACK:
                return replace(self, rollback=None)

    @property
    def update_base(self) -> Attributes | None:
        """What an update starts from: the candidate set, or the active set when there is no candidate or it is empty."""
        return self.candidate or self.active

    @property
    def newest(self) -> Attributes | None:
        """The set that tells what the instance is about to be: the first of candidate, active and rollback that exists."""
        return next((attributes for attributes in (self.candidate, self.active, self.rollback) if attributes is not None), None)

    def identity(self, entity: ServiceEntity) -> str | None:
        """
        Give the value that identifies the instance to people.

        :return: None if the service has no identity, or the newest set has no value for it
        """
        return identity_value(entity, self.newest)

    def get(self, name: AttributeSetName) -> Attributes | None:
        """
        Give one of the sets.

        :param name: name of the set
        """
        match name:
            case AttributeSetName.candidate_attributes:
                return self.candidate
            case AttributeSetName.active_attributes:
                return self.active
            case AttributeSetName.rollback_attributes:
                return self.rollback

    def with_set(self, name: AttributeSetName, attributes: Attributes | None) -> Self:
        """
        Give the sets with one of them exchanged.

        :param name: name of the set to exchange
        :param attributes: its new content
        """
        match name:
            case AttributeSetName.candidate_attributes:
                return replace(self, candidate=attributes)
            case AttributeSetName.active_attributes:
                return replace(self, active=attributes)
            case AttributeSetName.rollback_attributes:
                return replace(self, rollback=attributes)


def identity_value(entity: ServiceEntity, attributes: Attributes | None) -> str | None:
    """
    Give the value by which an attribute set identifies its instance to people.

    :return: None if the service has no identity, or the set has no value for it
    """
    if entity.service_identity is None or attributes is None:
        return None
    value = attributes.get(entity.service_identity)
    return None if value is None else str(value)


def check_identity(entity: ServiceEntity, attributes: Attributes | None) -> None:
    """
    Refuse an attribute set whose identity is too long to be indexed.

    :raises RuleViolationError: the identity is too long
    """
    identity = identity_value(entity, attributes)
    if identity is not None and len(identity.encode()) > MAXIMUM_IDENTITY_BYTES:
        raise RuleViolationError(
            f"Attribute {entity.service_identity} identifies the instance, it cannot be longer than"
            f" {MAXIMUM_IDENTITY_BYTES} bytes."
        )
