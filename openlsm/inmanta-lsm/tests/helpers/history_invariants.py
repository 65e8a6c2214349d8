"""What the history of an instance has to look like, whatever happened to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from inmanta_lsm.model import Lifecycle

FORCED = {"FORCE_UPDATE", "FORCE_DELETE"}


def check_history(
    instance: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], lifecycle: Lifecycle
) -> None:
    """
    Check the log and the events of an instance that nothing is going on with.

    :param instance: the instance, as the API gives it
    :param rows: its log, the oldest version first
    :param events: its events, the oldest one first
    :param lifecycle: of its service
    """
    assert [row["version"] for row in rows] == list(range(1, instance["version"] + 1))
    same = ("state", "deleted", "desired_state_version", "version")
    assert [rows[-1][name] for name in same] == [instance[name] for name in same]
    assert not any(row["deleted"] for row in rows[:-1])
    sides = {(edge.source, end) for edge in lifecycle.transfers for end in (edge.target, edge.error) if end is not None}
    for before, after in pairwise(rows):
        executed = [event for event in events if _leads_on(event) and event["service_instance_version"] == before["version"]]
        assert [event["destination"] for event in executed] == [after["state"]]
        assert (before["state"], after["state"]) in sides or executed[0]["event_type"] in FORCED
        assert 0 <= after["desired_state_version"] - before["desired_state_version"] <= 1
    outcomes = Counter(event["event_correlation_id"] for event in events if is_outcome(event))
    assert set(outcomes.values()) <= {1}
    assert outcomes.keys() == {event["event_correlation_id"] for event in events}


def is_outcome(event: Mapping[str, Any]) -> bool:
    """Whether an event is the last one of its flow."""
    if event["event_type"] == "ALLOCATION_UPDATE" or event["message"] == "Creation complete":
        return True
    return _leads_on(event) or event["ignored_transition"] or event["severity"] >= 40 or "stays in state" in event["message"]


def _leads_on(event: Mapping[str, Any]) -> bool:
    return "successfully executed" in event["message"] or (event["event_type"] in FORCED and event["id_compile_report"] is None)
