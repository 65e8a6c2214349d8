"""The bindings of the model as plain data: what a compile has to know about a service and its lifecycle."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from inmanta.ast import MultiUnsetException, OptionalValueException, UnsetException
from inmanta.ast.entity import Entity
from inmanta.ast.type import Type
from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException

SERVICE_BINDING = "lsm::ServiceBinding"
SINGLE_VERSION_BINDING = "lsm::ServiceEntityBinding"


@dataclass(frozen=True)
class State:
    """
    A state of a lifecycle; the names are those of the entity `lsm::State`, attribute sets are given without suffix
    (`candidate`, `active` or `rollback`).
    """

    name: str
    export_resources: bool
    validate_self: str | None = None
    validate_others: str | None = None
    purge_resources: bool = False
    previous_attr_set_on_validate: str | None = None
    previous_attr_set_on_export: str | None = None


@dataclass(frozen=True)
class Binding:
    """
    One version of a service.

    :param service: name of the service in the catalog
    :param version: service entity version
    :param service_entity: fully qualified name of the entity its instances are turned into
    :param strict: whether attribute modifiers are enforced inside embedded entities too
    :param allocation_spec: name of its allocation specification, if any
    :param states: the states of its lifecycle by name
    """

    service: str
    version: int
    service_entity: str
    strict: bool
    allocation_spec: str | None
    states: Mapping[str, State]


@dataclass(frozen=True)
class Ownership:
    """
    Who owns the instances of one version of a service.

    :param owner: name of the owning service in the catalog, None when the service is not owned
    :param relation: name of the relation to the owning instance
    """

    owner: str | None
    relation: str | None


type Lifecycles = MutableMapping[DynamicProxy, Mapping[str, State]]
"""The states of lifecycles, by name: those that were read. What is complete does not change any more in the same compile."""


def read_versions(binding: DynamicProxy, lifecycles: Lifecycles) -> dict[int, Binding]:
    """
    The versions of a service, by number.

    :param binding: a `lsm::ServiceBinding` or a binding of a single version
    :param lifecycles: those that were read, to which its own are added
    :raises UnsetException, MultiUnsetException: the binding or its lifecycle is not complete yet; the compiler tries again
    """
    model: Any = binding
    name = model.service_entity_name
    if not _is_a(binding, SERVICE_BINDING):
        return {0: _read_version(name, 0, binding, lifecycles)}
    return {version.version: _read_version(name, version.version, version, lifecycles) for version in model.versions}


def read_version(binding: DynamicProxy, service: str, lifecycles: Lifecycles) -> Binding:
    """
    The version that an `entity_binding` stands for.

    :param binding: a `lsm::ServiceBindingVersion` or a binding of a single version
    :param service: name of the service in the catalog
    :param lifecycles: those that were read, to which its own is added
    :raises UnsetException, MultiUnsetException: the binding or its lifecycle is not complete yet; the compiler tries again
    """
    return _read_version(service, getattr(binding, "version", 0), binding, lifecycles)


def find_version(binding: DynamicProxy, version: int) -> DynamicProxy:
    """
    The version object of a service with that number.

    :param binding: a `lsm::ServiceBinding`
    :param version: service entity version
    :raises PluginException: there is no such version
    """
    model: Any = binding
    versions = {candidate.version: candidate for candidate in model.versions}
    if version not in versions:
        raise PluginException(
            f"Service {model.service_entity_name} has no version {version}: its binding defines"
            f" {', '.join(map(str, sorted(versions))) or 'none'}."
        )
    found: DynamicProxy = versions[version]
    return found


def read_ownership(types: Mapping[str, Type]) -> dict[tuple[str, int], Ownership]:
    """
    Who owns whom, for all services bound in the model, by service and version.

    :param types: all types of the model by fully qualified name
    :raises UnsetException, MultiUnsetException: a binding is not complete yet; the compiler tries again
    """
    versions: dict[tuple[str, int], Any] = {}
    for binding in _instances(types, SINGLE_VERSION_BINDING):
        versions[binding.service_entity_name, 0] = binding
    for binding in _instances(types, SERVICE_BINDING):
        for version in binding.versions:
            versions[binding.service_entity_name, version.version] = version
    # A version does not know the name of its service.
    services = {version: service for (service, _), version in versions.items()}
    ownership = {}
    for key, version in versions.items():
        owner = optional(version, "owner")
        ownership[key] = Ownership(owner=None if owner is None else services.get(owner), relation=version.relation_to_owner)
    return ownership


def optional(entity: DynamicProxy, relation: str) -> Any:
    """
    The target of a relation with arity `[0:1]`, None when there is none.

    :param entity: an entity of the model
    :param relation: name of the relation
    :raises UnsetException: nothing is known about the relation yet; the compiler tries again
    """
    try:
        return getattr(entity, relation)
    except OptionalValueException:
        return None


def _read_version(service: str, version: int, binding: Any, lifecycles: Lifecycles) -> Binding:
    lifecycle = binding.lifecycle
    if lifecycle not in lifecycles:
        lifecycles[lifecycle] = {state.name: state for state in _read_states(lifecycle)}
    return Binding(
        service=service,
        version=version,
        service_entity=binding.service_entity,
        strict=binding.strict_modifier_enforcement,
        allocation_spec=binding.allocation_spec,
        states=lifecycles[lifecycle],
    )


def _read_states(lifecycle: Any) -> Iterator[State]:
    states = dict.fromkeys([lifecycle.initial_state, *lifecycle.alternative_initial_states])
    for transfer in lifecycle.transfers:
        states[transfer.source] = states[transfer.target] = None
    for error in _errors(lifecycle.transfers):
        states[error] = None
    for state in states:
        yield State(
            name=state.name,
            export_resources=state.export_resources,
            validate_self=state.validate_self,
            validate_others=state.validate_others,
            purge_resources=state.purge_resources,
            previous_attr_set_on_validate=state.previous_attr_set_on_validate,
            previous_attr_set_on_export=state.previous_attr_set_on_export,
        )


def _errors(transfers: Iterable[DynamicProxy]) -> list[Any]:
    """
    The error states of the transfers. What is not frozen yet is asked for in one go: waiting for one transfer at a time would
    take as many rounds of the compiler as there are transfers.
    """
    errors = []
    unset: list[Any] = []
    for transfer in transfers:
        try:
            error = optional(transfer, "error")
        except UnsetException as exception:
            unset.append(exception.get_result_variable())
        else:
            if error is not None:
                errors.append(error)
    if unset:
        raise MultiUnsetException("The error states of the lifecycle are not known yet", unset)
    return errors


def _instances(types: Mapping[str, Type], entity_name: str) -> Iterator[Any]:
    entity = types.get(entity_name)
    if isinstance(entity, Entity):
        for instance in entity.get_all_instances():
            yield DynamicProxy.return_value(instance)


def _is_a(entity: DynamicProxy, entity_name: str) -> bool:
    entity_type = entity._type()
    return entity_name in (entity_type.get_full_name(), *entity_type.get_all_parent_names())
