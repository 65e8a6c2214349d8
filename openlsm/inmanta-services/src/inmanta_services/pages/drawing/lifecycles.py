"""The diagram of a lifecycle."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from inmanta_lsm.model import Lifecycle, StateTransfer

from inmanta_services.lifecycle import failure_states
from inmanta_services.pages.drawing.graph import Arrow, Box, Graph, Tone


def tone_of(lifecycle: Lifecycle, state: str) -> Tone:
    """
    What the colour of a state says.

    :param lifecycle: that has the state.
    :param state: its name; one that the lifecycle does not have says nothing.
    """
    label = next((known.label for known in lifecycle.states if known.name == state), None)
    if label is None:
        return Tone.WARNING if state in failure_states(lifecycle) else Tone.NEUTRAL
    return Tone(label)


def lifecycle_graph(
    lifecycle: Lifecycle,
    *,
    counts: Mapping[str, int] | None = None,
    way: Sequence[str] = (),
    link: Callable[[str], str] | None = None,
) -> Graph:
    """
    A lifecycle as a diagram.

    :param counts: how many instances are in each state.
    :param way: the states that an instance was in, in their order; the last one is where it is now.
    :param link: gives where a click on a state leads.
    """
    names = [lifecycle.initial_state, *(state.name for state in lifecycle.states if state.name != lifecycle.initial_state)]
    deleted = {state.name for state in lifecycle.states if state.deleted}
    boxes = [
        Box(
            name,
            name,
            tone=tone_of(lifecycle, name),
            count=(counts or {}).get(name),
            current=bool(way) and name == way[-1],
            passed=name in way,
            link=link(name) if link is not None and name not in deleted else None,
        )
        for name in names
    ]
    steps = set(pairwise(way))
    return Graph(boxes, _arrows(lifecycle, steps))


def _arrows(lifecycle: Lifecycle, steps: set[tuple[str, str]]) -> list[Arrow]:
    """
    The ways between states, each once.

    :param steps: those that an instance went.
    """
    found: dict[tuple[str, str], Arrow] = {}
    for transfer in lifecycle.transfers:
        for target, failure in ((transfer.target, False), (transfer.error, True)):
            if target is None or target == transfer.source or (transfer.source, target) in found:
                continue
            step = (transfer.source, target)
            label = f"{transfer.source} → {target}: {'when that fails: ' if failure else ''}{trigger(transfer)}"
            found[step] = Arrow(*step, failure=failure, passed=step in steps, label=label)
    # An instance can be moved where no arrow of its lifecycle leads, by an expert or in an older version of it.
    for source, target in sorted(steps - set(found)):
        if source != target:
            found[source, target] = Arrow(source, target, passed=True, label=f"{source} → {target}")
    return list(found.values())


def trigger(transfer: StateTransfer) -> str:
    """
    What moves an instance along a transfer.

    :param transfer: the transfer.
    """
    triggers = [
        (transfer.auto, "a compile that validates it" if transfer.validate_ else "by itself"),
        (transfer.api_set_state, "by hand"),
        (transfer.on_update, "an update"),
        (transfer.on_delete, "a deletion"),
        (transfer.resource_based, "its resources"),
    ]
    return ", ".join(text for holds, text in triggers if holds)
