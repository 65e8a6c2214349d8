"""How many instances of each service there are, by state and by the label of the state."""

import uuid
from collections.abc import Iterable, Mapping

import asyncpg

from inmanta_lsm.data import documents
from inmanta_lsm.model import InstanceSummary, LabelCount, Lifecycle

type StateCounts = Mapping[str, int]
"""The number of instances that are not deleted, per state."""


async def count_states(
    environment: uuid.UUID, service_entity: str | None = None, connection: asyncpg.Connection | None = None
) -> dict[str, dict[str, int]]:
    """
    Count the instances that are not deleted.

    :param environment: the environment to count in
    :param service_entity: count the instances of this service entity only
    :param connection: the connection to use, otherwise one from the pool
    :return: the number of instances per service entity and state; zeros are left out
    """
    query = f"""
        SELECT service_entity, state, count(*) AS instances
        FROM {documents.ServiceInstance.table_name()}
        WHERE environment = $1 AND NOT deleted {"" if service_entity is None else "AND service_entity = $2"}
        GROUP BY service_entity, state
    """
    values = [environment] if service_entity is None else [environment, service_entity]
    counts: dict[str, dict[str, int]] = {}
    async with documents.ServiceInstance.get_connection(connection) as con:
        for record in await con.fetch(query, *values):
            counts.setdefault(record["service_entity"], {})[record["state"]] = record["instances"]
    return counts


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
