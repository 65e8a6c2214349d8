"""
The rules of attribute sets: which values fit a service entity, who may change what, and what a request makes of a set.

Everything here is a function of plain data. What breaks a rule raises :class:`RuleViolationError`, whose text is one sentence
for the author of the request.
"""

from inmanta_lsm.attributes.request import (
    apply_allocation,
    apply_allocation_edits,
    apply_edits,
    apply_expert_edits,
    apply_put,
    apply_update,
    complete_for_create,
    complete_for_migration,
    identity_value,
)
from inmanta_lsm.attributes.schema import editing_schema, schema
from inmanta_lsm.attributes.shape import check_set
from inmanta_lsm.attributes.storable import check_storable
from inmanta_lsm.attributes.violation import RuleViolationError

__all__ = [
    "RuleViolationError",
    "apply_allocation",
    "apply_allocation_edits",
    "apply_edits",
    "apply_expert_edits",
    "apply_put",
    "apply_update",
    "check_set",
    "check_storable",
    "complete_for_create",
    "complete_for_migration",
    "editing_schema",
    "identity_value",
    "schema",
]
