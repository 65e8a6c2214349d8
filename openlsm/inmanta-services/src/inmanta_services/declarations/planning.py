"""From files and the state of an orchestrator to a plan, or to everything that stands in its way. No calls here."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta_lsm.const import TransferTrigger
from inmanta_lsm.model import InterServiceRelation, ServiceEntity, ServiceInstance

from inmanta_services import lifecycle
from inmanta_services.attributes.completion import completed, read_only, without_read_only
from inmanta_services.attributes.differences import differences
from inmanta_services.attributes.display import clean, shown
from inmanta_services.attributes.members import base_of, references
from inmanta_services.attributes.relations import key_in, translated
from inmanta_services.declarations.documents import Declaration
from inmanta_services.declarations.plan import Creation, Deletion, Plan, Update
from inmanta_services.declarations.schema_errors import schema_errors
from inmanta_services.declarations.state import State
from inmanta_services.errors import ServicesError
from inmanta_services.naming import as_id, name_of


class PlanError(ServicesError):
    """Files cannot become the inventory; the message has a line for everything that stands in the way."""

    def __init__(self, problems: Sequence[str]) -> None:
        """:param problems: a sentence for each."""
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class _Target:
    """
    An instance that files declare.

    :ivar declaration: what they say.
    :ivar key: its identity, or its id where the service has none.
    :ivar id: of the instance that is there, or chosen for the one that is to be created.
    :ivar instance: the one that is there.
    """

    declaration: Declaration
    entity: ServiceEntity
    key: str
    id: uuid.UUID
    instance: ServiceInstance | None

    @property
    def name(self) -> str:
        return f"{self.entity.name}/{self.key}"


def make_plan(
    declarations: Sequence[Declaration],
    state: State,
    *,
    prune: Collection[str] = (),
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
) -> Plan:
    """
    Find out what has to be done.

    :param declarations: what the files declare.
    :param state: what the orchestrator has.
    :param prune: the services of which all instances are declared: others are deleted.
    :param new_id: chooses ids for instances that are to be created.
    :raises PlanError: when something stands in the way.
    """
    return _Planner(declarations, state, prune, new_id).plan()


class _Planner:
    """Makes one plan; collects everything that stands in its way."""

    def __init__(
        self,
        declarations: Sequence[Declaration],
        state: State,
        prune: Collection[str],
        new_id: Callable[[], uuid.UUID],
    ) -> None:
        self._declarations = declarations
        self._state = state
        self._prune = prune
        self._new_id = new_id
        self._problems: list[str] = []
        self._declared: dict[tuple[str, str], _Target] = {}
        self._remarks: list[str] = []

    def plan(self) -> Plan:
        """The plan."""
        targets = [target for declaration in self._declarations if (target := self._target(declaration)) is not None]
        for target in targets:
            self._declare(target)
        creations: list[Creation] = []
        updates: list[Update] = []
        unchanged = 0
        wanted: dict[str, Mapping[str, Any]] = {}
        for target in targets:
            attributes = self._attributes(target)
            wanted[target.name] = attributes
            if target.instance is None:
                creations.append(self._creation(target, attributes))
            elif update := self._update(target, target.instance, attributes):
                updates.append(update)
            else:
                unchanged += 1
                self._remark(target.entity, target.instance)
        deletions = self._deletions({target.id for target in targets}, wanted)
        if self._problems:
            raise PlanError(list(dict.fromkeys(self._problems)))
        return Plan(creations, updates, deletions, unchanged, self._remarks)

    def _problem(self, where: str, what: str) -> None:
        self._problems.append(clean(f"{where}: {what}"))

    def _target(self, declaration: Declaration) -> _Target | None:
        """The instance that a document declares."""
        entity = self._state.entities.get(declaration.service)
        if entity is None:
            known = ", ".join(sorted(self._state.entities)) or "none"
            self._problem(declaration.origin, f"there is no service {declaration.service}; the catalog has {known}.")
            return None
        identity = entity.service_identity
        if identity is None:
            if declaration.id is None:
                self._problem(declaration.origin, f"{entity.name} has no identity, so write id: with the id of the instance.")
                return None
            key = str(declaration.id)
        else:
            value = declaration.attributes.get(identity)
            if value is None:
                self._problem(declaration.origin, f"{identity} is missing, which tells instances of {entity.name} apart.")
                return None
            key = str(value)
        instance = self._state.find(entity.name, key)
        if instance is not None and declaration.id not in (None, instance.id):
            self._problem(declaration.origin, f"{name_of(instance)} has the id {instance.id} and not {declaration.id}.")
        if instance is None and declaration.id is not None and declaration.id in self._state.used_ids:
            owner = self._state.used_ids[declaration.id]
            self._problem(declaration.origin, f"the id {declaration.id} is that of {owner}: choose another one.")
        if instance is not None:
            entity = self._state.entity_of(instance)
        chosen = instance.id if instance is not None else declaration.id or self._new_id()
        return _Target(declaration, entity, key, chosen, instance)

    def _declare(self, target: _Target) -> None:
        """Make an instance known to those that refer to it."""
        other = self._declared.setdefault((target.entity.name, target.key), target)
        if other is not target:
            self._problem(target.declaration.origin, f"{target.name} is declared in {other.declaration.origin}, too.")

    def _attributes(self, target: _Target) -> dict[str, Any]:
        """What an instance should have, with ids for what it refers to; checked."""

        def id_of(relation: InterServiceRelation, name: str) -> str:
            return self._id_of(target, relation, name)

        attributes = translated(target.entity, target.declaration.attributes, id_of)
        self._check(target, attributes)
        return attributes

    def _id_of(self, target: _Target, relation: InterServiceRelation, name: str) -> str:
        """The id of what a relation leads to."""
        key = key_in(relation, name)
        declared = self._declared.get((relation.entity_type, key))
        if declared is not None:
            return str(declared.id)
        there = self._state.find(relation.entity_type, key)
        if there is not None:
            return str(there.id)
        if as_id(key) is None:
            self._problem(
                target.declaration.origin,
                f"{relation.name} leads to {relation.entity_type}/{key}, which is neither declared nor in the inventory.",
            )
            return str(uuid.UUID(int=0))
        return key

    def _check(self, target: _Target, attributes: Mapping[str, Any]) -> None:
        """Note what is wrong with attributes, whatever is there already."""
        current = None if target.instance is None else base_of(target.instance)
        for path in read_only(target.entity, attributes, current):
            self._problem(target.declaration.origin, f"{path} is read-only, only the orchestrator writes it: leave it out.")
        schema = self._state.schemas.get(target.entity.name)
        if schema is None or target.entity.version != self._state.entities[target.entity.name].version:
            return
        for path, message in schema_errors(schema, without_read_only(target.entity, attributes)):
            self._problem(target.declaration.origin, f"{path or 'the attributes'}: {message}.")

    def _creation(self, target: _Target, attributes: Mapping[str, Any]) -> Creation:
        """The creation of an instance."""
        given = without_read_only(target.entity, attributes)
        return Creation(target.entity.name, target.key, target.id, given, target.declaration.origin)

    def _update(self, target: _Target, instance: ServiceInstance, attributes: Mapping[str, Any]) -> Update | None:
        """The update of an instance, None when it is as declared."""
        origin = target.declaration.origin
        before = base_of(instance)
        found = differences(target.entity, before, completed(target.entity, attributes, before))
        for difference in found:
            if difference.forbidden is not None:
                change = f"{shown(difference.before, difference.path)} -> {shown(difference.after, difference.path)}"
                self._problem(origin, f"{target.name}: {difference.forbidden} ({change}).")
        if not found:
            return None
        if not _can(target.entity, instance, TransferTrigger.ON_UPDATE):
            self._problem(origin, f"{target.name} cannot be updated in state {instance.state}.")
        return Update(instance, found, origin, in_order=target.entity.strict_modifier_enforcement)

    def _deletions(self, kept: Collection[uuid.UUID], wanted: Mapping[str, Mapping[str, Any]]) -> list[Deletion]:
        """The deletion of what is not declared."""
        referring = {key: name for name, attributes in wanted.items() for key in references(attributes)}
        deletions = []
        for instance in self._state.instances:
            if instance.service_entity not in self._prune or instance.id in kept:
                continue
            name = name_of(instance)
            if not _can(self._state.entity_of(instance), instance, TransferTrigger.ON_DELETE):
                self._problem(name, f"it is not declared, and cannot be deleted in state {instance.state}.")
            other = referring.get(str(instance.id))
            if other is not None:
                self._problem(name, f"it is not declared, but {other} refers to it.")
            deletions.append(Deletion(instance))
        return deletions

    def _remark(self, entity: ServiceEntity, instance: ServiceInstance) -> None:
        """Note when an instance is as declared, but not well."""
        if instance.transfer_context == "stable" and lifecycle.is_trouble(entity.lifecycle, instance.state):
            self._remarks.append(f"{name_of(instance)} has the attributes that are declared, but is {instance.state}.")


def _can(entity: ServiceEntity, instance: ServiceInstance, trigger: TransferTrigger) -> bool:
    """
    Whether an instance can be updated or deleted, as far as can be known: one that moves by itself may get to a state in
    which it can.

    :param entity: its service.
    :param instance: the instance.
    :param trigger: what asks for it.
    """
    if instance.transfer_context != "stable":
        return True
    try:
        entity.lifecycle.get_transfer(from_state=instance.state, transfer_type=trigger)
    except KeyError:
        return False
    return True
