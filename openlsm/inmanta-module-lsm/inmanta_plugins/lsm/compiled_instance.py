"""A service instance as one compile sees it: its lifecycle state and the attribute set chosen for it."""

from dataclasses import dataclass
from typing import Any

from inmanta_plugins.lsm.bindings import Binding, State
from inmanta_plugins.lsm.cache import Instance
from inmanta_plugins.lsm.compile_mode import CompileMode

type Attributes = dict[str, Any]
"""An attribute set of a service instance (decoded JSON)."""


@dataclass(frozen=True)
class CompiledInstance:
    """
    A service instance as this compile sees it.

    :param instance: the instance of the inventory; the one dict that the whole compile shares
    :param binding: the version of the service it belongs to
    :param state: its state in the lifecycle of that version
    :param chosen: the attribute set this compile uses for it, None when the compile leaves it out. Values that are written
        in this compile are in it, even when they are stored in another set.
    :param previous: the attribute set to compare the chosen one with, None when there is nothing to compare
    :param validated: whether this compile validates this instance
    """

    instance: Instance
    binding: Binding
    state: State
    chosen: Attributes | None
    previous: Attributes | None
    validated: bool

    @property
    def id(self) -> str:
        """Id of the instance."""
        return str(self.instance["id"])


@dataclass(frozen=True)
class TransferData:
    """
    What the `lsm::LifecycleTransfer` of an instance says about it.

    :param service_entity: name of the service in the catalog
    :param instance_id: id of the instance
    :param next_version: version of the instance after the transfer
    :param next_desired_state_version: its desired state version after the transfer
    """

    service_entity: str
    instance_id: str
    next_version: int
    next_desired_state_version: int


def attribute_set(instance: Instance, name: str | None) -> Attributes | None:
    """
    :param instance: a service instance
    :param name: `candidate`, `active` or `rollback`; None for no set at all
    :return: that attribute set, None when the instance does not have it
    """
    attributes: Attributes | None = None if name is None else instance.get(f"{name}_attributes")
    return attributes


def chosen_set(mode: CompileMode, instance: Instance, state: State) -> str | None:
    """
    Name the attribute set that a compile uses for an instance.

    :param mode: the kind of compile
    :param state: its lifecycle state
    :return: `candidate`, `active` or `rollback`, a set the instance has; None when the compile leaves the instance out
    """
    if mode.no_instances or instance.get("deleted"):
        return None
    if mode.is_validated(instance["id"]):
        name = state.validate_self
    elif mode.validating:
        name = state.validate_others
    else:
        name = "active" if state.export_resources else None
    return None if attribute_set(instance, name) is None else name


def previous_set(mode: CompileMode, instance: Instance, state: State, chosen: str | None) -> str | None:
    """
    Name the attribute set that tells, by comparison, which embedded entities were added or removed.

    :param mode: the kind of compile
    :param state: its lifecycle state
    :param chosen: the attribute set this compile uses for the instance
    :return: `candidate`, `active` or `rollback`; None when there is nothing to compare with
    """
    if mode.is_validated(instance["id"]):
        return state.previous_attr_set_on_validate
    # An export emits the active set: what it added and removed only means something for that set.
    return state.previous_attr_set_on_export if chosen == "active" else None
