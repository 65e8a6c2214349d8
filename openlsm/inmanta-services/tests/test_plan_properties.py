"""Random inventories: what a plan does is what it says, and nothing else."""

import datetime
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from inmanta_lsm.model import ServiceEntity, ServiceInstance
from inmanta_services.attributes import paths
from inmanta_services.attributes.completion import completed
from inmanta_services.attributes.differences import Difference, Kind, differences
from inmanta_services.attributes.members import base_of
from inmanta_services.declarations.documents import declaration
from inmanta_services.declarations.plan import Plan
from inmanta_services.declarations.planning import make_plan
from inmanta_services.declarations.pulling import declaration_of
from inmanta_services.declarations.state import State
from inmanta_services.declarations.steps import CallStep, OrderStep, steps
from inmanta_services.yaml_documents import read_text

from .helpers.edited import edited
from .helpers.inventories import Inventory, canonical, declarations, inventories
from .helpers.services import BY_NAME, SERVICES

NOW = datetime.datetime.now(datetime.UTC)
EVERY_SERVICE = [entity.name for entity in SERVICES]


class Simulation:
    """Stands in for an orchestrator: it does what is ordered at once, and allocates numbers."""

    def __init__(self) -> None:
        self.instances: dict[uuid.UUID, ServiceInstance] = {}
        self._numbers = itertools.count(100)

    @property
    def state(self) -> State:
        """What it has."""
        return State(BY_NAME, list(self.instances.values()), {}, {})

    def plan(self, inventory: Inventory) -> Plan:
        """
        Plan for an inventory to become all there is.

        :param inventory: the inventory.
        """
        return make_plan(declarations(inventory), self.state, prune=EVERY_SERVICE)

    def carry_out(self, plan: Plan) -> None:
        """
        Do what a plan says.

        :param plan: the plan.
        """
        for step in steps(plan):
            match step:
                case OrderStep():
                    for creation in step.creations:
                        attributes = BY_NAME[creation.service].add_defaults(creation.attributes)
                        self._store(BY_NAME[creation.service], creation.id, attributes)
                    for deletion in step.deletions:
                        del self.instances[deletion.instance.id]
                    updates = step.updates
                case CallStep():
                    updates = step.updates
            for update in updates:
                entity = BY_NAME[update.instance.service_entity]
                edits = [difference.edit for difference in update.differences]
                self._store(entity, update.instance.id, edited(entity, base_of(update.instance), edits))

    def _store(self, entity: ServiceEntity, identifier: uuid.UUID, attributes: dict[str, Any]) -> None:
        self._allocate(attributes)
        identity = attributes.get(entity.service_identity) if entity.service_identity else None
        self.instances[identifier] = ServiceInstance(
            id=identifier,
            environment=uuid.UUID(int=0),
            service_entity=entity.name,
            version=1,
            desired_state_version=1,
            config={},
            state="active",
            candidate_attributes=attributes,
            active_attributes=None,
            rollback_attributes=None,
            created_at=NOW,
            last_updated=NOW,
            callback=[],
            deleted=False,
            service_identity_attribute_value=identity,
        )

    def _allocate(self, value: Any) -> None:
        """Give a number to everything that has none."""
        if isinstance(value, list):
            for element in value:
                self._allocate(element)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name in ("number", "sequence") and inner is None:
                    value[name] = next(self._numbers)
                self._allocate(inner)

    def contents(self) -> dict[str, Any]:
        """What it has, by the names of the instances."""
        ids = {str(key): f"{one.service_entity}/{one.service_identity_attribute_value}" for key, one in self.instances.items()}
        return {
            f"{one.service_entity}/{one.service_identity_attribute_value or one.id}": canonical(
                base_of(one), ids, ("number", "sequence")
            )
            for one in self.instances.values()
        }


def expected(inventory: Inventory) -> dict[str, Any]:
    """
    What an orchestrator has that has an inventory.

    :param inventory: the inventory.
    """
    return {
        f"{service}/{key}": canonical(BY_NAME[service].add_defaults(attributes), {}, ("number", "sequence"))
        for (service, key), attributes in inventory.items()
    }


def apply_both(before: Inventory, after: Inventory) -> Simulation:
    """
    An orchestrator that had one inventory and then another one.

    :param before: the first.
    :param after: the second.
    """
    orchestrator = Simulation()
    orchestrator.carry_out(orchestrator.plan(before))
    orchestrator.carry_out(orchestrator.plan(after))
    return orchestrator


@given(inventories(), inventories())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_an_apply_the_inventory_is_what_the_files_declare(before: Inventory, after: Inventory) -> None:
    orchestrator = apply_both(before, after)

    assert orchestrator.contents() == expected(after)


@given(inventories(), inventories())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_an_apply_nothing_is_left_to_do(before: Inventory, after: Inventory) -> None:
    orchestrator = apply_both(before, after)

    again = orchestrator.plan(after)

    assert again.is_empty
    assert again.unchanged == len(after)


@given(inventories(), inventories())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_changes_that_the_plan_did_not_say(before: Inventory, after: Inventory) -> None:
    orchestrator = Simulation()
    orchestrator.carry_out(orchestrator.plan(before))
    plan = orchestrator.plan(after)
    old = {identifier: instance.model_copy(deep=True) for identifier, instance in orchestrator.instances.items()}

    orchestrator.carry_out(plan)

    said = {update.instance.id: update.differences for update in plan.updates}
    assert set(old) - set(orchestrator.instances) == {deletion.instance.id for deletion in plan.deletions}
    assert set(orchestrator.instances) - set(old) == {creation.id for creation in plan.creations}
    for identifier in set(old) & set(orchestrator.instances):
        changed = replayed(old[identifier], said.get(identifier, []))
        now = base_of(orchestrator.instances[identifier])
        assert canonical(now, {}, ("number", "sequence")) == canonical(changed, {}, ("number", "sequence"))
        assert kept_numbers(base_of(old[identifier]), now)


@given(inventories())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_files_that_are_pulled_declare_what_is_there(inventory: Inventory) -> None:
    orchestrator = Simulation()
    orchestrator.carry_out(orchestrator.plan(inventory))

    texts = [declaration_of(orchestrator.state, instance) for instance in orchestrator.instances.values()]

    pulled = [declaration(read_text(text, "a file"), "a file") for text in texts]
    plan = make_plan(pulled, orchestrator.state, prune=EVERY_SERVICE)
    assert plan.is_empty
    assert plan.unchanged == len(inventory)


@pytest.mark.parametrize("entity", SERVICES, ids=lambda entity: str(entity.name))
def test_a_set_does_not_differ_from_itself(entity: ServiceEntity) -> None:
    attributes = entity.add_defaults({"name": "x"})

    assert differences(entity, attributes, completed(entity, attributes, attributes)) == []


def replayed(instance: ServiceInstance, said: Sequence[Difference]) -> dict[str, Any]:
    """
    What an instance should have after a plan: what it had, with what the plan shows put in its place.

    :param instance: as it was.
    :param said: what the plan shows.
    """
    attributes = instance.model_copy(deep=True)
    values = base_of(attributes)
    for difference in said:
        steps_ = paths.parse(difference.path).get_path_sections()
        container: Any = values
        for step in steps_[:-1]:
            container = step.get_element(container)
        if difference.kind is Kind.REMOVED and "[" in steps_[-1].to_str().replace("\\[", ""):
            container[steps_[-1].get_key()].remove(difference.before)
        elif difference.kind is Kind.ADDED and "[" in steps_[-1].to_str().replace("\\[", ""):
            container[steps_[-1].get_key()].append(difference.after)
        else:
            container[steps_[-1].get_key()] = difference.after
    return BY_NAME[instance.service_entity].add_defaults(values)


def kept_numbers(before: Any, after: Any) -> bool:
    """
    Whether what was allocated stayed with what it was allocated for.

    :param before: attributes.
    :param after: the attributes afterwards.
    """
    rules = {rule["key"]: rule["sequence"] for rule in before.get("rules") or []}
    return before.get("number") == after.get("number") and all(
        rules.get(rule["key"], rule["sequence"]) == rule["sequence"] for rule in after.get("rules") or []
    )
