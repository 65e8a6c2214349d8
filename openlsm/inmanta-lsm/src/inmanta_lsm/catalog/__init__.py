"""
The rules of the service catalog: which definitions of services are sound, and how a definition may change.

Everything here is a function of plain data. What breaks a rule raises :class:`inmanta_lsm.attributes.RuleViolationError`.
"""

from inmanta_lsm.catalog.definition import check_definition
from inmanta_lsm.catalog.evolution import InstanceSets, check_identity, check_states, duplicate_identity, rewritten
from inmanta_lsm.catalog.lifecycle_rules import doubtful_flows
from inmanta_lsm.catalog.version import VersionChanges, plan_versions

__all__ = [
    "InstanceSets",
    "VersionChanges",
    "check_definition",
    "check_identity",
    "check_states",
    "doubtful_flows",
    "duplicate_identity",
    "plan_versions",
    "rewritten",
]
