"""What a lifecycle lets somebody do with an instance."""

from collections.abc import Sequence
from dataclasses import dataclass

from inmanta_lsm.model import Lifecycle, ServiceInstance


@dataclass(frozen=True)
class Actions:
    """
    What can be done with an instance as it is.

    :ivar states: those that it can be moved to by hand.
    """

    update: bool = False
    delete: bool = False
    repair: bool = False
    states: Sequence[str] = ()


def actions_of(lifecycle: Lifecycle, instance: ServiceInstance) -> Actions:
    """
    What can be done with an instance as it is.

    :param lifecycle: of its service.
    :param instance: the instance.
    """
    if instance.deleted:
        return Actions()
    leaving = [transfer for transfer in lifecycle.transfers if transfer.source == instance.state]
    state = next((state for state in lifecycle.states if state.name == instance.state), None)
    return Actions(
        update=any(transfer.on_update for transfer in leaving),
        delete=any(transfer.on_delete for transfer in leaving),
        repair=state is not None and state.export_resources,
        states=tuple(dict.fromkeys(transfer.target for transfer in leaving if transfer.api_set_state)),
    )
