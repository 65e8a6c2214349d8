"""
What the requests of users, of the allocation and of experts make of an attribute set.

Each function takes the set that the request starts from, which is not changed, and returns the complete new set. A request
that breaks a rule raises :class:`RuleViolationError`, and nothing has changed.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from inmanta_lsm.attributes.edits import edited
from inmanta_lsm.attributes.modifiers import check_allocation, check_create, check_update, keep_read_only, same
from inmanta_lsm.attributes.sets import check_identity
from inmanta_lsm.attributes.shape import check_set
from inmanta_lsm.attributes.storable import check_storable
from inmanta_lsm.model import PatchCallEdit, ServiceEntity


def complete_for_create(entity: ServiceEntity, body: Mapping[str, Any]) -> dict[str, Any]:
    """
    The candidate set of a new instance.

    :param body: The attributes as the user gives them. What is missing takes its default.
    :raises RuleViolationError: the attributes do not fit, or one is given that only the allocation writes
    """
    check_storable(body, "the attributes")
    check_create(entity, body)
    return _checked(entity, body)


def complete_for_migration(entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """
    An attribute set that a migration or an operator writes as a whole, whoever may write the attributes otherwise.

    :param entity: the service entity, in the version the set is for
    :param attributes: The attributes. What is missing takes its default.
    :raises RuleViolationError: the attributes do not fit
    """
    check_storable(attributes, "the attributes")
    return _checked(entity, attributes)


def apply_update(entity: ServiceEntity, base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """
    The new candidate set when a user replaces the values of top-level attributes.

    :param base: the set to update: candidate if there is one that is not empty, otherwise active
    :param changes: the new value of each attribute that is updated
    :raises RuleViolationError: a value does not fit, or an attribute changes that may not change
    """
    check_storable(changes, "the attributes")
    return _updated(entity, base, {**base, **changes})


def apply_edits(entity: ServiceEntity, base: Mapping[str, Any], edits: Sequence[PatchCallEdit]) -> dict[str, Any]:
    """
    The new candidate set when a user edits attributes.

    :param base: the set to update: candidate if there is one that is not empty, otherwise active
    :param edits: the edits, in the order in which they are applied
    :raises RuleViolationError: an edit cannot be applied, its result does not fit, or an attribute changes that may not change
    """
    return _updated(entity, base, edited(entity, base, edits))


def apply_put(
    entity: ServiceEntity, base: Mapping[str, Any], body: Mapping[str, Any], ignore_read_only: bool = False
) -> dict[str, Any]:
    """
    The new candidate set when a user replaces all attributes.

    What is missing in the body takes its default, except for what only the allocation writes: that is kept.

    :param base: the set to update: candidate if there is one that is not empty, otherwise active
    :param body: all attributes
    :param ignore_read_only: Whether what only the allocation writes is kept whatever the body says. If not, a different value
        is refused.
    :raises RuleViolationError: a value does not fit, or an attribute changes that may not change
    """
    check_storable(body, "the attributes")
    return _updated(entity, base, keep_read_only(entity, base, body, overwrite=ignore_read_only))


def apply_allocation(entity: ServiceEntity, base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """
    The new candidate set when the allocation replaces the values of top-level attributes.

    :param base: the set to write to: candidate if there is one, otherwise active
    :param changes: the new value of each attribute that is written
    :raises RuleViolationError: a value does not fit, or it is for an embedded entity of a service without strict enforcement
    """
    check_storable(changes, "the attributes")
    return _allocated(entity, base, {**base, **changes})


def apply_allocation_edits(entity: ServiceEntity, base: Mapping[str, Any], edits: Sequence[PatchCallEdit]) -> dict[str, Any]:
    """
    The new candidate set when the allocation edits attributes.

    :param base: the set to write to: candidate if there is one, otherwise active
    :param edits: the edits, in the order in which they are applied
    :raises RuleViolationError: an edit cannot be applied or its result does not fit
    """
    return _allocated(entity, base, edited(entity, base, edits))


def apply_expert_edits(entity: ServiceEntity, base: Mapping[str, Any] | None, edits: Sequence[PatchCallEdit]) -> dict[str, Any]:
    """
    The new content of an attribute set when an expert edits it. Modifiers and types are not checked.

    :param base: the set, None if there is none yet
    :param edits: the edits, in the order in which they are applied
    :raises RuleViolationError: an edit cannot be applied, or its result cannot be stored
    """
    return edited(entity, base or {}, edits)


def _checked(entity: ServiceEntity, attributes: Mapping[str, Any]) -> dict[str, Any]:
    completed = entity.add_defaults(attributes)
    check_set(entity, completed)
    check_identity(entity, completed)
    return completed


def _updated(entity: ServiceEntity, base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    completed = _checked(entity, keep_read_only(entity, base, new))
    check_update(entity, base, completed)
    return completed


def _allocated(entity: ServiceEntity, base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    completed: dict[str, Any] = entity.add_defaults(keep_read_only(entity, base, copy.deepcopy(dict(new))))
    # What the allocation does not touch may be wrong since an expert forced it: that is not for the allocation to repair.
    written = [name for name in completed if name not in base or not same(base[name], completed[name])]
    check_set(entity, completed, only=written)
    check_allocation(entity, base, completed)
    return completed
