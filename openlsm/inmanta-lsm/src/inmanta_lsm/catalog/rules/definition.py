"""Which definitions of services are sound."""

import re
from collections.abc import Iterator
from unicodedata import category

from inmanta_lsm.attributes.narrower_types import narrower_type
from inmanta_lsm.attributes.storable import check_storable
from inmanta_lsm.attributes.value_type import ENUM, PRIMITIVES, ValueType, enumerated, split_suffixes
from inmanta_lsm.attributes.violation import OUT_OF_LINE, RuleViolationError
from inmanta_lsm.catalog.rules.lifecycle import check_lifecycle, repeated
from inmanta_lsm.model import EmbeddedServiceEntity, ServiceAttribute, ServiceAttributeHolder, ServiceEntity, ServiceRelation

# Names are part of indexes of the database, whose rows are limited.
MAXIMUM_NAME_LENGTH = 255
MAXIMUM_VERSION = 2**31 - 1

IDENTITY_TYPES = ("string", "int")

ANY_TYPE = "any"
# The name of a type of some model, as older exports give it: with its namespace.
MODEL_TYPE = re.compile(r"\w[\w-]*(::\w[\w-]*)+")


def check_definition(entity: ServiceEntity) -> None:
    """
    Refuse a definition that is wrong whatever its instances are.

    :raises RuleViolationError: A rule is broken. The text says which one, and where.
    """
    check_storable(entity.model_dump(mode="json"), f"the definition of service {entity.name!r}")
    names = [entity.name, *(state.name for state in entity.lifecycle.states)]
    for name in names:
        if not 0 < len(name) <= MAXIMUM_NAME_LENGTH:
            raise RuleViolationError(
                f"The names of services and states have 1 to {MAXIMUM_NAME_LENGTH} characters, {name!r} has {len(name)}."
            )
    for kind, name in _names(entity):
        if any(category(character) in OUT_OF_LINE for character in name):
            raise RuleViolationError(f"The name of a {kind} cannot be shown in one line: {name!r} has a control character.")
    if not 0 <= entity.version <= MAXIMUM_VERSION:
        raise RuleViolationError(
            f"Service {entity.name}: the version is a number from 0 to {MAXIMUM_VERSION}, not {entity.version}."
        )
    check_lifecycle(entity.lifecycle)
    where = f"Service {entity.name}"
    _check_holder(entity, where, entity.strict_modifier_enforcement)
    _check_identity_attribute(entity, where)
    _check_owner(entity, where)


def _names(entity: ServiceEntity) -> Iterator[tuple[str, str]]:
    yield "service", entity.name
    yield from (("state", state.name) for state in entity.lifecycle.states)
    holders: list[ServiceAttributeHolder] = [entity]
    while holders:
        holder = holders.pop()
        yield from (("attribute", described.name) for described in holder.members)
        holders.extend(holder.embedded_entities)


def _check_holder(holder: ServiceAttributeHolder, where: str, strict: bool) -> None:
    if not all(member.name.strip() for member in holder.members):
        raise RuleViolationError(f"{where} defines an attribute without a name: nothing could be said about it.")
    for name in repeated(member.name for member in holder.members):
        raise RuleViolationError(f"{where} defines attribute {name} more than once.")
    for attribute in holder.attributes:
        _check_attribute(attribute, where)
    for relation in (*holder.embedded_entities, *holder.inter_service_relations):
        _check_limits(relation, where)
    for relation in holder.inter_service_relations:
        if not relation.entity_type.strip():
            raise RuleViolationError(f"{where}: relation {relation.name} leads to no service: its entity_type is empty.")
    for embedded in holder.embedded_entities:
        inside = f"{where}, embedded entity {embedded.name}"
        _check_keys(embedded, inside, strict)
        if strict and embedded.modifier == "r":
            for member in embedded.members:
                if member.modifier != "r":
                    raise RuleViolationError(
                        f"{inside}: attribute {member.name} has modifier {member.modifier}, but the relation has"
                        " modifier r, so everything inside has to be read-only."
                    )
        _check_holder(embedded, inside, strict)


def _check_attribute(attribute: ServiceAttribute, where: str) -> None:
    _check_type(attribute, where)
    if attribute.validation_type is not None:
        value_type = ValueType.of(attribute)
        if value_type.narrower == ENUM:
            if not enumerated(value_type.parameters):
                raise RuleViolationError(f"{where}: the enumeration of attribute {attribute.name} has no values.")
        elif value_type.narrower is not None:
            try:
                narrower_type(value_type.narrower, value_type.parameters)
            except RuleViolationError as violation:
                raise RuleViolationError(f"{where}, attribute {attribute.name}: {violation}") from None
    if attribute.default_value_set and not (attribute.default_value is None and attribute.modifier == "r"):
        try:
            ValueType.of(attribute).check(attribute.default_value, attribute.name)
        except RuleViolationError as violation:
            raise RuleViolationError(f"{where}: the default does not fit. {violation}") from None


def _check_type(attribute: ServiceAttribute, where: str) -> None:
    primitive, _ = split_suffixes(attribute.type)
    known = primitive in PRIMITIVES or primitive == ANY_TYPE or MODEL_TYPE.fullmatch(primitive) is not None
    # What values a name of its own stands for is said by the validation type.
    if not primitive or not (known or attribute.validation_type):
        raise RuleViolationError(
            f"{where}: attribute {attribute.name} has the type {attribute.type!r}, which is none: give one of"
            f" {', '.join([*PRIMITIVES, ANY_TYPE])}, with [] for lists and ? for what may be null, or the name of a type of a"
            " model, with its namespace."
        )


def _check_limits(relation: ServiceRelation, where: str) -> None:
    lower, upper = relation.lower_limit, relation.upper_limit
    if lower < 0 or (upper is not None and (upper < 1 or upper < lower)):
        raise RuleViolationError(
            f"{where}: relation {relation.name} has the limits {lower} and {upper}, the lower one has to be at least 0 and the"
            " upper one at least 1 and not below the lower one."
        )


def _check_keys(embedded: EmbeddedServiceEntity, where: str, strict: bool) -> None:
    attributes = {attribute.name: attribute for attribute in embedded.attributes}
    if strict and not embedded.single and not embedded.key_attributes:
        raise RuleViolationError(
            f"{where}: the relation can hold several entities, so strict modifier enforcement requires key attributes that"
            " tell them apart."
        )
    for key in embedded.key_attributes or ():
        if key not in attributes:
            raise RuleViolationError(f"{where}: key attribute {key} is no plain attribute of the entity.")
        if strict and attributes[key].modifier == "rw+":
            raise RuleViolationError(
                f"{where}: key attribute {key} cannot have modifier rw+, as entities are told apart by it."
            )


def _check_identity_attribute(entity: ServiceEntity, where: str) -> None:
    if entity.service_identity is None:
        return
    identity = next((attribute for attribute in entity.attributes if attribute.name == entity.service_identity), None)
    if identity is None:
        raise RuleViolationError(f"{where}: the service identity {entity.service_identity} is no attribute of the service.")
    if identity.modifier != "rw":
        raise RuleViolationError(
            f"{where}: the service identity {identity.name} must have modifier rw, not {identity.modifier}."
        )
    primitive, wrappers = split_suffixes(identity.type)
    if wrappers or primitive not in IDENTITY_TYPES:
        raise RuleViolationError(
            f"{where}: the service identity {identity.name} must be a required string or int, not {identity.type}."
        )


def _check_owner(entity: ServiceEntity, where: str) -> None:
    if entity.owner is None:
        return
    names = {member.name for member in entity.members}
    if entity.relation_to_owner not in names:
        raise RuleViolationError(
            f"{where}: the service has an owner, {entity.owner}, so relation_to_owner must be the name of the relation that"
            f" leads to it, not {entity.relation_to_owner}."
        )
