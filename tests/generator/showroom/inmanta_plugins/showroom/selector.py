"""
Which instances of other services a partial compile needs besides those in the tree of the owner.

This file is generated from tests/generator/showroom/services/__init__.py for the module showroom.
Don't edit it: edit the description and run
`service-generator generate --descriptions tests.generator.showroom.services`.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from inmanta_plugins.lsm import global_cache
from inmanta_plugins.lsm.partial import TreeSelector

type Related = dict[str, tuple[tuple[str, str], ...]]

RELATED: Related = {
    "Backup": (
        ("machine", "machine"),
        ("contract", ""),
        ("copies", ""),
    ),
    "l3-vpn": (
        ("customer", "Customer"),
        ("backup", "router"),
        ("endpoints.router", "router"),
        ("reserves.router", "router"),
    ),
}
"""For each service, the ways to its relations to other services, and which services those are."""


def all_related() -> Related:
    """The relations of all modules that have a file like this one: a compile knows one selector for all of them."""
    related: Related = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("inmanta_plugins.") and name.endswith(".selector"):
            related |= getattr(module, "RELATED", {})
    return related


def values(attributes: object, path: list[str]) -> Iterator[str]:
    """
    The ids that a relation holds.

    :param attributes: the attributes of an instance, or of something embedded in it
    :param path: the relations that lead to the relation, and last itself
    """
    if isinstance(attributes, list):
        for element in attributes:
            yield from values(element, path)
    elif path and isinstance(attributes, Mapping):
        yield from values(attributes.get(path[0]), path[1:])
    elif not path and isinstance(attributes, str):
        yield attributes


class RelationSelector(TreeSelector):
    """Selects the tree of each requested instance, and the trees of all that those refer to."""

    def select_all(self) -> dict[str, list[dict[str, Any] | None]]:
        """The selected instances, by service."""
        related = all_related()
        selected: dict[str, dict[str, dict[str, Any]]] = {}
        waiting = [dict(super().select_all())]
        followed = {str(requested) for requested in self.requested_instances}
        while waiting:
            for service, instances in waiting.pop().items():
                for instance in instances:
                    if instance is None or instance["id"] in selected.setdefault(service, {}):
                        continue
                    selected[service][instance["id"]] = instance
                    followed.add(instance["id"])
                    more = sorted(set(self._referred(instance, related.get(service, ()))) - followed)
                    if more:
                        followed.update(more)
                        waiting.append(dict(TreeSelector(env=self.env, requested_instances=more).select_all()))
        return {service: list(instances.values()) for service, instances in selected.items()}

    def _referred(self, instance: dict[str, Any], relations: tuple[tuple[str, str], ...]) -> Iterator[str]:
        for path, target in relations:
            for name in ("candidate_attributes", "active_attributes", "rollback_attributes"):
                for identifier in values(instance.get(name), path.split(".")):
                    if global_cache.get_instance(self.env, target or None, identifier) is not None:
                        yield identifier


global_cache.set_selector_factory(RelationSelector)
