"""Running the methods that describe resources, with stand-ins in place of the service."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from service_generator.dsl import blocks
from service_generator.dsl.expressions import Reference, opposite
from service_generator.dsl.fields import Field
from service_generator.dsl.flow import assuming
from service_generator.dsl.modules import fits
from service_generator.dsl.parts import Embedded, Part
from service_generator.dsl.resources import ActionField, ResourceField
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.installed import attributes_of, extends
from service_generator.kinds import ANY, BOOL, Kind
from service_generator.model.expressions import (
    Call,
    Constant,
    Construct,
    Get,
    Node,
    Not,
    Variable,
    chain,
    terms,
    transform,
    walk,
)
from service_generator.model.leaving import container, is_deleting, rules_out, while_kept
from service_generator.model.names import private
from service_generator.model.resources import Around, InLoop, Made, OnlyIf, Resource
from service_generator.model.services import Action, Entity
from service_generator.python_side import identity_of
from service_generator.read.failures import failure
from service_generator.read.requirements import Described, requirements
from service_generator.read.symbols import SELF, PartSymbol, action_fields, resource_fields

_DELETING = Get(SELF, "purge_resources")
_REMOVED = Get(SELF, private("removed"))


@dataclass
class _Run:
    """
    One run of a method.

    :param condition: when there is what it describes
    :param purges: whether what conditions leave out while the service is deleted is there after all, and purged
    :param leaves: whether it would leave something behind then
    """

    condition: Node | None
    purges: bool = False
    leaves: bool = False

    def around(self) -> tuple[Around, ...]:
        """The loops and conditions around what is made just now."""
        found = [block.around for block in blocks.current()]
        if not self.purges:
            return tuple(found)
        kept: list[Around] = []
        for one in found:
            match one:
                case OnlyIf(condition):
                    left = while_kept(condition, _parts())
                    kept += [OnlyIf(left)] if left is not None else []
                case InLoop():
                    kept.append(one)
        return tuple(kept)

    def conditions(self) -> list[Node]:
        """All that has to hold for what is made just now."""
        found = [around.condition for around in self.around() if isinstance(around, OnlyIf)]
        condition = self.described_condition()
        return found if condition is None else [*found, condition]

    def described_condition(self) -> Node | None:
        """When there is what the method describes."""
        return while_kept(self.condition) if self.purges and self.condition is not None else self.condition


class Tracer:
    """Describes the resources of parts; each method is run once, or twice when the first run would leave something behind."""

    def __init__(self, entities: dict[type[Part], Entity]) -> None:
        """:param entities: all parts, with their attributes and relations but without resources"""
        self._entities = entities
        self._parts = {entity.full_name: part for part, entity in entities.items()}
        self._traced: dict[tuple[type[Part], str], Resource] = {}
        self._tracing: list[tuple[type[Part], str]] = []
        self._runs: list[_Run] = []
        self._contained: set[tuple[type[Part], str]] = set()
        self.described: dict[Node, Described] = {}
        """The resources that were referred to so far, by the expression for them."""
        self.called: set[str] = set()
        """The names of the methods that were called so far, besides those of resources."""

    def check_methods(self, part: type[Part]) -> None:
        """
        Refuse a method that describes something and that nothing uses.

        :param part: the class
        :raises DescriptionError: there is one
        """
        for name, method in vars(part).items():
            if inspect.isfunction(method) and _describes(method) and name not in self.called:
                raise DescriptionError(
                    "nothing uses the method, so what it describes is not there. Write @resource above it, or take it away.",
                    where=f"{part.__name__}.{name}",
                )

    def resources_of(self, part: type[Part]) -> tuple[Resource, ...]:
        """
        The resources of a part, in the order of the class body.

        :param part: the class
        """
        return tuple(self.resource(part, name) for name in resource_fields(part))

    def resource(self, part: type[Part], name: str) -> Resource:
        """
        One resource of a part.

        :param part: the class
        :param name: the name of the method
        :raises DescriptionError: the method cannot be turned into a resource
        """
        key = (part, name)
        if key not in self._traced:
            where = f"{part.__name__}.{name}"
            if key in self._tracing:
                circle = " -> ".join(f"{cls.__name__}.{method}" for cls, method in [*self._tracing, key])
                raise DescriptionError(f"the resource needs itself: {circle}. Break the circle.", where=where)
            self._tracing.append(key)
            field = resource_fields(part)[name]
            try:
                self._traced[key] = self._trace(part, field)
            except DescriptionError as error:
                raise error.within(where).at(field.place) from error
            finally:
                self._tracing.pop()
        return self._traced[key]

    def computed_of(self, part: type[Part], fields: list[tuple[str, Field, object]]) -> list[tuple[str, Node]]:
        """
        The read-only attributes of a part that follow from it, with their values.

        :param part: the class
        :param fields: its attributes
        """
        found: list[tuple[str, Node]] = []
        for name, field, _ in fields:
            if field.value is None:
                continue
            try:
                found.append((name, self._computed(part, name, _run(field.value, self.symbol(SELF, part)))))
            except DescriptionError as error:
                raise error.within(f"{part.__name__}.{name}") from error
        return found

    def _computed(self, part: type[Part], name: str, value: object) -> Node:
        attribute = next(found for found in self._entities[part].all_attributes() if found.name == name)
        kind, expected = kind_of(value), Kind(attribute.type.primitive, many=attribute.type.is_list, optional=True)
        if not kind.is_unknown and not fits(kind, expected, to_node(value)):
            raise DescriptionError(f"its value is {kind}, and it is {attribute.type}. Give it what it takes.")
        return to_node(value)

    def actions_of(self, part: type[Part]) -> tuple[Action, ...]:
        """
        The plugins that a part calls for their effect.

        :param part: the class
        """
        return tuple(self._action(part, name, field) for name, field in action_fields(part).items())

    def _action(self, part: type[Part], name: str, field: ActionField) -> Action:
        try:
            me = self.symbol(SELF, part)
            condition = self._condition(me, field)
            with assuming(condition if condition is not None else Constant(True)):
                call = _run(field.build, me)
            if not isinstance(call, Reference) or not isinstance(to_node(call), Call):
                raise DescriptionError('the method does not return the call of a plugin, like module("x").plugin(...).')
        except DescriptionError as error:
            raise error.within(f"{part.__name__}.{name}").at(field.place) from error
        return Action(name, to_node(call), condition, field.place)

    def symbol(self, node: Node, part: type[Part], *, foreign: bool = False, optional: bool = False) -> PartSymbol:
        """
        A stand-in for an instance of a part.

        :param node: the expression that gives the instance
        :param part: the class
        :param foreign: whether it belongs to another service, with a resource set of its own
        :param optional: whether there may be none
        """
        return PartSymbol(node, part, self, foreign, optional)

    def entity(self, part: type[Part]) -> Entity:
        """
        The attributes and relations of a part.

        :param part: the class
        """
        return self._entities[part]

    def part(self, full_name: str) -> type[Part]:
        """
        The class that describes an entity.

        :param full_name: the name of the entity with its namespace
        """
        return self._parts[full_name]

    def is_there(self, of: Node, resource: Resource) -> bool:
        """
        Whether a resource exists wherever the one exists that is being described.

        :param of: the part that it belongs to
        :param resource: the resource
        """
        if resource.condition is None:
            return True
        needed = transform(resource.condition, lambda node: of if node == SELF else node)
        conditions = [condition for run in self._runs[-1:] for condition in run.conditions()]
        held = {_whole(term) for condition in conditions for term in terms(condition, "and")}
        return all(_whole(term) in held for term in terms(needed, "and"))

    def goes(self, part: type[Part], name: str) -> bool:
        """
        Whether a resource is gone when its service is: it is purged, or in something that is.

        :param part: the class that describes it
        :param name: the name of the method
        """
        made = self.resource(part, name).made
        purged = (dict(one.construct.attributes).get("purged", Constant(False)) for one in made)
        return (part, name) in self._contained or all(any(is_deleting(node) for node in walk(value)) for value in purged)

    def _trace(self, part: type[Part], field: ResourceField) -> Resource:
        me = self.symbol(SELF, part)
        # What is purged needs its helpers.
        run = _Run(self._condition(me, field), purges=not field.deployed)
        built = self._built(part, field, me, run)
        if run.leaves:
            run = _Run(run.condition, purges=True)
            built = self._built(part, field, me, run)
        entities = {made.construct.entity for made in built}
        if len(entities) > 1:
            raise DescriptionError(f"the method yields {' and '.join(sorted(entities))}. Write a method for each entity.")
        many = inspect.isgeneratorfunction(field.build)
        return Resource(
            name=field.name,
            description=" ".join((field.build.__doc__ or "").split()),
            entity=entities.pop(),
            made=tuple(built),
            condition=run.described_condition(),
            many=many,
            owned=field.owned,
            deployed=field.deployed,
            place=field.place,
        )

    def _built(self, part: type[Part], field: ResourceField, me: PartSymbol, run: _Run) -> list[Made]:
        built: list[Made] = []
        self._runs.append(run)
        try:
            with blocks.recording(), assuming(run.condition if run.condition is not None else Constant(True)):
                result = field.build(me)
                if inspect.isgenerator(result):
                    built += [self._made(part, field, value) for value in result]
                else:
                    built.append(self._made(part, field, result))
        except (Exception, SystemExit) as error:
            # Any exception: what the method does to stand-ins may be anything that works with values.
            raise failure(error) from error
        finally:
            self._runs.pop()
        if not built:
            raise DescriptionError("the method yields nothing. Yield a resource, like fs.File(...).")
        return built

    def _made(self, part: type[Part], field: ResourceField, value: object) -> Made:
        construct = to_node(value) if isinstance(value, Reference) else None
        if not isinstance(construct, Construct):
            raise DescriptionError("the method does not return a resource, like fs.File(...).")
        is_resource = extends(construct.entity, "std::Resource")
        if field.deployed and not is_resource:
            raise DescriptionError(f"{construct.entity} is not a resource: it does not extend std::Resource. Write @helper.")
        if not field.deployed and is_resource:
            raise DescriptionError(f"{construct.entity} is a resource. Write @resource, with owned=False if it is shared.")
        run = self._runs[-1]
        around = run.around()
        attributes = dict(construct.attributes)
        required = attributes.pop("requires", None) if field.deployed else None
        goes = False
        if field.owned and "purged" in attributes_of(construct.entity):
            if "purged" not in attributes:
                goes = True
                self._leave_nothing(part, field, construct, run)
                purged = self._default_purged(part, run)
                if purged is not None:
                    attributes["purged"] = purged
            elif run.purges:
                # It says itself when it is purged, and so it is there when its conditions say so.
                condition = [OnlyIf(run.condition)] if run.condition is not None else []
                around = (*condition, *(block.around for block in blocks.current()))
        return Made(
            Construct(construct.entity, tuple(attributes.items()), construct.place),
            requirements(required, self.described, owned=field.owned, purgeable="purged" in attributes),
            around,
            goes,
        )

    def _leave_nothing(self, part: type[Part], field: ResourceField, construct: Construct, run: _Run) -> None:
        if run.purges or not any(rules_out(condition, partial(is_deleting, parts=_parts())) for condition in run.conditions()):
            return
        known = identity_of(construct.entity)
        identity = dict(construct.attributes).get(known[0]) if known is not None else None
        around = container(identity) if identity is not None else None
        if around is not None and around in self.described and self.described[around].goes:
            self._contained.add((part, field.name))
        else:
            run.leaves = True

    @staticmethod
    def _condition(me: PartSymbol, field: ResourceField | ActionField) -> Node | None:
        described = field.when or field.unless
        if described is None:
            return None
        value = _run(described, me)
        if not isinstance(value, Reference):
            raise DescriptionError(
                f"the condition is {value!r} whatever the service. Use a value of the service, or take the condition away."
            )
        if kind_of(value) not in (BOOL, ANY):
            raise DescriptionError(f"the condition is {kind_of(value)}, and only booleans are conditions. Write a comparison.")
        return to_node(opposite(value) if field.unless is not None else value)

    @staticmethod
    def _default_purged(part: type[Part], run: _Run) -> Node | None:
        # What the condition rules out needs no mention: where it holds, the resource does not exist at all.
        excluded = {term.of for found in run.conditions() for term in terms(found, "and") if isinstance(term, Not)}
        reasons: list[Node] = [_DELETING, _REMOVED] if issubclass(part, Embedded) else [_DELETING]
        for block in blocks.current():
            if isinstance(block.element, PartSymbol) and block.element.tracks_changes:
                reasons.append(Get(to_node(block.element), private("removed")))
        left = tuple(reason for reason in reasons if reason not in excluded)
        return chain("or", left) if left else None


def _describes(method: Callable[..., object]) -> bool:
    hint = method.__annotations__.get("return")
    return hint in (Reference, Iterator[Reference], "Reference", "Iterator[Reference]")


def _parts() -> frozenset[Node]:
    elements = [block.element for block in blocks.current()]
    return frozenset(to_node(one) for one in elements if isinstance(one, PartSymbol) and not one.is_foreign)


def _whole(condition: Node) -> Node:
    # Whether a part is being deleted is what its service says.
    def change(node: Node) -> Node:
        match node:
            case Get(Get(Variable("self"), parent), "purge_resources") if parent.startswith("_"):
                return _DELETING
        return node

    return transform(condition, change)


def _run(described: Callable[[Any], object], me: PartSymbol) -> object:
    try:
        return described(me)
    except (Exception, SystemExit) as error:
        # Any exception: what the method does to stand-ins may be anything that works with values.
        raise failure(error) from error
