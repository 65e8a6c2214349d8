"""The services that the bindings of the model make available."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta.ast import Range
from inmanta.ast.entity import Entity
from inmanta.ast.type import Type
from inmanta.execute.proxy import DynamicProxy
from inmanta_plugins.lsm import bindings
from inmanta_plugins.lsm.catalog.entity_members import extends
from inmanta_plugins.lsm.catalog.error import CatalogError

BINDINGS = ("lsm::ServiceEntityBinding", "lsm::ServiceEntityBindingV2", "lsm::ServiceBinding")


@dataclass(frozen=True)
class BoundVersion:
    """
    One version of a service.

    :param number: its number, 0 for a service without versions
    :param binding: the `lsm::ServiceBindingVersion`, or the binding of the service itself when it has no versions
    :param service_entity: the full name of the entity
    """

    number: int
    binding: DynamicProxy
    service_entity: str


@dataclass(frozen=True)
class BoundService:
    """
    A service as it is bound.

    :param name: its name in the catalog
    :param versions: its versions
    :param default_version: the version that is used when none is asked for; None for a service without versions
    """

    name: str
    versions: tuple[BoundVersion, ...]
    default_version: int | None
    binding: DynamicProxy


def read_services(found: Mapping[str, Sequence[object]]) -> list[BoundService]:
    """
    The services of bindings, in the order in which the bindings are written in the model.

    :param found: the bindings by type. A type may be missing, and a binding may be there more than once: a binding of a type
        is also one of the types that type extends.
    """
    all_found = (binding for kind in BINDINGS for binding in found.get(kind, ()))
    unique = dict.fromkeys(binding for binding in all_found if isinstance(binding, DynamicProxy))
    return [_read_service(binding) for binding in sorted(unique, key=_written_at)]


def all_bindings(types: Mapping[str, Type]) -> dict[str, list[DynamicProxy]]:
    """
    All bindings of a model, by type.

    :param types: the types of the model by full name
    """
    return {
        kind: [DynamicProxy(instance) for instance in entity.get_all_instances()]
        for kind in BINDINGS
        if isinstance(entity := types.get(kind), Entity)
    }


class ServiceDirectory:
    """
    Finds services by what the model says about them.

    :param services: all services of the model
    """

    def __init__(self, services: Iterable[BoundService]) -> None:
        self._by_binding: dict[DynamicProxy, str] = {}
        self._by_entity: dict[str, set[str]] = {}
        for service in services:
            for version in service.versions:
                self._by_binding[version.binding] = service.name
                self._by_entity.setdefault(version.service_entity, set()).add(service.name)

    def owner_of(self, version: BoundVersion) -> str | None:
        """
        The name of the service that owns another one, None when nothing does.

        :param version: a version of the owned service
        :raises CatalogError: the owner is a version of no service
        """
        owner = bindings.optional(version.binding, "owner")
        if owner is None:
            return None
        if owner not in self._by_binding:
            raise CatalogError(
                f"the owner of its version {version.number}, bound to {owner.service_entity}, is a version of no service: add"
                " it to the versions of a lsm::ServiceBinding"
            )
        return self._by_binding[owner]

    def service_of(self, entity: Entity) -> str:
        """
        The name of the service that an entity belongs to. It may be the entity of any version of the service; an entity that
        several versions extend stands for the service too.

        :raises CatalogError: the entity belongs to no service, or to more than one
        """
        names = self._by_entity.get(entity.get_full_name(), set())
        if not names:
            children = entity.get_all_child_entities()
            names = {name for child in children for name in self._by_entity.get(child.get_full_name(), set())}
        if len(names) == 1:
            return next(iter(names))
        if not names:
            raise CatalogError(f"{entity.get_full_name()} is not bound to a service: add a binding for it")
        raise CatalogError(
            f"{entity.get_full_name()} is bound to several services ({', '.join(sorted(names))}): use an entity that belongs to"
            " one of them only"
        )


def _read_service(binding: DynamicProxy) -> BoundService:
    model: Any = binding
    if extends(binding._type(), bindings.SERVICE_BINDING):
        versions = tuple(BoundVersion(version.version, version, version.service_entity) for version in model.versions)
        return BoundService(model.service_entity_name, versions, model.default_version, binding)
    only_version = BoundVersion(0, binding, model.service_entity)
    return BoundService(model.service_entity_name, (only_version,), None, binding)


def _written_at(binding: Any) -> tuple[object, ...]:
    location = binding._get_instance().get_location()
    character = location.start_char if isinstance(location, Range) else 0
    return (location.file, location.lnr, character, binding.service_entity_name)
