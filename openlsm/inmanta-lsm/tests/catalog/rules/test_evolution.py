"""How definitions change, and what that makes of instances."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from inmanta_lsm.attributes.changes import complete_for_create
from inmanta_lsm.attributes.sets import AttributeSets
from inmanta_lsm.attributes.shape import check_set
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.evolution import check_same_identity, check_states, duplicate_identity, rewritten
from inmanta_lsm.catalog.rules.versions import plan_versions
from inmanta_lsm.lifecycle.instance import InstanceSets
from inmanta_lsm.model import ServiceEntity

from ...helpers.described_service import BODIES, attribute, embedded, rich_service, service

ONE = uuid.UUID(int=1)


def instance(**sets: Any) -> InstanceSets:
    """An instance with some attribute sets."""
    return InstanceSets(ONE, "start", AttributeSets(**sets))


def test_all_sets_are_rewritten_inside_embedded_entities_too() -> None:
    speed = attribute("speed", "int", default=10)
    ports = embedded("ports", "rw+", None, attributes=[attribute("number", "int", "rw"), speed])
    new = service(attribute("name", "string", "rw"), speed, embedded_entities=[ports])
    old_set = {"name": "a", "gone": 1, "ports": [{"number": 1, "label": "x"}]}

    changed = rewritten(new, [instance(candidate=old_set, active=old_set, rollback=old_set)], allow=True)

    new_set = {"name": "a", "speed": 10, "ports": [{"number": 1, "speed": 10}]}
    assert changed == [instance(candidate=new_set, active=new_set, rollback=new_set)]


def test_an_instance_that_fits_already_stays_as_it_is() -> None:
    same = instance(candidate=None, active={"name": "a"})

    assert rewritten(service(attribute("name", "string", "rw")), [same], allow=False) == []


def test_a_change_of_instances_is_refused_where_it_is_not_allowed() -> None:
    with pytest.raises(RuleViolationError, match=f"changes the attributes of service instance {ONE}"):
        rewritten(service(), [instance(active={"name": "a"})], allow=False)


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (service(attribute("name", "string"), attribute("more", "int")), "Attribute more is required."),
        (service(attribute("name", "int")), 'Attribute name must be an integer, not "a".'),
    ],
)
def test_a_set_that_cannot_fit_is_named(new: ServiceEntity, reason: str) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        rewritten(new, [instance(rollback={"name": "a"})], allow=True)

    assert str(refusal.value) == (
        f"Service service: the rollback attributes of instance {ONE} do not fit the new definition. {reason}"
    )


@given(body=BODIES)
def test_rewriting_gives_sets_that_fit_and_does_nothing_twice(body: dict[str, Any]) -> None:
    old, new = rich_service(strict=True), rich_service(strict=False)
    new = new.model_copy(update={"attributes": [*new.attributes[1:], attribute("more", "dict", default={"a": 1})]})
    stored = instance(candidate=complete_for_create(old, body))

    changed = rewritten(new, [stored], allow=True)

    assert [one.id for one in changed] == [ONE]
    candidate = changed[0].sets.candidate
    assert candidate is not None
    check_set(new, candidate)
    assert rewritten(new, changed, allow=False) == []


def test_a_state_in_use_has_to_stay() -> None:
    check_states(service(), [instance()])
    with pytest.raises(RuleViolationError, match="the lifecycle has no state elsewhere, in which service instance"):
        check_states(service(), [InstanceSets(ONE, "elsewhere", AttributeSets())])


IDENTIFIED = service(attribute("name", "string", "rw"), service_identity="name")


def test_an_identity_is_added_but_never_changed_or_removed() -> None:
    check_same_identity(service(), IDENTIFIED)
    check_same_identity(IDENTIFIED, IDENTIFIED)
    for other in (None, "size"):
        with pytest.raises(RuleViolationError, match="the service identity name cannot be"):
            check_same_identity(IDENTIFIED, IDENTIFIED.model_copy(update={"service_identity": other}))


def test_the_identity_is_that_of_the_newest_set() -> None:
    newest = [instance(candidate={"name": "a"}, active={"name": "b"}), instance(active={"name": "b"})]

    assert duplicate_identity(IDENTIFIED, newest) is None
    assert duplicate_identity(IDENTIFIED, [*newest, instance(rollback={"name": "a"})]) == "a"
    assert duplicate_identity(service(), [*newest, *newest]) is None


def version(number: int, **fields: Any) -> ServiceEntity:
    """A version of a service."""
    return service(version=number, **fields)


def test_versions_are_added_and_removed() -> None:
    changes = plan_versions("service", [version(1), version(2)], [version(2), version(3)], 3)

    assert ([entity.version for entity in changes.added], changes.changed, changes.removed) == ([3], [], {1})


def test_what_is_set_apart_from_a_definition_does_not_make_it_another_one() -> None:
    shown = version(1, environment=ONE, config={"x": True}, owned_entities=["y"])

    changes = plan_versions("service", [shown], [version(1)], 1)

    assert changes.changed == []


@pytest.mark.parametrize(
    ("stored", "wanted", "default", "reason"),
    [
        ([], [version(1), version(1)], 1, "Service service: version 1 is defined more than once."),
        ([], [version(1)], 2, "Service service: the default version 2 is not among the versions."),
        ([], [], 0, "Service service: the default version 0 is not among the versions."),
        ([], [version(1, name="x")], 1, "The definitions are those of service service, but one is named x."),
        ([version(1)], [version(1, description="new")], 1, "Service service: version 1 exists and cannot be changed."),
        (
            [version(0), version(1)],
            [version(0, description="new")],
            0,
            "Service service: version 0 exists and cannot be changed.",
        ),
    ],
)
def test_versions_that_do_not_belong_together_are_refused(
    stored: list[ServiceEntity], wanted: list[ServiceEntity], default: int, reason: str
) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        plan_versions("service", stored, wanted, default)

    assert str(refusal.value).startswith(reason)
