"""Attribute sets side by side."""

import datetime
import uuid
from typing import Any

from inmanta_lsm.model import ServiceInstance
from inmanta_services.attributes.display import HIDDEN
from inmanta_services.pages.actions import Actions, actions_of
from inmanta_services.pages.comparison import compare

from ..helpers.services import BY_NAME, NETWORK, PORT, QUIET


def instance(service: str, state: str = "active", deleted: bool = False, **sets: dict[str, Any]) -> ServiceInstance:
    now = datetime.datetime.now(datetime.UTC)
    return ServiceInstance(
        id=uuid.uuid4(),
        environment=uuid.uuid4(),
        service_entity=service,
        version=1,
        desired_state_version=1,
        config={},
        state=state,
        created_at=now,
        last_updated=now,
        callback=[],
        deleted=deleted,
        candidate_attributes=sets.get("candidate"),
        active_attributes=sets.get("active"),
        rollback_attributes=sets.get("rollback"),
    )


def test_sets_that_are_not_there_have_no_column_and_what_differs_is_marked() -> None:
    before = {"name": "core", "size": 10, "rules": [{"key": "a", "action": "allow"}], "owner": None}
    after = {"name": "core", "size": 11, "rules": [{"key": "b", "action": "allow"}], "owner": {"person": "eva"}}

    found = compare(BY_NAME[NETWORK], instance(NETWORK, candidate=after, active=before))

    rows = {(row.depth, row.name): (list(row.values), row.differs) for row in found.rows}
    assert found.sets == ["candidate", "active"]
    assert rows[0, "name"] == (["core", "core"], False)
    assert rows[0, "size"] == (["11", "10"], True)
    assert rows[1, "a"] == ([None, ""], True)
    assert rows[1, "b"] == (["", None], True)
    assert rows[0, "owner"] == (["", None], True)
    assert rows[1, "person"] == (["eva", None], True)


def test_secrets_are_not_shown_and_relations_name_their_instances() -> None:
    found = compare(BY_NAME[PORT], instance(PORT, active={"name": "p", "password": "hush", "network": "one", "peers": ["two"]}))

    rows = {row.name: row for row in found.rows}
    assert rows["password"].values == [HIDDEN]
    assert (rows["network"].related, rows["network"].instances, rows["peers"].instances) == (NETWORK, [["one"]], [["two"]])


def test_only_what_the_lifecycle_offers_can_be_done() -> None:
    assert actions_of(QUIET, instance(NETWORK)) == Actions(update=True, delete=True, states=("parked",))
    assert actions_of(QUIET, instance(NETWORK, "parked")) == Actions(delete=True, states=("active",))
    assert actions_of(QUIET, instance(NETWORK, "gone", deleted=True)) == Actions()
