"""Relations to other instances: people write names, the orchestrator wants ids."""

from collections.abc import Callable, Mapping
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceEntity

from inmanta_services.attributes.members import Holder, Member, members

type Translate = Callable[[InterServiceRelation, str], str]
"""Gives another name for the instance that a relation leads to."""


def translated(holder: Holder, attributes: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """
    Attributes with other names for the instances that they refer to.

    :param holder: the service or embedded entity that has the attributes.
    :param translate: gives the other name.
    """
    known = {member.name: member for member in members(holder)}
    return {
        name: translated_value(known[name], value, translate) if name in known else value for name, value in attributes.items()
    }


def translated_value(member: Member, value: Any, translate: Translate) -> Any:
    """
    The value of one member with other names for the instances that it refers to. What does not fit the member stays.

    :param member: the member.
    :param value: its value.
    :param translate: gives the other name.
    """
    match member, value:
        case (InterServiceRelation() | EmbeddedServiceEntity(), list()):
            return [translated_value(member, element, translate) for element in value]
        case (InterServiceRelation(), str()):
            return translate(member, value)
        case (EmbeddedServiceEntity(), dict()):
            return translated(member, value, translate)
        case _:
            return value


def targets(entity: ServiceEntity) -> set[str]:
    """
    The services that a service may refer to.

    :param entity: the service.
    """
    return _targets(entity)


def _targets(holder: Holder) -> set[str]:
    inner = {name for embedded in holder.embedded_entities for name in _targets(embedded)}
    return {relation.entity_type for relation in holder.inter_service_relations} | inner


def key_in(relation: InterServiceRelation, name: str) -> str:
    """
    The identity or id that a relation names.

    :param relation: the relation, which says what service is meant.
    :param name: as written: ``Service/identity``, an identity or an id.
    """
    return name.removeprefix(f"{relation.entity_type}/")
