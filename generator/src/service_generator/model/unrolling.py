"""How a service is bound to the catalog, and how an instance of the inventory becomes entities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service_generator.model.expressions import (
    Call,
    Comprehension,
    Conditional,
    Constant,
    Construct,
    DictOf,
    Get,
    IndexLookup,
    ListOf,
    Lookup,
    LoopVariable,
    Node,
    Operation,
    Variable,
)
from service_generator.model.names import element_name, private, snake_case
from service_generator.model.services import (
    Argument,
    Attribute,
    EmbeddedRelation,
    Entity,
    FreeInteger,
    Service,
    ServiceRelation,
    SpecAllocator,
)
from service_generator.model.statements import Assign, Gap, Loop, Statement

INSTANCE = Variable("instance")
SERVICE = Variable("service")


@dataclass(frozen=True)
class _Level:
    """Where in the attributes of an instance an entity is found."""

    data: Node
    entity: Entity
    path: tuple[str, ...] = ()
    keys: tuple[Node, ...] = ()
    above: "_Level | None" = None
    previous: Node | None = None

    def below(self, relation: EmbeddedRelation) -> "_Level":
        """The level of what is embedded through a relation."""
        target, data = relation.target, Lookup(self.data, relation.name)
        if not relation.cardinality.many:
            return _Level(data, target, (*self.path, relation.name), self.keys, self, self._previous(relation, None))
        variable = LoopVariable(element_name(target.name), len(self.path))
        keys = tuple(Lookup(variable, key.name) for key in target.keys)
        path = (*self.path, relation.name + _selector(relation))
        return _Level(variable, target, path, self.keys + keys, self, self._previous(relation, variable))

    def _previous(self, relation: EmbeddedRelation, element: Node | None) -> Node | None:
        if self.previous is None:
            return None
        assert isinstance(self.previous, Call)
        positional: tuple[Node, ...] = (self.previous, Constant(relation.name))
        if element is not None:
            key = tuple((found.name, Lookup(element, found.name)) for found in relation.target.keys)
            positional += (DictOf(key),)
        return Call(f"{self.previous.plugin.rpartition('::')[0]}::previous_element", positional)


def binding_name(service: Service) -> str:
    """
    The variable that holds the binding of a service.

    :param service: the service
    """
    words = service.catalog_name if service.versions else service.entity.name
    return f"{snake_case(''.join(character if character.isalnum() else '_' for character in words))}_binding"


class Unrolling:
    """The construction of one service, with what it needs around it."""

    def __init__(self, service: Service, runtime: str, pools: "Pools") -> None:
        """
        :param service: the service
        :param runtime: the namespace of the plugins that generated models call
        :param pools: the attributes that take their numbers from a pool of a name
        """
        self._service = service
        self._pools = pools
        self._runtime = runtime
        self.used_values: dict[str, Node] = {}
        """For each variable with the values that an attribute has in the whole inventory, the call that gives them."""
        self.construct = self._construct()

    def _construct(self) -> Construct:
        entity = self._service.entity
        previous = None
        if entity.keeps_previous:
            lifecycle: Node = lifecycle_variable(self._service.lifecycle)
            if self._service.versions:
                lifecycle = Get(_entity_binding(self._service), "lifecycle")
            previous = Call(f"{self._runtime}::previous_attributes", (INSTANCE, lifecycle))
        start = _Level(Lookup(INSTANCE, "attributes"), entity, previous=previous)
        head = (("instance_id", Lookup(INSTANCE, "id")), ("entity_binding", _entity_binding(self._service)))
        return Construct(entity.full_name, (*head, *self._members(entity, start)))

    def _members(self, entity: Entity, level: _Level) -> tuple[tuple[str, Node], ...]:
        attributes = tuple((attribute.name, self._attribute(attribute, level)) for attribute in entity.all_attributes())
        services = tuple((relation.name, _related(relation, level)) for relation in entity.all_services())
        embedded = tuple((relation.name, self._embedded(relation, level)) for relation in entity.all_embedded())
        flags: tuple[tuple[str, Node], ...] = ()
        if entity.tracks_changes:
            flags = tuple((private(flag), Lookup(level.data, private(flag))) for flag in ("added", "removed"))
        if level.previous is not None:
            flags += (("_previous", level.previous),)
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
        if allocator is None or isinstance(allocator, SpecAllocator):
            return Lookup(level.data, attribute.name)
        names = (*level.path, attribute.name)
        path: Node = Constant(".".join(names))
        if level.keys:
            path = Call(f"{self._runtime}::attribute_path", (path, *level.keys))
        if isinstance(allocator, FreeInteger):
            used = self._pool(allocator.pool) if allocator.pool else self._used_values(self._service, names)
            arguments: tuple[tuple[str, Node], ...] = (
                ("range_start", allocator.start),
                ("range_end", allocator.end),
                ("used_values", used),
                *((("pool", Constant(allocator.pool)),) if allocator.pool else ()),
            )
            return Call("lsm::allocators::get_first_free_integer", (SERVICE, path), arguments)
        given = tuple((argument.name, self._argument(argument, level)) for argument in allocator.arguments)
        return Call(allocator.plugin, (SERVICE, path), given + allocator.values)

    def _argument(self, argument: Argument, level: _Level) -> Node:
        if argument.owner:
            owner = next(found for found in self._service.entity.all_services() if found.name == argument.owner)
            target = f"{owner.target_namespace}::{owner.target}"
            found = IndexLookup(target, (("instance_id", Lookup(Lookup(INSTANCE, "attributes"), owner.name)),))
            return Get(found, argument.attribute)
        for _ in range(argument.levels):
            assert level.above is not None
            level = level.above
        attribute = next(found for found in level.entity.all_attributes() if found.name == argument.attribute)
        # An attribute that is allocated itself is found by its own allocator, which answers the same each time.
        return self._attribute(attribute, level)

    def _used_values(self, service: Service, names: tuple[str, ...]) -> Node:
        words = [snake_case(service.entity.name), *(name.partition("[")[0] for name in names)]
        variable = f"used_{'_'.join(words)}"
        self.used_values[variable] = _used(service, names)
        return Variable(variable)

    def _pool(self, pool: str) -> Node:
        variable = f"used_{snake_case(pool)}"
        calls = tuple(_used(service, names) for service, names in self._pools.get(pool, ()))
        self.used_values[variable] = calls[0] if len(calls) == 1 else ListOf(calls)
        return Variable(variable)


type Pools = dict[str, list[tuple[Service, tuple[str, ...]]]]


def pools_of(services: list[Service]) -> Pools:
    """
    The attributes that take their numbers from a pool of a name, for each pool.

    :param services: all services of the module
    """
    pools: Pools = {}
    for service in services:
        for names, attribute in _paths(service.entity, ()):
            if isinstance(attribute.allocator, FreeInteger) and attribute.allocator.pool:
                pools.setdefault(attribute.allocator.pool, []).append((service, names))
    return pools


def _paths(entity: Entity, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Attribute]]:
    for attribute in entity.all_attributes():
        yield (*above, attribute.name), attribute
    for relation in entity.all_embedded():
        yield from _paths(relation.target, (*above, relation.name + _selector(relation)))


def _selector(relation: EmbeddedRelation) -> str:
    return "".join(f"[{key.name}={{}}]" for key in relation.target.keys) if relation.cardinality.many else ""


def _used(service: Service, names: tuple[str, ...]) -> Call:
    path = Constant(".".join(names).replace("={}]", "=*]"))
    binding = Variable(binding_name(service), f"{service.entity.namespace}::lsm")
    return Call("lsm::allocators::get_used_values", (binding, path))


def _related(relation: ServiceRelation, level: _Level) -> Node:
    target = f"{relation.target_namespace}::{relation.target}"
    data = Lookup(level.data, relation.name)
    if relation.cardinality.many:
        variable = LoopVariable(f"{snake_case(relation.target)}_id", len(level.path))
        elements: Node = data
        if relation.modifier == "r":
            elements = Conditional(Operation("==", data, Constant(None)), ListOf(()), data)
        return Comprehension(IndexLookup(target, (("instance_id", variable),)), variable, elements)
    found = IndexLookup(target, (("instance_id", data),))
    if relation.cardinality.lower == 0:
        return Conditional(Operation("==", data, Constant(None)), Constant(None), found)
    return found


def _entity_binding(service: Service) -> Node:
    binding = Variable(binding_name(service), f"{service.entity.namespace}::lsm")
    if not service.versions:
        return binding
    number: Node = Constant(service.versions[0])
    if len(service.versions) > 1:
        number = Lookup(INSTANCE, "service_entity_version")
    return Call("lsm::get_service_binding_version", (binding, number))


def bindings(services: list[Service], owners: dict[str, Service]) -> tuple[Statement, ...]:
    """
    What offers the services of a file in the catalog.

    :param services: the services
    :param owners: all services of the module, by the full names of their entities
    """
    statements: list[Statement] = []
    for service in services:
        family = [other for other in services if other.catalog_name == service.catalog_name]
        if family[0] is service:
            statements += [Assign(service.place, binding_name(service), _binding(family, owners)), Gap(None)]
    return tuple(statements)


def _binding(family: list[Service], owners: dict[str, Service]) -> Construct:
    service = family[0]
    name = ("service_entity_name", Constant(service.catalog_name))
    if not service.versions:
        kind = "lsm::ServiceEntityBindingV2" if service.strict else "lsm::ServiceEntityBinding"
        entity, *members = _bound(service, owners)
        return Construct(kind, (entity, name, *members))
    versions: list[Node] = []
    for one in family:
        for number in one.versions:
            members = [*_bound(one, owners), ("version", Constant(number))]
            if not one.strict:
                members.append(("strict_modifier_enforcement", Constant(False)))
            versions.append(Construct("lsm::ServiceBindingVersion", tuple(members)))
    offered = next((one.versions[-1] for one in family if one.default_version), family[-1].versions[-1])
    return Construct(
        "lsm::ServiceBinding", (name, ("default_version", Constant(offered)), ("versions", ListOf(tuple(versions))))
    )


def _bound(service: Service, owners: dict[str, Service]) -> list[tuple[str, Node]]:
    members: list[tuple[str, Node]] = [
        ("service_entity", Constant(service.entity.full_name)),
        ("lifecycle", lifecycle_variable(service.lifecycle)),
    ]
    if service.identity:
        members.append(("service_identity", Constant(service.identity)))
    if service.identity_display_name:
        members.append(("service_identity_display_name", Constant(service.identity_display_name)))
    if service.allocation_spec:
        members.append(("allocation_spec", Constant(service.allocation_spec)))
    if service.owner is not None:
        full_name = f"{service.owner.target_namespace}::{service.owner.target}"
        members += [("owner", _entity_binding(owners[full_name])), ("relation_to_owner", Constant(service.owner.name))]
    return members


def unrolling(service: Service, others: Iterable[Service], runtime: str, pools: Pools) -> tuple[Statement, ...]:
    """
    What turns the instances of a service into entities.

    :param service: the service
    :param others: the services of the file
    :param runtime: the namespace of the plugins that generated models call
    :param pools: the attributes that take their numbers from a pool of a name
    """
    made = Unrolling(service, runtime, pools)
    # To look through the whole inventory is left to the compiles that need it.
    asked = Call(f"{runtime}::finds_values", ())
    used = [Assign(service.place, name, Conditional(asked, call, ListOf(()))) for name, call in made.used_values.items()]
    options: list[tuple[str, Node]] = []
    if any(entity.tracks_changes for entity in service.entity.descendants()):
        options.append(("include_purged_embedded_entities", Constant(True)))
    loops: list[Statement] = []
    for bounds in _bounds(service, others):
        binding = Variable(binding_name(service), f"{service.entity.namespace}::lsm")
        instances = Call("lsm::all", (binding,), (*bounds, *options))
        loops.append(Loop(service.place, INSTANCE.name, instances, (Assign(service.place, SERVICE.name, made.construct),)))
    return (*used, *([Gap(service.place)] if used else []), *loops)


def _bounds(service: Service, others: Iterable[Service]) -> list[tuple[tuple[str, Node], ...]]:
    # Between two versions of a class, there may be one that another class describes.
    if not service.versions:
        return [()]
    family = [other for other in others if other.catalog_name == service.catalog_name]
    all_versions = sorted({number for other in (service, *family) for number in other.versions})
    runs: list[list[int]] = [[]]
    for number in all_versions:
        if number in service.versions:
            runs[-1].append(number)
        elif runs[-1]:
            runs.append([])
    return [(("min_version", Constant(run[0])), ("max_version", Constant(run[-1]))) for run in runs if run]


def lifecycle_variable(full_name: str) -> Variable:
    """
    A lifecycle that a variable holds.

    :param full_name: the variable with its namespace
    """
    namespace, _, name = full_name.rpartition("::")
    return Variable(name, namespace)
