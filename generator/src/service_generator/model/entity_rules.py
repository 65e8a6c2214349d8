"""What every entity of a description has to satisfy: rules of the service catalog and of the inmanta language."""

import re

from service_generator.errors import DescriptionError
from service_generator.installed import close_match
from service_generator.model.names import CONDITIONS, INHERITED, KEYWORDS
from service_generator.model.services import (
    Attribute,
    CustomAllocator,
    EmbeddedRelation,
    Entity,
    FreeInteger,
    Service,
    SpecAllocator,
)
from service_generator.model.types import Cardinality
from service_generator.python_side import plugin_arguments

_NAME = re.compile("[a-z][a-z0-9_]*")


def check_entity(where: str, entity: Entity, service: Service) -> None:
    """
    Check a service, or something that is embedded in one.

    :param where: how to call it
    :param entity: its entity
    :param service: the service
    :raises DescriptionError: the first rule that is broken
    """
    for name in names_of(entity):
        check_name(f"{where}.{name}", name)
    for relation in entity.services:
        if relation.is_owner and not entity.is_service:
            raise DescriptionError("only a service has an owner. Use rw(...) for a relation.", where=f"{where}.{relation.name}")
    for attribute in entity.attributes:
        _check_attribute(f"{where}.{attribute.name}", attribute, entity, service)
    for embedded in entity.embedded:
        _check_embedded(f"{where}.{embedded.name}", embedded, service)
    for group in entity.unique:
        _check_unique(where, group, entity)


def names_of(entity: Entity) -> list[str]:
    """
    The names of everything that an entity has.

    :param entity: the entity
    """
    members = (entity.attributes, entity.embedded, entity.services, entity.resources)
    return [member.name for kind in members for member in kind]


def check_name(where: str, name: str) -> None:
    """
    Check the name of something that is described.

    :param where: how to call it
    :param name: its name
    :raises DescriptionError: the model cannot use it
    """
    if not _NAME.fullmatch(name) or "__" in name:
        letters = "" if name.isascii() else " of letters from a to z"
        raise DescriptionError(
            f"the name {name} is not made of words in lower case{letters}, joined by underscores.", where=where
        )
    if name in KEYWORDS:
        raise DescriptionError(f"the name {name} is a word of the inmanta language. Choose another one.", where=where)
    if name in CONDITIONS:
        raise DescriptionError(f"the name {name} stands for a condition, as in self.{name}. Choose another one.", where=where)
    if name in INHERITED:
        raise DescriptionError(f"the name {name} is used by the lsm module. Choose another one.", where=where)


def _check_attribute(where: str, attribute: Attribute, entity: Entity, service: Service) -> None:
    if attribute.modifier == "r":
        if attribute.allocator is None and not attribute.computed and not service.allocation_spec:
            raise DescriptionError("a read-only attribute needs an allocator, since nobody else sets it.", where=where)
        if not attribute.type.optional:
            raise DescriptionError("a read-only attribute is null until it is allocated. Add | None to its type.", where=where)
    if attribute.has_default and not attribute.type.accepts(attribute.default):
        raise DescriptionError(f"the default {attribute.default!r} does not fit the type {attribute.type}.", where=where)
    if attribute.is_key and attribute.modifier != "rw":
        raise DescriptionError(
            f"a key is {attribute.modifier}. What tells elements apart never changes: use rw(...).", where=where
        )
    if attribute.is_key:
        _check_key(where, attribute, entity)
    if isinstance(attribute.allocator, FreeInteger) and (attribute.type.primitive != "int" or attribute.type.is_list):
        raise DescriptionError("first_free_integer gives an integer. Use int | None as the type.", where=where)
    if isinstance(attribute.allocator, SpecAllocator) and not service.allocation_spec:
        raise DescriptionError(
            "it is filled by the allocation_spec of the service, which has none. Write allocation_spec = and its name.",
            where=where,
        )
    if isinstance(attribute.allocator, CustomAllocator):
        _check_custom(where, attribute.allocator)


def _check_key(where: str, attribute: Attribute, entity: Entity) -> None:
    if entity.is_service:
        raise DescriptionError(
            "a key tells embedded entities apart, and this is a service. Use identity or unique.", where=where
        )
    if attribute.type.optional:
        raise DescriptionError("a key is optional. Every element needs its own, so take | None away.", where=where)
    if attribute.type.is_list or attribute.type.primitive not in ("string", "int"):
        raise DescriptionError("a key is neither a string nor an integer. Use another attribute.", where=where)


def _check_custom(where: str, allocator: CustomAllocator) -> None:
    function = allocator.plugin.rpartition("::")[2]
    arguments = plugin_arguments(allocator.source, function)
    if arguments is None:
        raise DescriptionError(
            f"there is no allocator {function}. Define it in {allocator.location}, decorated with @allocator().", where=where
        )
    needed, accepted = arguments
    given = {name for name, _ in allocator.values} | {argument.name for argument in allocator.arguments}
    if unknown := sorted(given - accepted):
        raise DescriptionError(
            f"the allocator {function} has no argument {unknown[0]}. {close_match(unknown[0], accepted)}", where=where
        )
    if missing := sorted(needed - given):
        raise DescriptionError(f"the allocator {function} needs the argument {missing[0]}. Give it.", where=where)


def _check_limits(where: str, cardinality: Cardinality) -> None:
    for limit in (cardinality.lower, cardinality.upper):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise DescriptionError(f"{limit!r} is no number of elements. Use a whole number that is not negative.", where=where)


def _check_embedded(where: str, relation: EmbeddedRelation, service: Service) -> None:
    cardinality = relation.cardinality
    _check_limits(where, cardinality)
    if cardinality.upper is not None and cardinality.upper < max(cardinality.lower, 1):
        raise DescriptionError(
            f"at_most={cardinality.upper} is less than at_least={cardinality.lower}, or than one.", where=where
        )
    if cardinality.many and service.strict and not relation.target.keys:
        raise DescriptionError(
            f"{relation.target.name} has no key, so its elements cannot be told apart. Give one of its attributes key=True.",
            where=where,
        )


def _check_unique(where: str, group: tuple[str, ...], entity: Entity) -> None:
    attributes = {attribute.name: attribute for attribute in entity.all_attributes()}
    for name in group:
        if name not in attributes:
            raise DescriptionError(f"unique names {name}, which is no attribute. {close_match(name, attributes)}", where=where)
        if attributes[name].type.optional:
            raise DescriptionError(f"unique names {name}, which may be null. Every instance needs its own.", where=where)
