"""Lifecycles: states and the transfers between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service_generator.places import Place


@dataclass(frozen=True)
class State:
    """
    A state of a lifecycle.

    :param name: its name
    :param label: how it is marked: info, success, warning or danger
    :param exports: whether the resources of an instance in this state are deployed
    :param validate_self: the attribute set to use when the instance itself is validated; it is left out without one
    :param validate_others: the attribute set to use while another instance is validated
    :param purges: whether the resources are being removed
    :param deleted: whether it is the end
    :param values: values that are exported with it
    :param previous_on_validate: the attribute set to compare with, to find what an update removes, when it is validated
    :param previous_on_export: the attribute set to compare with, to find what an update removes, when it is deployed
    :param annotations: annotations, like those of ``web.state``
    """

    name: str
    label: str | None = None
    exports: bool = False
    validate_self: str | None = None
    validate_others: str | None = None
    purges: bool = False
    deleted: bool = False
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    previous_on_validate: str | None = None
    previous_on_export: str | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Transfer:
    """
    A way from one state to another.

    :param source: the state that it comes from
    :param target: the state that it leads to
    :param error: the state that it leads to when it fails
    :param auto: taken by itself
    :param on_update: taken when the attributes are updated
    :param on_delete: taken when the instance is deleted
    :param on_request: taken when somebody asks for it
    :param resource_based: taken when the resources are deployed
    :param validate: taken when a compile succeeds
    :param config: the option that can switch an automatic transfer off
    :param description: what it means
    :param operation: what happens to the attribute sets: promote, rollback, or clear candidate, active or rollback
    :param error_operation: what happens to them when it fails
    :param same_desired_state: whether the resources stay what they are
    :param error_same_desired_state: whether they stay what they are when it fails
    :param annotations: annotations, like those of ``web.button``
    """

    source: State
    target: State
    error: State | None = None
    auto: bool = False
    on_update: bool = False
    on_delete: bool = False
    on_request: bool = False
    resource_based: bool = False
    validate: bool = False
    config: str | None = None
    description: str = ""
    operation: str | None = None
    error_operation: str | None = None
    same_desired_state: bool = False
    error_same_desired_state: bool = False
    annotations: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class StateMachine:
    """
    A lifecycle of one's own.

    :param name: its name, as it is reported
    :param initial: the state that an instance starts in
    :param transfers: the ways between the states
    :param alternatives: more states that an instance can be created in
    """

    name: str
    initial: State
    transfers: tuple[Transfer, ...]
    alternatives: tuple[State, ...] = ()
    place: Place | None = field(default=None, compare=False)

    def __init__(
        self,
        name: str,
        *,
        initial: State,
        transfers: Iterable[Transfer],
        alternatives: Iterable[State] = (),
        place: Place | None = None,
    ) -> None:
        """
        :param name: its name, as it is reported
        :param initial: the state that an instance starts in
        :param transfers: the ways between the states
        :param alternatives: more states that an instance can be created in
        :param place: where it is described
        """
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "initial", initial)
        object.__setattr__(self, "transfers", tuple(transfers))
        object.__setattr__(self, "alternatives", tuple(alternatives))
        object.__setattr__(self, "place", place)

    @property
    def states(self) -> tuple[State, ...]:
        """All states, in the order in which they come up."""
        found = [self.initial]
        for transfer in self.transfers:
            found += [transfer.source, transfer.target, *([transfer.error] if transfer.error is not None else [])]
        return tuple(dict.fromkeys([*found, *self.alternatives]))
