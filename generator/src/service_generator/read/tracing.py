"""Running the methods that describe resources, with stand-ins in place of the service."""

import types
from collections.abc import Callable
from functools import partial
from typing import Any

from service_generator.dsl.expressions import Condition, Elements, Reference, to_node
from service_generator.dsl.modules import Instance
from service_generator.dsl.parts import Embedded, Part
from service_generator.dsl.resources import ResourceField
from service_generator.errors import DescriptionError
from service_generator.installed import attributes_of, close_match, extends
from service_generator.model.expressions import (
    Constant,
    Construct,
    FormatString,
    Get,
    ListOf,
    Node,
    Not,
    Variable,
    chain,
    terms,
)
from service_generator.model.names import element_name, private
from service_generator.model.services import EmbeddedRelation, Entity, Requirement, Resource, ServiceRelation
from service_generator.read.failures import failure

_SELF = Variable("self")
_DELETING = Get(_SELF, "purge_resources")
_REMOVED = Get(_SELF, private("removed"))


class Tracer:
    """Describes the resources of parts; each method is run once."""

    def __init__(self, entities: dict[type[Part], Entity]) -> None:
        """:param entities: all parts, with their attributes and relations but without resources"""
        self._entities = entities
        self._parts = {entity.full_name: part for part, entity in entities.items()}
        self._traced: dict[tuple[type[Part], str], Resource] = {}
        self._tracing: list[tuple[type[Part], str]] = []
        self._purgeable: set[Node] = set()
        self._foreign: set[Node] = set()

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
        :raises DescriptionError: the method can't be turned into a resource
        """
        key = (part, name)
        if key not in self._traced:
            where = f"{part.__name__}.{name}"
            if key in self._tracing:
                circle = " -> ".join(f"{cls.__name__}.{method}" for cls, method in [*self._tracing, key])
                raise DescriptionError(f"the resource needs itself: {circle}. Break the circle.", where=where)
            self._tracing.append(key)
            try:
                self._traced[key] = self._trace(part, resource_fields(part)[name])
            except DescriptionError as error:
                raise error.within(where) from error
            finally:
                self._tracing.pop()
        return self._traced[key]

    def symbol(self, node: Node, part: type[Part], *, foreign: bool = False) -> "PartSymbol":
        """
        A stand-in for an instance of a part.

        :param node: the expression that gives the instance
        :param part: the class
        :param foreign: whether it belongs to another service, with a resource set of its own
        """
        return PartSymbol(node, part, self, foreign)

    def reference(self, node: Node, part: type[Part], name: str, foreign: bool) -> Instance:
        """
        A stand-in for a resource of a part.

        :param node: the expression that gives the part
        :param part: the class
        :param name: the name of the resource
        :param foreign: whether it belongs to another service, with a resource set of its own
        """
        resource, instance = self.resource(part, name), Get(node, name)
        if any(attribute == "purged" for attribute, _ in resource.construct.attributes):
            self._purgeable.add(instance)
        if foreign:
            self._foreign.add(instance)
        return Instance(instance, resource.construct.entity)

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

    def _trace(self, part: type[Part], field: ResourceField) -> Resource:
        me = self.symbol(_SELF, part)
        condition = self._condition(me, field)
        built = _run(field.build, me)
        construct = to_node(built) if isinstance(built, Reference) else None
        if not isinstance(construct, Construct):
            raise DescriptionError("the method doesn't return a resource, like fs.File(...).")
        if not extends(construct.entity, "std::Resource"):
            raise DescriptionError(f"{construct.entity} is not a resource: it doesn't extend std::Resource.")
        attributes = dict(construct.attributes)
        requires = attributes.pop("requires", ListOf(()))
        if not isinstance(requires, ListOf):
            raise DescriptionError("requires= is not a list. Write requires=[...].")
        if any(node in self._foreign for node in requires.items):
            raise DescriptionError(
                "it requires a resource of another service, which is deployed on its own. Only require resources of this "
                "service, of its owner, and shared ones."
            )
        if any(isinstance(node, Constant | FormatString) for node in requires.items):
            raise DescriptionError("requires= holds something that is no resource. Write requires=[self.<method>, <shared>].")
        if not field.owned and not all(isinstance(node, Variable) for node in requires.items):
            raise DescriptionError("it is shared, but requires a resource of this service. Only require shared resources.")
        if field.owned and "purged" not in attributes and "purged" in attributes_of(construct.entity):
            purged = _default_purged(part, condition)
            if purged is not None:
                attributes["purged"] = purged
        return Resource(
            name=field.name,
            description=" ".join((field.build.__doc__ or "").split()),
            construct=Construct(construct.entity, tuple(attributes.items())),
            condition=condition,
            requires=tuple(
                Requirement(node, mutual="purged" in attributes and node in self._purgeable) for node in requires.items
            ),
            owned=field.owned,
        )

    @staticmethod
    def _condition(me: "PartSymbol", field: ResourceField) -> Node | None:
        if field.when is not None:
            return to_node(_run(field.when, me))
        return Not(to_node(_run(field.unless, me))) if field.unless is not None else None


def resource_fields(part: type[Part]) -> dict[str, ResourceField]:
    """
    The methods of a part that describe resources, inherited ones included.

    :param part: the class
    """
    found: dict[str, ResourceField] = {}
    for base in reversed(part.__mro__):
        found.update({name: value for name, value in vars(base).items() if isinstance(value, ResourceField)})
    return found


def _run(described: Callable[[Any], object], me: "PartSymbol") -> object:
    try:
        return described(me)
    except Exception as error:
        # Any exception: what the method does to stand-ins may be anything that works with values.
        raise failure(error) from error


def _default_purged(part: type[Part], condition: Node | None) -> Node | None:
    # What the condition rules out needs no mention: where it holds, the resource doesn't exist at all.
    excluded = {term.of for term in terms(condition, "and") if isinstance(term, Not)} if condition else set()
    reasons = (_DELETING, _REMOVED) if issubclass(part, Embedded) else (_DELETING,)
    left = tuple(reason for reason in reasons if reason not in excluded)
    return chain("or", left) if left else None


class PartSymbol(Reference):
    """A stand-in for a service or for a part of one."""

    def __init__(self, node: Node, part: type[Part], tracer: Tracer, foreign: bool) -> None:
        """
        :param node: the expression that gives the instance
        :param part: the class that describes it
        :param tracer: what knows all parts
        :param foreign: whether it belongs to another service, with a resource set of its own
        """
        super().__init__(node)
        self._foreign = foreign
        self._part = part
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        members = self._members()
        if name in members:
            return members[name]()
        return self._python_member(name, members)

    def _members(self) -> dict[str, Callable[[], object]]:
        entity, tracer = self._tracer.entity(self._part), self._tracer
        members: dict[str, Callable[[], object]] = {
            attribute.name: partial(Reference, Get(self._node, attribute.name)) for attribute in entity.attributes
        }
        members.update({relation.name: partial(self._embedded, relation) for relation in entity.embedded})
        members.update({relation.name: partial(self._service, relation) for relation in entity.services})
        if entity.parent is not None:
            parent = Get(self._node, private(entity.parent.name))
            members[entity.parent.name] = partial(
                tracer.symbol, parent, tracer.part(entity.parent.target), foreign=self._foreign
            )
        for name in resource_fields(self._part):
            members[name] = partial(tracer.reference, self._node, self._part, name, self._foreign)
        if entity.element_of is None or entity.deploys:
            members["deleting"] = partial(Condition, Get(self._node, "purge_resources"))
        if entity.tracks_changes:
            members["removed"] = partial(Condition, Get(self._node, private("removed")))
            members["added"] = partial(Condition, Get(self._node, private("added")))
        return members

    def _service(self, relation: ServiceRelation) -> Reference:
        part = self._tracer.part(f"{relation.target_namespace}::{relation.target}")
        return self._related(relation.name, part, relation.cardinality.many, self._foreign or not relation.is_owner)

    def _embedded(self, relation: EmbeddedRelation) -> Reference:
        part = self._tracer.part(relation.target.full_name)
        return self._related(relation.name, part, relation.cardinality.many, self._foreign)

    def _related(self, name: str, part: type[Part], many: bool, foreign: bool) -> Reference:
        node = Get(self._node, name)
        if not many:
            return self._tracer.symbol(node, part, foreign=foreign)
        name = element_name(part.__name__)
        return Elements(node, name, lambda element: self._tracer.symbol(element, part, foreign=foreign))

    def _python_member(self, name: str, members: dict[str, Callable[[], object]]) -> Any:
        value = getattr(self._part, name, None)
        if isinstance(value, types.FunctionType):
            return types.MethodType(value, self)
        if isinstance(value, property) and value.fget is not None and not hasattr(Embedded, name):
            return value.fget(self)
        raise DescriptionError(f"{self._part.__name__} has no {name}. {close_match(name, members)}")
