"""
What an update leaves behind: a resource whose path, name or key follows from values that can change.

While an update is under way, and until it is rolled back or the service is gone, the model also holds the resource of before,
purged. The values of before are a dict in ``_previous``, which is null at all other times.
"""

from collections.abc import Callable
from dataclasses import replace

from service_generator.errors import DescriptionError
from service_generator.model.expressions import (
    Comprehension,
    Conditional,
    Constant,
    Construct,
    Get,
    IndexLookup,
    IsDefined,
    ListOf,
    Lookup,
    LoopVariable,
    Node,
    Not,
    Operation,
    Variable,
    chain,
    terms,
    transform,
    walk,
)
from service_generator.model.leaving import rules_out
from service_generator.model.names import PREVIOUS, private
from service_generator.model.resources import InLoop, Made, OnlyIf, Requirement, Resource
from service_generator.model.services import Attribute, Entity, ServiceRelation
from service_generator.model.statements import AddMember, Assign, If, Loop, Statement
from service_generator.python_side import identity_of

SELF = Variable("self")
_FLAGS = frozenset({private("removed"), private("added"), "purge_resources"})


class _UnknownError(Exception):
    """What the value was before cannot be said."""


class Before:
    """Finds the resources of one entity that an update can leave behind."""

    def __init__(self, entity: Entity, entities: dict[str, Entity]) -> None:
        """
        :param entity: the entity
        :param entities: all entities, by full name
        """
        self._entity = entity
        self._entities = entities
        self._elements: dict[LoopVariable, Entity | None] = {}

    def statements(self, resource: Resource) -> tuple[Statement, ...]:
        """
        What purges the resource of before.

        :param resource: a resource of the entity
        :return: nothing, when no update can change what the resource is told apart by
        """
        if not (resource.deployed and resource.owned):
            return ()
        return tuple(found for made in resource.made for found in self._of(resource, made))

    def _of(self, resource: Resource, made: Made) -> tuple[Statement, ...]:
        conditions = [around.condition for around in made.around if isinstance(around, OnlyIf)]
        conditions += [resource.condition] if resource.condition is not None else []
        removed = made.goes and any(rules_out(condition, _is_removed) for condition in conditions)
        found = self._found(resource, made, conditions, removed=removed)
        if removed and not found:
            raise DescriptionError(
                "an element that an update removes would leave it behind: the condition leaves it out just then. Take removed "
                "out of the condition, since it is purged with its element, or say yourself when it is with purged=.",
                where=f"{self._entity.name}.{resource.name}",
                place=made.construct.place or resource.place,
            )
        return found

    def _found(self, resource: Resource, made: Made, conditions: list[Node], *, removed: bool) -> tuple[Statement, ...]:
        identity = self._identity(made.construct)
        if not identity:
            return ()
        loops = [around for around in made.around if isinstance(around, InLoop)]
        for loop in loops:
            self._elements[loop.variable] = self._element(loop.elements)
        looked_at = [*identity, *conditions, *(loop.elements for loop in loops)]
        if not removed and not any(self._changes(self._expanded(node)) for node in looked_at):
            return ()
        try:
            return self._purging(resource, made, identity, loops, conditions)
        except _UnknownError:
            return ()

    def _purging(
        self, resource: Resource, made: Made, identity: list[Node], loops: list[InLoop], conditions: list[Node]
    ) -> tuple[Statement, ...]:
        place = made.construct.place or resource.place
        one, was_called = LoopVariable("before", -5000), LoopVariable("was", -5001)
        attributes = [
            (name, was_called if node is identity[0] else self._was_or_is(node))
            for name, node in made.construct.attributes
            if name != "purged"
        ]
        construct = Construct(made.construct.entity, (*attributes, ("purged", Constant(True)), *_for_service()), place)
        body: tuple[Statement, ...] = (
            Assign(place, one, construct),
            AddMember(place, SELF, private(f"{resource.name}_before"), one),
            AddMember(place, SELF, "resources", one),
            AddMember(place, SELF, "owned_resources", one),
            *self._order(resource, made, one),
        )
        gone = Not(Operation("in", was_called, self._now(identity, loops, conditions)))
        body = (Assign(place, was_called, self._was(identity[0])), If(place, gone, body))
        for condition in conditions:
            was = self._was(condition)
            body = body if was == Constant(True) else (If(place, was, body),)
        for loop in reversed(loops):
            body = (Loop(place, loop.variable, self._was(loop.elements), body),)
        return (If(place, IsDefined(Get(SELF, PREVIOUS)), body),)

    def _now(self, identity: list[Node], loops: list[InLoop], conditions: list[Node]) -> Node:
        key = self._expanded(identity[0])
        guard = chain("and", tuple(self._expanded(condition) for condition in conditions)) if conditions else None
        if not loops:
            return ListOf((key,)) if guard is None else Conditional(guard, ListOf((key,)), ListOf(()))
        listed: Node | None = None
        for index, loop in enumerate(reversed(loops)):
            renamed = LoopVariable(loop.variable.name, loop.variable.number)
            listed = Comprehension(
                key if listed is None else listed, renamed, self._expanded(loop.elements), guard if index == 0 else None
            )
        assert listed is not None
        return listed

    def _order(self, resource: Resource, made: Made, one: LoopVariable) -> tuple[Statement, ...]:
        # What is new comes after what goes; what goes, goes before what it was in.
        place = made.construct.place
        statements: list[Statement] = []
        current = Get(SELF, resource.name)
        if resource.many:
            pass
        elif resource.condition is None and not made.around:
            statements.append(AddMember(place, current, "requires", one))
        else:
            statements.append(If(place, IsDefined(current), (AddMember(place, current, "requires", one),)))
        for requirement in made.requires:
            statements += self._goes_before(requirement, one)
        return tuple(statements)

    def _goes_before(self, requirement: Requirement, one: LoopVariable) -> list[Statement]:
        match requirement.node:
            case Get(of, name) if not requirement.many and not requirement.shared:
                entity = self._entity_at(of)
                found = next((other for other in entity.resources if other.name == name), None) if entity else None
                if entity is None or found is None or found.many:
                    return []
                statements: list[Statement] = []
                if requirement.mutual:
                    later: Statement = AddMember(None, requirement.node, "requires", one)
                    guarded: tuple[Statement, ...] = (If(None, Get(requirement.node, "purged"), (later,)),)
                    maybe = found.condition is not None
                    statements += (If(None, IsDefined(requirement.node), guarded),) if maybe else guarded
                if Before(entity, self._entities).statements(found):
                    other = LoopVariable("outer", -6000)
                    after = AddMember(None, other, "requires", one)
                    statements.append(Loop(None, other, Get(of, private(f"{name}_before")), (after,)))
                return statements
        return []

    def _identity(self, construct: Construct) -> list[Node]:
        known = identity_of(construct.entity)
        attributes = dict(construct.attributes)
        return [attributes[known[0]]] if known is not None and known[0] in attributes else []

    # What the values were

    def _was_or_is(self, node: Node) -> Node:
        try:
            return self._was(node)
        except _UnknownError:
            return node

    def _was(self, node: Node) -> Node:
        return self._before(self._expanded(node))

    def _before(self, node: Node) -> Node:
        match node:
            case Get(_, name) if name in _FLAGS:
                return Constant(False)
            case Not(of):
                was = self._before(of)
                return Constant(not was.value) if isinstance(was, Constant) else Not(was)
            case IsDefined(Get(of, name)):
                return self._was_defined(node, of, name)
            case Get(of, name):
                return self._member(node, of, name)
            case LoopVariable():
                return node
            case Operation("and", _, _):
                left = [was for term in terms(node, "and") for was in [self._before(term)] if was != Constant(True)]
                return chain("and", tuple(left)) if left else Constant(True)
        return _children(node, self._before)

    def _was_defined(self, node: Node, of: Node, name: str) -> Node:
        entity = self._entity_at(of)
        if entity is not None and any(found.name == name for found in entity.all_services()):
            return Operation("!=", Lookup(self._record(of), name), Constant(None))
        return _children(node, self._before)

    def _member(self, node: Node, of: Node, name: str) -> Node:
        entity = self._entity_at(of)
        if entity is None:
            return Get(self._before(of), name)
        attribute = next((found for found in entity.all_attributes() if found.name == name), None)
        if attribute is not None:
            value = Lookup(self._record(of), name)
            if attribute.type.is_list and attribute.type.optional:
                return Conditional(Operation("==", value, Constant(None)), ListOf(()), value)
            return value
        if any(found.name == name for found in entity.all_embedded()):
            return Lookup(self._record(of), name)
        relation = next((found for found in entity.all_services() if found.name == name), None)
        if relation is not None and not relation.cardinality.many:
            target = f"{relation.target_namespace}::{relation.target}"
            return IndexLookup(target, (("instance_id", Lookup(self._record(of), name)),))
        if name in {"instance_id", *(private(parent.name) for parent in entity.parents)}:
            return node
        raise _UnknownError

    def _record(self, of: Node) -> Node:
        match of:
            case Variable("self"):
                return Get(SELF, PREVIOUS)
            case LoopVariable():
                return of
            case Get(inner, name):
                entity = self._entity_at(inner)
                if entity is not None and name in {private(parent.name) for parent in entity.parents}:
                    return Get(of, PREVIOUS)
                if entity is not None and any(found.name == name for found in entity.all_embedded()):
                    return Lookup(self._record(inner), name)
        raise _UnknownError

    # What an expression consists of

    def _expanded(self, node: Node) -> Node:
        def change(found: Node) -> Node:
            match found:
                case Get(Get(of, name), attribute):
                    entity = self._entity_at(of)
                    resource = next((one for one in entity.resources if one.name == name), None) if entity else None
                    if resource is None or resource.many:
                        return found
                    given = dict(resource.construct.attributes)
                    if attribute not in given:
                        return found
                    value = transform(given[attribute], lambda part: of if part == SELF else part)
                    return self._expanded(value)
            return found

        return transform(node, change)

    def _changes(self, node: Node) -> bool:
        return any(isinstance(part, Get) and self._is_changeable(part) for part in walk(node))

    def _is_changeable(self, node: Get) -> bool:
        entity = self._entity_at(node.of)
        if entity is None:
            return False
        members: tuple[Attribute | ServiceRelation, ...] = (*entity.all_attributes(), *entity.all_services())
        return any(member.name == node.name and member.modifier == "rw+" for member in members)

    def _element(self, elements: Node) -> Entity | None:
        match elements:
            case Get(of, name):
                entity = self._entity_at(of)
                found = next((one for one in entity.all_embedded() if one.name == name), None) if entity else None
                return found.target if found else None
        return None

    def _entity_at(self, node: Node) -> Entity | None:
        match node:
            case Variable("self"):
                return self._entity
            case LoopVariable():
                return self._elements.get(node)
            case Get(of, name):
                entity = self._entity_at(of)
                if entity is None:
                    return None
                for relation in entity.all_embedded():
                    if relation.name == name and not relation.cardinality.many:
                        return relation.target
                for parent in entity.parents:
                    if private(parent.name) == name:
                        return self._entities.get(parent.target)
        return None


def _is_removed(node: Node) -> bool:
    return isinstance(node, Get) and node.name == private("removed")


def _for_service() -> tuple[tuple[str, Node], ...]:
    return tuple((name, Get(SELF, name)) for name in ("requires", "provides"))


def _children(node: Node, change: Callable[[Node], Node]) -> Node:
    from dataclasses import fields

    def value(found: object) -> object:
        if isinstance(found, Node):
            return change(found)
        if isinstance(found, tuple):
            return tuple(value(item) for item in found)
        return found

    return replace(node, **{member.name: value(getattr(node, member.name)) for member in fields(node)})
