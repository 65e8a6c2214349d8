"""How the definition of a service may change, and what the change makes of its instances."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from inmanta_lsm.attributes.changes import complete_for_migration
from inmanta_lsm.attributes.modifiers import same
from inmanta_lsm.attributes.sets import Attributes, AttributeSets
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.lifecycle import repeated
from inmanta_lsm.lifecycle.instance import InstanceSets
from inmanta_lsm.model import ServiceAttributeHolder, ServiceEntity


def check_same_identity(old: ServiceEntity, new: ServiceEntity) -> None:
    """
    Refuse a definition that identifies the instances in another way.

    :param old: the definition that is stored
    :param new: the definition that is to replace it
    :raises RuleViolationError: the service identity is changed or removed
    """
    if old.service_identity is not None and new.service_identity != old.service_identity:
        wanted = "removed" if new.service_identity is None else f"changed to {new.service_identity}"
        raise RuleViolationError(f"Service {old.name}: the service identity {old.service_identity} cannot be {wanted}.")


def check_states(new: ServiceEntity, instances: Iterable[InstanceSets]) -> None:
    """
    Refuse a lifecycle that lacks a state in which there is an instance.

    :param new: the definition
    :param instances: the instances that are not deleted
    :raises RuleViolationError: a state is missing
    """
    known = {state.name for state in new.lifecycle.states}
    for instance in instances:
        if instance.state not in known:
            raise RuleViolationError(
                f"Service {new.name}: the lifecycle has no state {instance.state}, in which service instance {instance.id} is."
            )


def rewritten(new: ServiceEntity, instances: Iterable[InstanceSets], *, allow: bool) -> list[InstanceSets]:
    """
    Make the attribute sets of instances fit a new definition.

    New attributes get their default, attributes that are gone are dropped, inside embedded entities too.

    :param new: the definition
    :param instances: the instances that are not deleted
    :param allow: whether attribute sets may change at all
    :return: the instances that change
    :raises RuleViolationError: a set does not fit whatever is added or dropped, or a set changes that may not
    """
    changed: list[InstanceSets] = []
    for instance in instances:
        old = instance.sets
        sets = AttributeSets(
            candidate=_fitted(new, instance.id, "candidate", old.candidate),
            active=_fitted(new, instance.id, "active", old.active),
            rollback=_fitted(new, instance.id, "rollback", old.rollback),
        )
        pairs = ((old.candidate, sets.candidate), (old.active, sets.active), (old.rollback, sets.rollback))
        if all(same(before, after) for before, after in pairs):
            continue
        if not allow:
            raise RuleViolationError(
                f"Service {new.name}: the new definition changes the attributes of service instance {instance.id}, which is not"
                " allowed here. Export the service with instance updates, or migrate the instances to a new version."
            )
        changed.append(InstanceSets(instance.id, instance.state, sets))
    return changed


def duplicate_identity(new: ServiceEntity, instances: Iterable[InstanceSets]) -> str | None:
    """
    Look for instances that the service identity does not tell apart.

    :param new: the definition
    :param instances: the instances that are not deleted
    :return: a value that several instances have, None if there is none
    """
    values = (item.sets.identity(new) for item in instances)
    return next(iter(repeated(value for value in values if value is not None)), None)


def _fitted(new: ServiceEntity, instance: uuid.UUID, name: str, attributes: Attributes | None) -> Attributes | None:
    if attributes is None:
        return None
    try:
        return complete_for_migration(new, _known_part(new, attributes))
    except RuleViolationError as violation:
        raise RuleViolationError(
            f"Service {new.name}: the {name} attributes of instance {instance} do not fit the new definition. {violation}"
        ) from None


def _known_part(holder: ServiceAttributeHolder, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute set without what the definition does not know."""
    known = {member.name for member in holder.members}
    part = {name: value for name, value in attributes.items() if name in known}
    return holder.map_embedded(part, _known_part)
