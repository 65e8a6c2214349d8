"""How many instances of each service there are, by state and by the label of the state."""

from collections.abc import Iterable, Mapping

from inmanta_lsm.model import InstanceSummary, LabelCount, Lifecycle

type StateCounts = Mapping[str, int]
"""The number of instances that are not deleted, per state."""


def summarize(lifecycles: Iterable[Lifecycle], counts: StateCounts) -> InstanceSummary:
    """
    Summarize the instances of a service.

    All states that are not deleted ones are listed, zeros included. An instance in a state that no lifecycle has (it was
    forced there, or its lifecycle changed) is counted all the same, without label.

    :param lifecycles: the lifecycles of the versions of the service; of two states with the same name the first counts
    :param counts: the number of instances per state
    :return: the summary, in which the total is the sum over the states and the sum over the labels
    """
    by_state: dict[str, int] = {}
    by_label = dict.fromkeys(LabelCount.model_fields, 0)
    labels: dict[str, str] = {}
    for state in (state for lifecycle in lifecycles for state in lifecycle.states):
        if not state.deleted:
            by_state.setdefault(state.name, 0)
        labels.setdefault(state.name, state.label or "no_label")
    for name, instances in counts.items():
        by_state[name] = instances
        by_label[labels.get(name, "no_label")] += instances
    return InstanceSummary(by_state=by_state, by_label=LabelCount(**by_label), total=sum(by_state.values()))
