"""What can be read from a lifecycle about an instance: what it waits for, where it can go, where something went wrong."""

from inmanta_lsm.model import DeploymentProgress, Lifecycle


def waiting_for(lifecycle: Lifecycle, state: str, progress: DeploymentProgress | None) -> str:
    """
    What has to happen before an instance leaves a state by itself.

    :param lifecycle: of its service.
    :param state: the state that it is in.
    :param progress: of the deployment of its resources, None when it has none.
    :return: empty when it leaves the state only when somebody asks for that.
    """
    leaving = [transfer for transfer in lifecycle.transfers if transfer.source == state and transfer.target != state]
    automatic = [transfer for transfer in leaving if transfer.auto]
    if automatic:
        return "a compile that validates it" if any(transfer.validate_ for transfer in automatic) else "the orchestrator"
    # States in which nothing happens have such a transfer as well: back to where they belong after a failure.
    is_busy = any(transfer.resource_based for transfer in leaving) and state not in failure_states(lifecycle)
    if not is_busy:
        return ""
    # With nothing left to do for the resources that it has, those that it should have are not known yet.
    if progress is None or progress.waiting + progress.failed == 0:
        return "a compile that exports it, and its deployment"
    done = "removed" if lifecycle.get_state(state).purge_resources else "deployed"
    return f"its resources: {progress.deployed} of {progress.total} {done}"


def failure_states(lifecycle: Lifecycle) -> set[str]:
    """
    The states that an instance gets to only when something went wrong.

    :param lifecycle: of its service.
    """
    return {
        transfer.error
        for transfer in lifecycle.transfers
        if transfer.error is not None and transfer.error not in (transfer.source, transfer.target)
    }


def is_trouble(lifecycle: Lifecycle, state: str) -> bool:
    """
    Whether an instance that stays in a state needs somebody to look after it.

    :param lifecycle: of its service.
    :param state: the state that it is in.
    """
    label = next((known.label for known in lifecycle.states if known.name == state), None)
    return label in ("danger", "warning") or (label is None and state in failure_states(lifecycle))
