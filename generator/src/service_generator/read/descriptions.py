"""From the classes of descriptions to services, entities, attributes and relations."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import ModuleType

from service_generator.dsl.lifecycles import Lifecycle
from service_generator.dsl.own import OwnEntity
from service_generator.dsl.parts import Part, Service
from service_generator.dsl.resources import Shared, SharedByKey, describe
from service_generator.errors import DescriptionError
from service_generator.model import resources
from service_generator.model import services as model
from service_generator.model.expressions import Call, Construct, Get, Node, Variable, transform, walk
from service_generator.model.implementing import implementation
from service_generator.model.lifecycles import StateMachine
from service_generator.model.names import PREVIOUS, RUNTIME
from service_generator.model.previous import Before
from service_generator.model.resources import Around, InLoop, Made, OnlyIf, Resource
from service_generator.model.rules import check
from service_generator.model.statements import Statement, expressions
from service_generator.read.entities import EntityReader
from service_generator.read.fields import at, fields_of
from service_generator.read.locating import located
from service_generator.read.packages import Package, load
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


def locate(error: DescriptionError, name: str) -> DescriptionError:
    """
    The same error, with the line of the description that it is about.

    :param error: the error
    :param name: the package of the descriptions
    """
    return located(error, load(name)[1])


def _read(package: Package, sources: list[ModuleType]) -> model.Module:
    reader = _Reader(package)
    for source in sources:
        at(package.source_of(source.__name__), partial(reader.read, source))
    module = model.Module(
        name=package.module,
        root=package.root,
        settings=f"{package.module}::config::get_config",
        source=package.name.replace(".", "/"),
        namespaces=reader.namespaces(),
    )
    check(module)
    return module


class _Reader:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._entities = EntityReader(package)
        self._services: dict[type[Part], model.Service] = {}
        self._sources: dict[str, tuple[ModuleType, model.Namespace]] = {}
        self._machines: dict[int, model.Lifecycle] = {}

    def read(self, source: ModuleType) -> None:
        """What one description file describes, without the resources of its services."""
        namespace = self._package.namespace_of(source.__name__, source.__name__)
        found = model.Namespace(namespace, source=self._package.source_of(source.__name__))
        for name, value in vars(source).items():
            if isinstance(value, Shared) and value.shared_source == source.__name__:
                found.shared.append(_shared(value, self._placed_node(value.shared_construct)))
            elif isinstance(value, SharedByKey) and value.shared_source == source.__name__:
                found.shared_by_key.append(self._shared_by_key(value))
            elif isinstance(value, StateMachine) and id(value) not in self._machines:
                self._machines[id(value)] = model.Lifecycle(f"{namespace}::{name}", value)
                found.lifecycles.append(self._machines[id(value)])
        for value in list(vars(source).values()):
            if not (isinstance(value, type) and value.__module__ == source.__name__):
                continue
            if issubclass(value, Service):
                self._read_service(value, found)
            elif issubclass(value, OwnEntity) and not value.is_abstract:
                found.own.append(self._entities.own(value))
        self._sources[source.__name__] = (source, found)

    def _shared_by_key(self, value: SharedByKey) -> resources.SharedByKey:
        return resources.SharedByKey(
            value.shared_name,
            value.entity.rpartition("::")[2],
            value.shared_description,
            tuple((name, kind.item) for name, kind in value.parameters.items()),
            self._placed_node(value.shared_construct),
            value.shared_place,
        )

    def _read_service(self, part: type[Service], namespace: model.Namespace) -> None:
        if part.is_abstract:
            self._of_service(part.__name__, lambda: self._entities.service(part))
            return
        service = self._of_service(part.__name__, lambda: self._service(part))
        self._services[part] = service
        namespace.services.append(service)

    def namespaces(self) -> list[model.Namespace]:
        """What all files describe; those without services, shared resources and types hold Python for the others."""
        self._trace()
        kept: list[model.Namespace] = []
        for source, namespace in self._sources.values():
            namespace.typedefs = [found for found in self._entities.typedefs.values() if found.namespace == namespace.name]
            namespace.found = list(self._entities.entities.values())
            if (
                namespace.services
                or namespace.shared
                or namespace.typedefs
                or namespace.entities
                or namespace.lifecycles
                or namespace.shared_by_key
                or namespace.own
            ):
                namespace.description = describe(source.__doc__, namespace.source)
                kept.append(namespace)
        return kept

    def _trace(self) -> None:
        tracer = Tracer(self._entities.entities)
        for part, entity in self._entities.entities.items():
            described = self._of_service(self._service_of(part, entity), partial(self._traced, tracer, part, entity))
            entity.resources, entity.computed, entity.actions = described
        for part, entity in self._entities.entities.items():
            self._of_service(self._service_of(part, entity), partial(tracer.check_methods, part))
        self._leave_nothing()

    def _leave_nothing(self) -> None:
        entities = {entity.full_name: entity for entity in self._entities.entities.values()}
        for part, entity in self._entities.entities.items():
            entity.before = self._of_service(self._service_of(part, entity), partial(_before, entity, entities))
        for service in self._services.values():
            family = list(service.entity.descendants())
            keeps = any(_looks_back(entity) for entity in family)
            for entity in family:
                entity.keeps_previous = entity.keeps_previous or keeps

    def _traced(
        self, tracer: Tracer, part: type[Part], entity: model.Entity
    ) -> tuple[tuple[Resource, ...], tuple[tuple[str, Node], ...], tuple[model.Action, ...]]:
        described = tuple(self._placed(resource) for resource in tracer.resources_of(part))
        computed = tuple((name, self._placed_node(node)) for name, node in tracer.computed_of(part, fields_of(part)))
        actions = tuple(
            replace(
                action,
                call=self._placed_node(action.call),
                condition=self._placed_node(action.condition) if action.condition is not None else None,
            )
            for action in tracer.actions_of(part)
        )
        return described, computed, actions

    def _service_of(self, part: type[Part], entity: model.Entity) -> str:
        for service in self._services.values():
            if any(found is entity for found in service.entity.descendants()):
                return service.entity.name
        return part.__name__

    def _placed(self, resource: Resource) -> Resource:
        return replace(
            resource,
            entity=self._placed_entity(resource.entity),
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
        return replace(made, construct=self._placed_node(made.construct), requires=requires, around=tuple(around))

    def _placed_node[N: Node](self, node: N) -> N:
        return transform(node, self._place)

    def _place(self, node: Node) -> Node:
        match node:
            case Variable(name, namespace) if namespace and namespace.startswith("@"):
                # What is shared names the Python module that describes it: only the package knows the namespace of that.
                return Variable(name, self._package.namespace_of(namespace[1:], f"shared resource {name}"))
            case Construct(entity) if entity.startswith("@"):
                return replace(node, entity=self._placed_entity(entity))
            case Call(plugin, positional, named) if plugin.startswith(f"{RUNTIME}::"):
                return Call(f"{self._package.module}::{RUNTIME[1:]}::{plugin.rpartition('::')[2]}", positional, named)
        return node

    def _placed_entity(self, entity: str) -> str:
        if not entity.startswith("@"):
            return entity
        source, _, name = entity[1:].rpartition("::")
        return f"{self._package.namespace_of(source, name)}::{name}"

    def _service(self, part: type[Service]) -> model.Service:
        where = part.__name__
        if not isinstance(part.identity, str) or not isinstance(part.identity_display_name, str | None):
            raise DescriptionError("identity and identity_display_name are strings. Write them between quotes.", where=where)
        if not isinstance(part.strict, bool) or not isinstance(part.default_version, bool):
            raise DescriptionError("strict and default_version are True or False. Write one of them.", where=where)
        if part.default_version and not part.versions:
            raise DescriptionError(
                "it is the default version of a service without versions. Write versions = (0,), or take default_version away.",
                where=where,
            )
        if not isinstance(part.catalog_name, str) or not isinstance(part.allocation_spec, str | None):
            raise DescriptionError("catalog_name and allocation_spec are strings. Write them between quotes.", where=where)
        versions: object = part.versions
        if not isinstance(versions, tuple) or not all(type(number) is int and number >= 0 for number in versions):
            raise DescriptionError("versions is no tuple of numbers. Write versions = (0,), or versions = (0, 1).", where=where)
        entity = self._entities.service(part)
        return model.Service(
            entity=entity,
            identity=part.identity,
            identity_display_name=part.identity_display_name,
            lifecycle=self._lifecycle(part),
            catalog_name=part.catalog_name or part.__name__,
            owner=next((relation for relation in entity.all_services() if relation.is_owner), None),
            strict=part.strict,
            allocation_spec=part.allocation_spec,
            versions=versions,
            default_version=part.default_version,
        )

    def _lifecycle(self, part: type[Service]) -> str:
        lifecycle: object = getattr(part, "lifecycle", None)
        if isinstance(lifecycle, Lifecycle):
            return lifecycle.variable
        if isinstance(lifecycle, StateMachine):
            if id(lifecycle) in self._machines:
                return self._machines[id(lifecycle)].variable
            raise DescriptionError(
                "its lifecycle has no name in a description file. Write <name> = StateMachine(...) above the class.",
                where=part.__name__,
            )
        raise DescriptionError(
            "the service has no lifecycle. Write lifecycle = fsm.simple, or another one of fsm.", where=part.__name__
        )

    @staticmethod
    def _of_service[T](service: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except DescriptionError as error:
            raise error.of_service(service) from error


def _before(entity: model.Entity, entities: dict[str, model.Entity]) -> dict[str, tuple[Statement, ...]]:
    before = Before(entity, entities)
    return {resource.name: before.statements(resource) for resource in entity.resources}


def _looks_back(entity: model.Entity) -> bool:
    if any(entity.before.values()):
        return True
    return any(
        isinstance(part, Get) and part.name == PREVIOUS for node in expressions(implementation(entity)) for part in walk(node)
    )


def _shared(value: Shared, construct: Construct) -> Resource:
    return Resource(value.shared_name, value.shared_description, construct.entity, (Made(construct),), place=value.shared_place)
