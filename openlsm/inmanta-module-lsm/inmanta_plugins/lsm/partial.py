"""
Which instances take part in a partial compile.

This module is part of the interface: models that select differently extend its selectors.
"""

import abc
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inmanta.ast.type import Type
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import bindings, compile_state
from inmanta_plugins.lsm.bindings import Ownership
from inmanta_plugins.lsm.cache import Instance, global_cache
from inmanta_plugins.lsm.compile_mode import CompileMode

LOGGER = logging.getLogger(__name__)

type Selection = dict[str, list[Instance | None]]
"""Instances by name of their service. None entries and duplicates mean nothing."""


class SelectorAPI(abc.ABC):
    """
    Decides which instances take part in a partial compile. A subclass is registered with
    `inmanta_plugins.lsm.global_cache.set_selector_factory`, when its module is imported.

    :param env: id of the environment
    :param requested_instances: ids of the instances the compile was started for, terminated ones included
    """

    def __init__(self, env: str, requested_instances: Sequence[str]) -> None:
        self.env = env
        self.requested_instances = requested_instances

    @abc.abstractmethod
    def select_all(self) -> Selection:
        """
        Select the instances; called once per compile.

        :return: the selected instances by name of their service; services without selected instance may be left out
        """


class AbstractSelector(SelectorAPI):
    """A selector that knows how to read an instance."""

    def _get_attribute(self, instance: Mapping[str, Any], name: str) -> Any:
        """
        An attribute of an instance, from the first of candidate, active and rollback set that has any attributes.

        :param instance: a service instance
        :param name: name of the attribute
        :return: its value; None when the instance does not have it
        """
        for attributes in ("candidate_attributes", "active_attributes", "rollback_attributes"):
            if instance.get(attributes):
                return instance[attributes].get(name)
        return None


class TreeSelector(AbstractSelector):
    """
    Selects the complete ownership tree of each requested instance: from the instance up to the one without owner, and from
    there everything it owns. A resource set is emitted for a whole tree, so it can only be exported with all of it.
    """

    def __init__(self, env: str, requested_instances: Sequence[str]) -> None:
        super().__init__(env, requested_instances)
        self._by_owner: dict[str, Mapping[str | None, list[Instance]]] = {}

    def select_all(self) -> Selection:
        """See :meth:`SelectorAPI.select_all`."""
        selected: dict[str, Instance] = {}
        for instance_id in self.requested_instances:
            instance = global_cache.get_instance(self.env, None, instance_id, include_terminated=True)
            if instance is None:
                LOGGER.warning("There is no service instance %s: it is left out of this partial compile.", instance_id)
                continue
            # From the root only what is owned by instances that are not terminated is found.
            for root in reversed(self._path_to_root(instance)):
                self._add_tree(root, selected)
        selection: Selection = {}
        for instance in selected.values():
            selection.setdefault(instance["service_entity"], []).append(instance)
        return selection

    def _path_to_root(self, instance: Instance) -> list[Instance]:
        path = [instance]
        while (owner := self._owner(path[-1])) is not None:
            if owner in path:
                circle = " -> ".join(str(member["id"]) for member in [*path, owner])
                raise PluginException(
                    f"The service instances {circle} own each other: correct the relations to their owners, an instance cannot"
                    " be part of itself."
                )
            path.append(owner)
        return path

    def _owner(self, instance: Instance) -> Instance | None:
        owner_id = self._owner_id(instance)
        if owner_id is None:
            return None
        owner = global_cache.get_instance(self.env, None, owner_id, include_terminated=True)
        if owner is None:
            LOGGER.warning("There is no service instance %s, the owner of %s: it is left out.", owner_id, instance["id"])
        return owner

    def _owner_id(self, instance: Instance) -> str | None:
        ownership = self._ownership_of(instance)
        if ownership.owner is None or ownership.relation is None:
            return None
        value = self._get_attribute(instance, ownership.relation)
        if isinstance(value, list):
            value = value[0] if value else None
        return None if value is None else str(value)

    def _ownership_of(self, instance: Instance) -> Ownership:
        service, version = instance["service_entity"], instance.get("service_entity_version", 0)
        known = compile_state.current().ownership
        if (service, version) not in known:
            definition = global_cache.get_definition(self.env, service, version) or {}
            known[service, version] = Ownership(definition.get("owner"), definition.get("relation_to_owner"))
        return known[service, version]

    def _add_tree(self, root: Instance, selected: dict[str, Instance]) -> None:
        waiting = [root]
        while waiting:
            instance = waiting.pop()
            if instance["id"] not in selected:
                selected[instance["id"]] = instance
                waiting.extend(self._owned_by(instance))

    def _owned_by(self, owner: Instance) -> Iterable[Instance]:
        known = compile_state.current().ownership
        services = {service for (service, _), ownership in known.items() if ownership.owner == owner["service_entity"]}
        for service in sorted(services):
            yield from self._instances_by_owner(service).get(owner["id"], ())

    def _instances_by_owner(self, service: str) -> Mapping[str | None, list[Instance]]:
        if service not in self._by_owner:
            by_owner: dict[str | None, list[Instance]] = {}
            for instance in global_cache.get_all_instances(self.env, service):
                by_owner.setdefault(self._owner_id(instance), []).append(instance)
            self._by_owner[service] = by_owner
        return self._by_owner[service]


def selected_ids(mode: CompileMode, env: str, service: str, types: Mapping[str, Type]) -> frozenset[str] | None:
    """
    The ids of the instances of a service that take part in this compile, None for all of them.

    :param mode: the kind of compile
    :param env: id of the environment
    :param service: name of the service in the catalog
    :param types: all types of the model by fully qualified name; the bindings among them tell who owns whom
    :raises UnsetException, MultiUnsetException: a binding is not complete yet; the compiler tries again
    :raises PluginException: instances own each other, or the server refused to answer
    """
    if not mode.partial:
        return None
    known = compile_state.current().ownership
    if not known:
        known.update(bindings.read_ownership(types))
    selection = global_cache.get_selection(env, mode.requested, TreeSelector)
    return frozenset(str(instance["id"]) for instance in selection.get(service, ()) if instance is not None)
