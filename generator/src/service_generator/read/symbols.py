"""Stand-ins for services and for parts of them, in the methods that describe resources."""

import inspect
import types
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from service_generator.dsl.expressions import Condition, Elements, Reference
from service_generator.dsl.flow import is_assumed
from service_generator.dsl.modules import Instance, wrap
from service_generator.dsl.parts import Embedded, Part
from service_generator.dsl.resources import ActionField, ResourceField
from service_generator.dsl.unknown import kind_of, to_node
from service_generator.errors import DescriptionError
from service_generator.installed import close_match
from service_generator.kinds import STRING, Kind
from service_generator.model.expressions import Call, Get, Lookup, Node, Variable
from service_generator.model.names import PREVIOUS, element_name, private
from service_generator.model.services import Attribute, EmbeddedRelation, Entity, ServiceRelation
from service_generator.read.requirements import Described

if TYPE_CHECKING:
    from service_generator.read.tracing import Tracer

SELF = Variable("self")


def resource_fields(part: type[Part]) -> dict[str, ResourceField]:
    """
    The methods of a part that describe resources, inherited ones included.

    :param part: the class
    """
    found: dict[str, ResourceField] = {}
    for base in reversed(part.__mro__):
        found.update({name: value for name, value in vars(base).items() if isinstance(value, ResourceField)})
    return found


def action_fields(part: type[Part]) -> dict[str, ActionField]:
    """
    The methods of a part that call plugins for their effect, inherited ones included.

    :param part: the class
    """
    found: dict[str, ActionField] = {}
    for base in reversed(part.__mro__):
        found.update({name: value for name, value in vars(base).items() if isinstance(value, ActionField)})
    return found


def attribute_kind(attribute: Attribute) -> Kind:
    """
    What is known about the value of an attribute, when resources are described: what is allocated has been by then.

    :param attribute: the attribute
    """
    optional = attribute.type.optional and attribute.allocator is None
    return Kind(attribute.type.primitive, many=attribute.type.is_list, optional=optional)


class PreviousSymbol(Reference):
    """A stand-in for what a service or part was before the update that is under way."""

    def __init__(self, node: Node, entity: Entity) -> None:
        """
        :param node: the expression that gives the values of before
        :param entity: the service or part
        """
        super().__init__(node, Kind("dict", optional=True))
        self._entity = entity

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if kind_of(self).optional:
            raise DescriptionError(
                "there is only a value of before while an update is under way. "
                "Decide with `if self.previous is not None` first."
            )
        attributes = {attribute.name: attribute for attribute in self._entity.all_attributes()}
        if name not in attributes:
            raise DescriptionError(f"{self._entity.name} has no attribute {name}. {close_match(name, attributes)}")
        return Reference(Lookup(self._node, name), attribute_kind(attributes[name]))


class PartSymbol(Reference):
    """A stand-in for a service or for a part of one."""

    def __init__(self, node: Node, part: type[Part], tracer: "Tracer", foreign: bool, optional: bool) -> None:
        """
        :param node: the expression that gives the instance
        :param part: the class that describes it
        :param tracer: what knows all parts
        :param foreign: whether it belongs to another service, with a resource set of its own
        :param optional: whether there may be none
        """
        super().__init__(node, Kind(tracer.entity(part).full_name, optional=optional))
        self._foreign = foreign
        self._part = part
        self._tracer = tracer

    @property
    def is_foreign(self) -> bool:
        """Whether it belongs to another service, with a resource set of its own."""
        return self._foreign

    @property
    def tracks_changes(self) -> bool:
        """Whether it is known whether an update added or removed it."""
        return self._tracer.entity(self._part).tracks_changes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if kind_of(self).optional:
            raise DescriptionError(
                f"there may be no {self._part.__name__}, and then it has no {name}. "
                "Decide with `if ... is not None` or when= first."
            )
        members = self._members()
        if name in members:
            return members[name]()
        return self._python_member(name, members)

    def _members(self) -> dict[str, Callable[[], object]]:
        entity, tracer = self._tracer.entity(self._part), self._tracer
        members: dict[str, Callable[[], object]] = {
            attribute.name: partial(Reference, Get(self._node, attribute.name), attribute_kind(attribute))
            for attribute in entity.all_attributes()
        }
        members.update({relation.name: partial(self._embedded, relation) for relation in entity.all_embedded()})
        members.update({relation.name: partial(self._service, relation) for relation in entity.all_services()})
        for way in entity.parents:
            parent, several = Get(self._node, private(way.name)), len(entity.parents) > 1
            members[way.name] = partial(tracer.symbol, parent, tracer.part(way.target), foreign=self._foreign, optional=several)
        for name in resource_fields(self._part):
            members[name] = partial(self._resource, name)
        if entity.is_service or entity.deploys:
            members["deleting"] = partial(Condition, Get(self._node, "purge_resources"))
        # An attribute may be called like this, and then it is meant.
        members.setdefault("previous", partial(PreviousSymbol, Get(self._node, PREVIOUS), entity))
        if entity.is_service:
            members["instance_id"] = partial(Reference, Get(self._node, "instance_id"), STRING)
            members.setdefault("is_in", lambda: self._is_in)
        if entity.tracks_changes:
            members["removed"] = partial(Condition, Get(self._node, private("removed")))
            members["added"] = partial(Condition, Get(self._node, private("added")))
        return members

    def _is_in(self, *states: object) -> Condition:
        conditions = [Condition(Call("lsm::has_current_state", (self._node, to_node(state)))) for state in states]
        if not conditions:
            raise DescriptionError('is_in() names no state. Name one or more, like self.is_in("up").')
        found = conditions[0]
        for condition in conditions[1:]:
            found = found | condition
        return found

    def _service(self, relation: ServiceRelation) -> Reference:
        if relation.installed:
            kind = Kind(f"{relation.target_namespace}::{relation.target}")
            many, optional = relation.cardinality.many, relation.cardinality.lower == 0
            return wrap(Get(self._node, relation.name), replace(kind, many=many, optional=optional and not many))
        part = self._tracer.part(f"{relation.target_namespace}::{relation.target}")
        return self._related(relation, part, self._foreign or not relation.is_owner)

    def _embedded(self, relation: EmbeddedRelation) -> Reference:
        return self._related(relation, self._tracer.part(relation.target.full_name), self._foreign)

    def _related(self, relation: ServiceRelation | EmbeddedRelation, part: type[Part], foreign: bool) -> Reference:
        node, tracer = Get(self._node, relation.name), self._tracer
        if not relation.cardinality.many:
            return tracer.symbol(node, part, foreign=foreign, optional=relation.cardinality.lower == 0)
        element = partial(tracer.symbol, part=part, foreign=foreign)
        return Elements(node, element_name(part.__name__), element, tracer.entity(part).full_name)

    def _resource(self, name: str) -> Reference:
        resource, node = self._tracer.resource(self._part, name), Get(self._node, name)
        purgeable = any(attribute == "purged" for made in resource.made for attribute, _ in made.construct.attributes)
        maybe = not is_assumed(node) and not self._tracer.is_there(self._node, resource)
        described = Described(purgeable, self._foreign, maybe, resource.many, self._tracer.goes(self._part, name))
        if resource.deployed:
            self._tracer.described[node] = described
        if not resource.many:
            return Instance(node, resource.entity, optional=maybe)

        def element(variable: Node) -> Instance:
            if resource.deployed:
                self._tracer.described[variable] = Described(purgeable, self._foreign, maybe=False, many=False, goes=False)
            return Instance(variable, resource.entity)

        return Elements(node, element_name(name), element, resource.entity)

    def _python_member(self, name: str, members: dict[str, Callable[[], object]]) -> Any:
        value = inspect.getattr_static(self._part, name, None)
        if isinstance(value, types.FunctionType):
            self._tracer.called.add(name)
            return types.MethodType(value, self)
        if isinstance(value, staticmethod | classmethod) or (name.isupper() and value is not None):
            return getattr(self._part, name)
        if isinstance(value, property) and value.fget is not None and not hasattr(Embedded, name):
            return value.fget(self)
        raise DescriptionError(f"{self._part.__name__} has no {name}. {close_match(name, members)}")
