"""From described resources to statements: what an entity does, and in which order things come and go."""

from dataclasses import replace

from service_generator.model.expressions import (
    Call,
    Constant,
    Construct,
    Get,
    IsDefined,
    LoopVariable,
    Node,
    Operation,
    Variable,
)
from service_generator.model.names import private
from service_generator.model.resources import Around, InLoop, Made, OnlyIf, Requirement, Resource
from service_generator.model.services import Entity
from service_generator.model.statements import AddMember, Assign, Evaluate, Gap, If, Loop, SetMember, Statement
from service_generator.places import Place

SELF = Variable("self")
_FOR_SERVICE = tuple((name, Get(SELF, name)) for name in ("requires", "provides"))


def implementation(entity: Entity) -> tuple[Statement, ...]:
    """
    The statements of the implementation of an entity: its resources, their order, and the set that they belong to.

    :param entity: the entity, as described
    """
    statements: list[Statement] = []
    parents = [Get(SELF, private(parent.name)) for parent in entity.parents] if entity.deploys else []
    for parent in parents:
        statements += _for_parent(parent, SetMember(None, SELF, "parent", parent), several=len(parents) > 1)
    for resource in entity.resources:
        statements += [Gap(resource.place), *resource_statements(resource)]
        before = entity.before.get(resource.name, ())
        statements += [Gap(resource.place), *before] if before else []
    for parent in parents:
        owned = AddMember(None, parent, "owned_resources", Get(SELF, "owned_resources"))
        statements += [Gap(None), *_for_parent(parent, owned, several=len(parents) > 1)]
    for name, value in entity.computed:
        call = Call("lsm::update_read_only_attribute", (SELF, Constant(name)), (("value", value),))
        statements += [Gap(None), Evaluate(None, call)]
    for action in entity.actions:
        statements += [Gap(action.place), *_only_if(action.condition, (Evaluate(action.place, action.call),), action.place)]
    return tuple(statements)


def _for_parent(parent: Node, statement: Statement, *, several: bool) -> tuple[Statement, ...]:
    return (If(None, IsDefined(parent), (statement,)),) if several else (statement,)


def resource_statements(resource: Resource) -> tuple[Statement, ...]:
    """
    The statements that make what one method describes.

    :param resource: the resource or helper
    """
    statements = _around(resource, [(made, made.around, index) for index, made in enumerate(resource.made)])
    return _only_if(resource.condition, statements, resource.place)


def _around(resource: Resource, made: list[tuple[Made, tuple[Around, ...], int]]) -> tuple[Statement, ...]:
    statements: list[Statement] = []
    position = 0
    while position < len(made):
        one, around, index = made[position]
        if not around:
            statements += _made(resource, one, index)
            position += 1
            continue
        # What is made one after the other inside of the same loop or condition stays together.
        end = position
        while end < len(made) and made[end][1][:1] == around[:1]:
            end += 1
        inner = _around(resource, [(other, outside[1:], number) for other, outside, number in made[position:end]])
        statements += _in_block(around[0], inner, one.construct.place)
        position = end
    return tuple(statements)


def _in_block(around: Around, body: tuple[Statement, ...], place: Place | None) -> tuple[Statement, ...]:
    match around:
        case InLoop(variable, elements):
            return (Loop(place, variable, elements, body),)
        case OnlyIf(condition):
            return _only_if(condition, body, place)


def _only_if(condition: Node | None, body: tuple[Statement, ...], place: Place | None) -> tuple[Statement, ...]:
    return body if condition is None else (If(place, condition, body),)


def _made(resource: Resource, made: Made, index: int) -> tuple[Statement, ...]:
    place = made.construct.place or resource.place
    construct = _for_service(made.construct) if resource.owned else made.construct
    if resource.many:
        one: Node = LoopVariable("made", -1 - index)
        assert isinstance(one, LoopVariable)
        statements: list[Statement] = [Assign(place, one, construct), AddMember(place, SELF, resource.name, one)]
    else:
        one = Get(SELF, resource.name)
        statements = [SetMember(place, SELF, resource.name, construct)]
    if resource.deployed:
        statements.append(AddMember(place, SELF, "resources", one))
    if resource.owned:
        statements.append(AddMember(place, SELF, "owned_resources", one))
    for number, requirement in enumerate(made.requires):
        statements += _required(one, requirement, number, place)
    return tuple(statements)


def _for_service(construct: Construct) -> Construct:
    # What comes before or after the service as a whole comes before or after each of its resources.
    return replace(construct, attributes=construct.attributes + _FOR_SERVICE)


def _required(one: Node, requirement: Requirement, number: int, place: Place | None) -> tuple[Statement, ...]:
    if requirement.many:
        other = LoopVariable("other", -1000 - number)
        return (Loop(place, other, requirement.node, _in_order(one, other, requirement.mutual, place)),)
    statements = _in_order(one, requirement.node, requirement.mutual, place)
    if requirement.maybe:
        statements = (If(place, IsDefined(requirement.node), statements),)
    if requirement.shared:
        statements += (AddMember(place, SELF, "resources", requirement.node),)
    return statements


def _in_order(one: Node, other: Node, mutual: bool, place: Place | None) -> tuple[Statement, ...]:
    after = AddMember(place, one, "requires", other)
    if not mutual:
        return (after,)
    both = Operation("and", Get(one, "purged"), Get(other, "purged"))
    return (If(place, both, (AddMember(place, other, "requires", one),), (after,)),)
