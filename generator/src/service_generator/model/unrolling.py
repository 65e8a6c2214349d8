"""How a service is bound to the catalog, and how an instance of the inventory becomes entities."""

from dataclasses import dataclass

from service_generator.model.expressions import (
    Call,
    Comprehension,
    Conditional,
    Constant,
    Construct,
    IndexLookup,
    Lookup,
    LoopVariable,
    Node,
    Operation,
    Variable,
)
from service_generator.model.names import element_name, private, snake_case
from service_generator.model.services import (
    Attribute,
    EmbeddedRelation,
    Entity,
    FreeInteger,
    Service,
    ServiceRelation,
)
from service_generator.model.statements import Assign, Gap, Loop, Statement

INSTANCE = Variable("instance")
SERVICE = Variable("service")


@dataclass(frozen=True)
class _Level:
    """Where in the attributes of an instance an entity is found."""

    data: Node
    path: tuple[str, ...] = ()
    keys: tuple[Node, ...] = ()

    def below(self, relation: EmbeddedRelation) -> "_Level":
        """The level of what is embedded through a relation."""
        target, data = relation.target, Lookup(self.data, relation.name)
        if not relation.cardinality.many:
            return _Level(data, (*self.path, relation.name), self.keys)
        variable = LoopVariable(element_name(target.name), len(self.path))
        selector = "".join(f"[{key.name}={{}}]" for key in target.keys)
        keys = tuple(Lookup(variable, key.name) for key in target.keys)
        return _Level(variable, (*self.path, relation.name + selector), self.keys + keys)


def binding_name(service: str) -> str:
    """
    The variable that holds the binding of a service.

    :param service: the name of the service
    """
    return f"{snake_case(service)}_binding"


class Unrolling:
    """The construction of one service, with what it needs around it."""

    def __init__(self, service: Service, runtime: str) -> None:
        """
        :param service: the service
        :param runtime: the namespace of the plugins that generated models call
        """
        self._service = service
        self._runtime = runtime
        self.used_values: dict[str, Node] = {}
        """For each variable with the values that an attribute has in the whole inventory, the call that gives them."""
        self.construct = self._construct()

    def _construct(self) -> Construct:
        entity = self._service.entity
        start = _Level(Lookup(INSTANCE, "attributes"))
        binding = Variable(binding_name(entity.name))
        head = (("instance_id", Lookup(INSTANCE, "id")), ("entity_binding", binding))
        return Construct(entity.full_name, (*head, *self._members(entity, start)))

    def _members(self, entity: Entity, level: _Level) -> tuple[tuple[str, Node], ...]:
        attributes = tuple((attribute.name, self._attribute(attribute, level)) for attribute in entity.attributes)
        services = tuple((relation.name, _related(relation, level)) for relation in entity.services)
        embedded = tuple((relation.name, self._embedded(relation, level)) for relation in entity.embedded)
        flags: tuple[tuple[str, Node], ...] = ()
        if entity.tracks_changes:
            flags = tuple((private(flag), Lookup(level.data, private(flag))) for flag in ("added", "removed"))
        return attributes + services + embedded + flags

    def _embedded(self, relation: EmbeddedRelation, level: _Level) -> Node:
        below = level.below(relation)
        construct = Construct(relation.target.full_name, self._members(relation.target, below))
        data = Lookup(level.data, relation.name)
        if isinstance(below.data, LoopVariable):
            return Comprehension(construct, below.data, data)
        if relation.cardinality.lower == 0:
            return Conditional(Operation("==", data, Constant(None)), Constant(None), construct)
        return construct

    def _attribute(self, attribute: Attribute, level: _Level) -> Node:
        allocator = attribute.allocator
        if allocator is None:
            return Lookup(level.data, attribute.name)
        names = (*level.path, attribute.name)
        path: Node = Constant(".".join(names))
        if level.keys:
            path = Call(f"{self._runtime}::attribute_path", (path, *level.keys))
        if isinstance(allocator, FreeInteger):
            arguments: tuple[tuple[str, Node], ...] = (
                ("range_start", allocator.start),
                ("range_end", allocator.end),
                ("used_values", self._used_values(names)),
            )
            return Call("lsm::allocators::get_first_free_integer", (SERVICE, path), arguments)
        siblings = tuple((argument, Lookup(level.data, sibling)) for argument, sibling in allocator.siblings)
        return Call(allocator.plugin, (SERVICE, path), siblings + allocator.values)

    def _used_values(self, names: tuple[str, ...]) -> Node:
        words = [snake_case(self._service.entity.name), *(name.partition("[")[0] for name in names)]
        variable = f"used_{'_'.join(words)}"
        path = Constant(".".join(names).replace("={}]", "=*]"))
        binding = Variable(binding_name(self._service.entity.name))
        self.used_values[variable] = Call("lsm::allocators::get_used_values", (binding, path))
        return Variable(variable)


def _related(relation: ServiceRelation, level: _Level) -> Node:
    target = f"{relation.target_namespace}::{relation.target}"
    data = Lookup(level.data, relation.name)
    if relation.cardinality.many:
        variable = LoopVariable(f"{snake_case(relation.target)}_id", len(level.path))
        return Comprehension(IndexLookup(target, (("instance_id", variable),)), variable, data)
    found = IndexLookup(target, (("instance_id", data),))
    if relation.cardinality.lower == 0:
        return Conditional(Operation("==", data, Constant(None)), Constant(None), found)
    return found


def binding(service: Service) -> Statement:
    """
    What offers a service in the catalog.

    :param service: the service
    """
    attributes: list[tuple[str, Node]] = [
        ("service_entity", Constant(service.entity.full_name)),
        ("service_entity_name", Constant(service.entity.name)),
        ("lifecycle", lifecycle_variable(service.lifecycle)),
        ("service_identity", Constant(service.identity)),
    ]
    if service.identity_display_name:
        attributes.append(("service_identity_display_name", Constant(service.identity_display_name)))
    if service.owner is not None:
        owner = Variable(binding_name(service.owner.target), f"{service.owner.target_namespace}::lsm")
        attributes += [("owner", owner), ("relation_to_owner", Constant(service.owner.name))]
    construct = Construct("lsm::ServiceEntityBindingV2", tuple(attributes))
    return Assign(service.place, binding_name(service.entity.name), construct)


def unrolling(service: Service, runtime: str) -> tuple[Statement, ...]:
    """
    What turns the instances of a service into entities.

    :param service: the service
    :param runtime: the namespace of the plugins that generated models call
    """
    made = Unrolling(service, runtime)
    used = [Assign(service.place, name, call) for name, call in made.used_values.items()]
    tracks_changes = any(entity.tracks_changes for entity in service.entity.descendants())
    options = (("include_purged_embedded_entities", Constant(True)),) if tracks_changes else ()
    instances = Call("lsm::all", (Variable(binding_name(service.entity.name)),), options)
    loop = Loop(service.place, INSTANCE.name, instances, (Assign(service.place, SERVICE.name, made.construct),))
    return (*used, *([Gap(service.place)] if used else []), loop)


def lifecycle_variable(full_name: str) -> Variable:
    """
    A lifecycle that a variable holds.

    :param full_name: the variable with its namespace
    """
    namespace, _, name = full_name.rpartition("::")
    return Variable(name, namespace)
