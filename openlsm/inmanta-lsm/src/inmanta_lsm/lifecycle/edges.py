"""Which edge of a lifecycle a trigger follows, and where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass

from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.lifecycle.instance import Instance
from inmanta_lsm.model import AttributeOperation, Lifecycle, ServiceEntity, StateTransfer, TransferContext


@dataclass(frozen=True, slots=True)
class Branch:
    """
    One of the two ways to follow an edge.

    :param destination: the state at the end of this branch
    :param error: whether it is the error branch
    """

    edge: StateTransfer
    destination: str
    error: bool = False

    @classmethod
    def target(cls, edge: StateTransfer) -> "Branch":
        """Give the target branch of an edge."""
        return cls(edge, edge.target)

    @classmethod
    def of_error(cls, edge: StateTransfer) -> "Branch | None":
        """Give the error branch of an edge, None when it has no error state."""
        return None if edge.error is None else cls(edge, edge.error, error=True)

    @property
    def operation(self) -> AttributeOperation | None:
        """What to do with the attribute sets."""
        return self.edge.error_operation if self.error else self.edge.target_operation

    @property
    def same_desired_state(self) -> bool:
        """Whether the desired state stays what it is."""
        return self.edge.error_same_desired_state if self.error else self.edge.target_same_desired_state

    @property
    def is_noop(self) -> bool:
        """Whether following it would change nothing: it leads back to where it starts and has no operation."""
        return self.edge.source == self.destination and self.operation is None


def find(lifecycle: Lifecycle, state: str, trigger: TransferTrigger, target: str | None = None) -> StateTransfer | None:
    """
    Give the edge that a trigger follows.

    :param target: the state to go to, for the trigger that names it
    :return: the edge, None when there is no such edge
    """
    try:
        return lifecycle.get_transfer(from_state=state, transfer_type=trigger, target_state=target)
    except KeyError:
        return None


def has_state(lifecycle: Lifecycle, state: str) -> bool:
    """Whether a lifecycle has a state."""
    return any(candidate.name == state for candidate in lifecycle.states)


def is_in_force(lifecycle: Lifecycle, edge: StateTransfer, trigger: TransferTrigger) -> bool:
    """
    Whether an edge that was taken from a lifecycle some time ago still is what the trigger follows.

    :param lifecycle: the lifecycle as it is now
    :param edge: the edge as it was then
    """
    return any(
        candidate.has_trigger(trigger)
        and (candidate.source, candidate.target, candidate.error) == (edge.source, edge.target, edge.error)
        for candidate in lifecycle.transfers
    )


def options(entity: ServiceEntity) -> dict[str, bool]:
    """Give all options of a service: one for each config name of its lifecycle, with the value that was set or true."""
    names = (edge.config_name for edge in entity.lifecycle.transfers)
    return {name: entity.config.get(name, True) for name in names if name is not None}


def enabled_auto(entity: ServiceEntity, instance: Instance) -> StateTransfer | None:
    """
    Give the auto edge that leaves the state of an instance.

    An edge with a config name is switched off by a false value of that name, of the instance or else of the service entity. The
    first one in the order of the lifecycle counts. An edge that would change nothing is none: it would be followed for ever.
    """
    config: Mapping[str, bool] = {**options(entity), **instance.config}
    for edge in entity.lifecycle.transfers:
        if edge.source != instance.state or not edge.auto or (not edge.validate_ and Branch.target(edge).is_noop):
            continue
        if edge.config_name is None or config[edge.config_name]:
            return edge
    return None


def transfer_context(entity: ServiceEntity, instance: Instance) -> TransferContext:
    """Whether an instance is going to move by itself: an auto transfer is due, or a deployment report is awaited."""
    if instance.deleted:
        return "stable"
    auto_pending = not instance.auto_done and enabled_auto(entity, instance) is not None
    report_pending = (
        instance.report_pending and find(entity.lifecycle, instance.state, TransferTrigger.RESOURCE_BASED) is not None
    )
    return "auto" if auto_pending or report_pending else "stable"
