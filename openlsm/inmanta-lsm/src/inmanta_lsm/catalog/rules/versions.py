"""What the versions of a service become when a new list of them is stored."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from inmanta_lsm.attributes.modifiers import same
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.lifecycle import repeated
from inmanta_lsm.model import ServiceEntity, definition_of


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """
    What is to be done to get from the stored versions of a service to the wanted ones.

    :param added: the versions that do not exist yet
    :param changed: the versions that exist and are different now
    :param removed: the numbers of the versions to remove
    """

    added: Sequence[ServiceEntity]
    changed: Sequence[ServiceEntity]
    removed: Set[int]


def plan_versions(
    name: str, stored: Sequence[ServiceEntity], wanted: Sequence[ServiceEntity], default_version: int
) -> VersionChanges:
    """
    Compare the stored versions of a service with the wanted ones.

    :param stored: the versions that exist
    :param wanted: all versions that are to exist
    :param default_version: the version that is to be the default
    :raises RuleViolationError: the wanted versions do not belong together, or one changes that may not: a version cannot
        change once it exists, unless it is version 0 and the only one
    """
    for entity in wanted:
        if entity.name != name:
            raise RuleViolationError(f"The definitions are those of service {name}, but one is named {entity.name}.")
    for version in repeated(entity.version for entity in wanted):
        raise RuleViolationError(f"Service {name}: version {version} is defined more than once.")
    versions = {entity.version for entity in wanted}
    if default_version not in versions:
        raise RuleViolationError(f"Service {name}: the default version {default_version} is not among the versions.")
    stored_by_version = {entity.version: entity for entity in stored}
    changed = [
        entity
        for entity in wanted
        if entity.version in stored_by_version
        and not same(definition_of(entity), definition_of(stored_by_version[entity.version]))
    ]
    for entity in changed:
        if entity.version != 0 or len(stored) > 1:
            raise RuleViolationError(
                f"Service {name}: version {entity.version} exists and cannot be changed. Give the new definition a new version."
            )
    return VersionChanges(
        added=[entity for entity in wanted if entity.version not in stored_by_version],
        changed=changed,
        removed=stored_by_version.keys() - versions,
    )
