"""Which service owns which, as seen from one service entity of the model."""

from typing import Any

from inmanta.ast import OptionalValueException
from inmanta.ast.attribute import RelationAttribute
from inmanta.ast.entity import Entity
from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException
from inmanta_plugins.lsm import bindings


def relation_to_owner(service: DynamicProxy) -> str | None:
    """
    The name of the relation to the owner of a service, None when its binding says that it has none.

    The resources of a service follow this relation alone: its target may be a plain entity that is no service.

    :param service: a `lsm::ServiceEntity`
    :raises UnsetException: the entity is not complete yet; the compiler tries again
    """
    binding = bindings.optional(service, "entity_binding")
    relation: str | None = None if binding is None else binding.relation_to_owner
    return relation


def owner_of(service: DynamicProxy) -> DynamicProxy:
    """
    The entity whose resource set holds the resources of an owned service.

    :param service: a `lsm::ServiceEntity` with a relation to its owner
    :raises UnsetException: the entity is not complete yet; the compiler tries again
    :raises PluginException: the relation does not lead to exactly one entity with a relation `owned_resources`
    """
    relation = relation_to_owner(service)
    entity = service._type()
    model: Any = service
    where = f"service instance {model.instance_id} ({entity.get_full_name()})"
    problem = None if relation is None else relation_problem(entity, relation)
    if relation is None or problem is not None:
        raise PluginException(f"The owner of {where} cannot be found: {problem or 'its binding has no relation_to_owner'}.")
    try:
        owner: DynamicProxy = getattr(service, relation)
    except OptionalValueException as exception:
        raise PluginException(
            f"The owner of {where} cannot be found: its relation {relation} is not set. Set it, or leave relation_to_owner"
            " out of the binding."
        ) from exception
    if not isinstance(owner._type().get_attribute("owned_resources"), RelationAttribute):
        raise PluginException(
            f"The resources of {where} cannot be added to its owner: {owner._type().get_full_name()}, the target of its"
            f" relation {relation}, has no relation owned_resources to std::Resource."
        )
    return owner


def relation_problem(entity: Entity, relation: str) -> str | None:
    """
    Why a relation cannot lead to the owner of a service, None when it can.

    :param entity: the entity of the service
    :param relation: the name given as `relation_to_owner`
    """
    attribute = entity.get_attribute(relation)
    if not isinstance(attribute, RelationAttribute):
        return f"{entity.get_full_name()} has no relation {relation}, which its binding gives as relation_to_owner"
    if attribute.high != 1:
        return f"relation {relation} of {entity.get_full_name()} may lead to more than one owner, give it the arity [1]"
    return None
