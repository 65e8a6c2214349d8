"""From the classes of descriptions to services, entities, attributes and relations."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import ModuleType

from service_generator.dsl.allocators import Allocation, Custom, FirstFreeInteger
from service_generator.dsl.expressions import to_node
from service_generator.dsl.fields import MISSING, Field
from service_generator.dsl.lifecycles import Lifecycle
from service_generator.dsl.parts import Embedded, Part, Service
from service_generator.dsl.resources import ResourceField, Shared, describe
from service_generator.errors import DescriptionError
from service_generator.model import services as model
from service_generator.model.expressions import Call, Node, Variable, transform
from service_generator.model.names import RUNTIME
from service_generator.model.resources import Around, InLoop, Made, OnlyIf, Resource
from service_generator.model.rules import check
from service_generator.model.types import AttributeType, Cardinality, Typedef
from service_generator.read.annotations import Hint, hints_of, read_hint
from service_generator.read.locating import located
from service_generator.read.packages import Package, load
from service_generator.read.symbols import resource_fields
from service_generator.read.tracing import Tracer


def read_module(name: str) -> model.Module:
    """
    Read all descriptions of a package and check them.

    :param name: the package, like ``generator.services``
    :raises DescriptionError: a description breaks a rule
    """
    package, sources = load(name)
    try:
        return _read(package, sources)
    except DescriptionError as error:
        raise located(error, sources) from error


def _read(package: Package, sources: list[ModuleType]) -> model.Module:
    reader = _Reader(package)
    for source in sources:
        _at(package.source_of(source.__name__), partial(reader.read, source))
    module = model.Module(
        name=package.module,
        root=package.root,
        settings=f"{package.module}::config::get_config",
        source=package.name.replace(".", "/"),
        namespaces=reader.namespaces(),
    )
    check(module)
    return module


def _at[T](where: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except DescriptionError as error:
        raise error.within(where) from error


def _of_service[T](service: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except DescriptionError as error:
        raise error.of_service(service) from error


class _Reader:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._entities: dict[type[Part], model.Entity] = {}
        self._typedefs: dict[tuple[str, str], Typedef] = {}
        self._embedded_in: dict[type[Part], str] = {}
        self._sources: dict[str, tuple[ModuleType, model.Namespace]] = {}

    def read(self, source: ModuleType) -> None:
        """What one description file describes, without the resources of its services."""
        namespace = self._package.namespace_of(source.__name__, source.__name__)
        found = model.Namespace(namespace, source=self._package.source_of(source.__name__))
        for value in vars(source).values():
            if isinstance(value, Shared) and value.shared_source == source.__name__:
                construct = self._placed_node(value.shared_construct)
                made = Resource(
                    value.shared_name,
                    value.shared_description,
                    construct.entity,
                    (Made(construct),),
                    place=value.shared_place,
                )
                found.shared.append(made)
            elif isinstance(value, type) and issubclass(value, Service) and value.__module__ == source.__name__:
                found.services.append(_of_service(value.__name__, partial(self._service, value)))
        self._sources[source.__name__] = (source, found)

    def namespaces(self) -> list[model.Namespace]:
        """What all files describe; those without services, shared resources and types hold Python for the others."""
        self._trace()
        kept: list[model.Namespace] = []
        for source, namespace in self._sources.values():
            namespace.typedefs = [typedef for typedef in self._typedefs.values() if typedef.namespace == namespace.name]
            if namespace.services or namespace.shared or namespace.typedefs:
                namespace.description = describe(source.__doc__, namespace.source)
                kept.append(namespace)
        return kept

    def _trace(self) -> None:
        tracer = Tracer(self._entities)
        parts = {entity.full_name: part for part, entity in self._entities.items()}
        for service in (service for _, namespace in self._sources.values() for service in namespace.services):
            for entity in service.entity.descendants():
                traced = _of_service(service.entity.name, partial(tracer.resources_of, parts[entity.full_name]))
                entity.resources = tuple(self._placed(resource) for resource in traced)

    def _placed(self, resource: Resource) -> Resource:
        return replace(
            resource,
            condition=self._placed_node(resource.condition) if resource.condition else None,
            made=tuple(self._placed_made(made) for made in resource.made),
        )

    def _placed_made(self, made: Made) -> Made:
        around: list[Around] = []
        for outside in made.around:
            match outside:
                case InLoop(variable, elements):
                    around.append(InLoop(variable, self._placed_node(elements)))
                case OnlyIf(condition):
                    around.append(OnlyIf(self._placed_node(condition)))
        requires = tuple(replace(required, node=self._placed_node(required.node)) for required in made.requires)
        return Made(self._placed_node(made.construct), requires, tuple(around))

    def _placed_node[N: Node](self, node: N) -> N:
        return transform(node, self._place)

    def _place(self, node: Node) -> Node:
        match node:
            case Variable(name, namespace) if namespace and namespace.startswith("@"):
                # What is shared names the Python module that describes it: only the package knows the namespace of that.
                return Variable(name, self._package.namespace_of(namespace[1:], f"shared resource {name}"))
            case Call(plugin, positional, named) if plugin.startswith(f"{RUNTIME}::"):
                return Call(f"{self._package.module}::{RUNTIME[1:]}::{plugin.rpartition('::')[2]}", positional, named)
        return node

    def _service(self, part: type[Service]) -> model.Service:
        where = part.__name__
        lifecycle = getattr(part, "lifecycle", None)
        if not isinstance(lifecycle, Lifecycle):
            raise DescriptionError(
                "the service has no lifecycle. Write lifecycle = fsm.simple, or another one of fsm.", where=where
            )
        if not isinstance(part.identity, str) or not isinstance(part.identity_display_name, str | None):
            raise DescriptionError("identity and identity_display_name are strings. Write them between quotes.", where=where)
        if not part.identity:
            raise DescriptionError("the service has no identity. Write identity = and the name of an attribute.", where=where)
        entity = self._entity(part, ())
        return model.Service(
            entity=entity,
            identity=part.identity,
            identity_display_name=part.identity_display_name,
            lifecycle=lifecycle.variable,
            owner=next((relation for relation in entity.services if relation.is_owner), None),
        )

    def _entity(self, part: type[Part], embedded_in: tuple[type[Part], ...]) -> model.Entity:
        if part in embedded_in:
            raise DescriptionError(
                "the entity is embedded in itself. Use a relation to a service instead.", where=part.__name__
            )
        namespace = self._package.namespace_of(part.__module__, f"the class {part.__name__}")
        entity = model.Entity(part.__name__, namespace, describe(part.__doc__, part.__name__))
        entity.has_resources = bool(resource_fields(part))
        self._entities[part] = entity
        for name, field, hint in _fields(part):
            self._field(part, entity, name, field, hint, embedded_in)
        if embedded_in and entity.parent is None:
            holder = embedded_in[-1]
            entity.parent = model.ParentRelation("parent_entity", f"{self._entities[holder].full_name}")
        return entity

    def _field(
        self, part: type[Part], entity: model.Entity, name: str, field: Field, hint: object, embedded_in: tuple[type[Part], ...]
    ) -> None:
        where = f"{part.__name__}.{name}"
        if field.role != "parent" and not (isinstance(field.description, str) and field.description.strip()):
            raise DescriptionError("its description is empty, or no string. Say in a sentence what it stands for.", where=where)
        read = _at(where, lambda: read_hint(hint, self._package))
        target = read.target
        if field.role == "parent":
            entity.parent = self._parent(where, entity, name, target, embedded_in)
        elif isinstance(target, AttributeType):
            if isinstance(target.item, Typedef):
                self._typedefs[target.item.namespace, target.item.name] = target.item
            entity.attributes += (self._attribute(where, entity, name, field, target),)
        elif issubclass(target, Embedded):
            entity.embedded += (self._embedded(where, name, field, read, target, (*embedded_in, part)),)
        else:
            entity.services += (self._service_relation(where, name, field, read, target),)

    def _attribute(self, where: str, entity: model.Entity, name: str, field: Field, kind: AttributeType) -> model.Attribute:
        if field.role not in ("r", "rw", "rw+"):
            raise DescriptionError("an owner is a service. Give it the class of a service as its type.", where=where)
        if field.at_least or field.at_most is not None:
            raise DescriptionError("at_least= and at_most= are for lists of embedded entities and of services.", where=where)
        allocator = _at(where, partial(self._allocator, entity, field.allocation)) if field.allocation else None
        return model.Attribute(
            name=name,
            type=kind,
            modifier=field.role,
            description=" ".join(field.description.split()),
            has_default=field.default is not MISSING,
            default=None if field.default is MISSING else field.default,
            is_key=field.key,
            allocator=allocator,
        )

    def _allocator(self, entity: model.Entity, allocation: Allocation) -> model.Allocator:
        if isinstance(allocation, FirstFreeInteger):
            return model.FreeInteger(to_node(allocation.start), to_node(allocation.end))
        if not isinstance(allocation, Custom):
            raise DescriptionError('allocator= is none. Write first_free_integer(<range>) or allocate("<function>", ...).')
        namespace = f"{entity.namespace}::lsm"
        source = self._package.python_file(namespace)
        siblings = {name: value.name for name, value in allocation.arguments.items() if isinstance(value, Field)}
        values = {name: value for name, value in allocation.arguments.items() if not isinstance(value, Field)}
        return model.CustomAllocator(
            plugin=f"{namespace}::{allocation.function}",
            source=source,
            location=str(source.relative_to(self._package.root)),
            siblings=tuple(siblings.items()),
            values=tuple((name, to_node(value)) for name, value in values.items()),
        )

    def _embedded(
        self, where: str, name: str, field: Field, hint: Hint, target: type[Part], embedded_in: tuple[type[Part], ...]
    ) -> model.EmbeddedRelation:
        modifier = _relation_modifier(where, field)
        if target in self._embedded_in:
            raise DescriptionError(
                f"{target.__name__} is embedded by {self._embedded_in[target]} already. Make a subclass for each relation.",
                where=where,
            )
        self._embedded_in[target] = where
        cardinality = _cardinality(field, hint)
        entity = self._entity(target, embedded_in)
        entity.element_of = cardinality
        return model.EmbeddedRelation(name, entity, cardinality, modifier, " ".join(field.description.split()))

    def _service_relation(self, where: str, name: str, field: Field, hint: Hint, target: type[Part]) -> model.ServiceRelation:
        is_owner = field.role == "owner"
        if is_owner and (hint.is_list or hint.optional):
            raise DescriptionError("a service has exactly one owner. Take list[...] and | None away.", where=where)
        return model.ServiceRelation(
            name=name,
            target=target.__name__,
            target_namespace=self._package.namespace_of(target.__module__, f"the class {target.__name__}"),
            cardinality=_cardinality(field, hint),
            modifier="rw" if is_owner else _relation_modifier(where, field),
            description=" ".join(field.description.split()),
            is_owner=is_owner,
        )

    def _parent(
        self, where: str, entity: model.Entity, name: str, target: object, embedded_in: tuple[type[Part], ...]
    ) -> model.ParentRelation:
        holder = embedded_in[-1] if embedded_in else None
        if entity.parent is not None:
            raise DescriptionError("there are two ways back to what this is embedded in. Keep one parent().", where=where)
        if holder is None or target is not holder:
            expected = (
                f"It is embedded in {holder.__name__}." if holder else "A service is embedded in nothing; use owner(...)."
            )
            raise DescriptionError(f"the type of parent(...) is not what this is embedded in. {expected}", where=where)
        return model.ParentRelation(name, self._entities[holder].full_name)


def _fields(part: type[Part]) -> list[tuple[str, Field, object]]:
    hints = _at(part.__name__, lambda: hints_of(part))
    found: list[tuple[str, Field, object]] = []
    for name, hint in hints.items():
        value = getattr(part, name, None)
        if isinstance(value, ResourceField):
            raise DescriptionError("the name is used for an attribute and for a resource.", where=f"{part.__name__}.{name}")
        if not isinstance(value, Field):
            raise DescriptionError(
                "it has a type only. Write = rw(...), rw_plus(...) or r(...).", where=f"{part.__name__}.{name}"
            )
        found.append((name, value, hint))
    for name in dir(part):
        if isinstance(getattr(part, name, None), Field) and name not in hints:
            raise DescriptionError("it has no type. Write <name>: <type> = ...", where=f"{part.__name__}.{name}")
    return found


def _relation_modifier(where: str, field: Field) -> model.Modifier:
    if field.role == "r":
        raise DescriptionError("a relation can't be read-only: nothing would set it. Use rw(...) or rw_plus(...).", where=where)
    if field.role == "owner":
        raise DescriptionError("an owner is a service, not an embedded entity.", where=where)
    if field.default is not MISSING:
        raise DescriptionError("a relation has no default. Leave default= out.", where=where)
    if field.key:
        raise DescriptionError("a relation can't be a key. Only attributes tell elements apart.", where=where)
    assert field.role != "parent"
    return field.role


def _cardinality(field: Field, hint: Hint) -> Cardinality:
    if not hint.is_list:
        return Cardinality(0 if hint.optional else 1, 1)
    return Cardinality(field.at_least, field.at_most)
