"""From an entity of the model to what the service catalog knows about it: attributes, embedded entities and relations."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypedDict

from inmanta.ast.attribute import RelationAttribute
from inmanta.ast.entity import Entity
from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute
from inmanta_plugins.lsm.catalog import entity_members
from inmanta_plugins.lsm.catalog.entity_members import EMBEDDED_ENTITY, constant, extends, target
from inmanta_plugins.lsm.catalog.error import CatalogError

KEY_ATTRIBUTES = "__lsm_key_attributes"


class Members(TypedDict):
    """What services and embedded entities have in common; the names are those of the definition in the catalog."""

    attributes: list[ServiceAttribute]
    embedded_entities: list[EmbeddedServiceEntity]
    inter_service_relations: list[InterServiceRelation]
    entity_annotations: dict[str, object]


def read_members(
    entity: Entity,
    strict: bool,
    service_of: Callable[[RelationAttribute], str],
    path: Sequence[RelationAttribute] = (),
) -> Members:
    """
    What an entity consists of.

    :param entity: a service entity or an embedded entity
    :param strict: whether the rules for the enforcement of modifiers inside embedded entities apply
    :param service_of: gives the name in the catalog of the service a relation leads to
    :param path: the relations that lead from the service entity to this embedded one; none for the service entity itself
    :raises CatalogError: the entity breaks a rule, or a relation leads to an entity that is no service
    """
    return Members(
        attributes=[entity_members.read_attribute(entity, attribute) for attribute in entity_members.plain_attributes(entity)],
        embedded_entities=[
            _read_embedded_entity(relation, strict, service_of, path) for relation in _embedded_relations(entity, path)
        ],
        inter_service_relations=[
            _read_inter_service_relation(relation, service_of)
            for relation in entity_members.relations(entity)
            if entity_members.is_inter_service(relation)
        ],
        entity_annotations=entity_members.entity_annotations(entity),
    )


def _embedded_relations(entity: Entity, path: Sequence[RelationAttribute]) -> Iterator[RelationAttribute]:
    for relation in entity_members.relations(entity):
        # The way back from an embedded entity that is itself part of an embedded entity is no embedding.
        is_way_back = bool(path) and relation is path[-1].end
        if extends(target(relation), EMBEDDED_ENTITY) and not entity_members.is_inter_service(relation) and not is_way_back:
            yield relation


def _read_embedded_entity(
    relation: RelationAttribute,
    strict: bool,
    service_of: Callable[[RelationAttribute], str],
    path: Sequence[RelationAttribute],
) -> EmbeddedServiceEntity:
    entity = target(relation)
    if relation in path:
        raise CatalogError(
            f"Embedded entity {entity.get_full_name()} contains itself, through relation {relation}: start the name of a"
            " relation with an underscore to keep it out of the catalog"
        )
    if strict:
        _check_way_back(relation)
    return EmbeddedServiceEntity(
        name=relation.name,
        type=entity.name,
        description=entity_members.relation_description(relation),
        modifier=entity_members.check_modifier(entity_members.relation_modifier(relation), f"relation {relation}"),
        attribute_annotations=entity_members.relation_annotations(relation),
        lower_limit=relation.low,
        upper_limit=relation.high,
        key_attributes=_key_attributes(relation, strict),
        **read_members(entity, strict, service_of, (*path, relation)),
    )


def _read_inter_service_relation(
    relation: RelationAttribute, service_of: Callable[[RelationAttribute], str]
) -> InterServiceRelation:
    return InterServiceRelation(
        name=relation.name,
        description=entity_members.relation_description(relation),
        modifier=entity_members.check_modifier(entity_members.relation_modifier(relation), f"relation {relation}"),
        attribute_annotations=entity_members.relation_annotations(relation),
        lower_limit=relation.low,
        upper_limit=relation.high,
        entity_type=service_of(relation),
    )


def _check_way_back(relation: RelationAttribute) -> None:
    """
    The relation from an embedded entity to the entity it is part of is not part of the catalog, and leads to one entity.

    :raises CatalogError: that relation does not fit
    """
    back = relation.end
    if back is None:
        return
    if not back.name.startswith("_"):
        raise CatalogError(
            f"Relation {back} leads from an embedded entity to the entity it is part of: start its name with an underscore, or"
            " bind the service without strict modifier enforcement"
        )
    if back.high != 1:
        raise CatalogError(
            f"Relation {back} leads from an embedded entity to the one entity it is part of: give it the arity [1] or [0:1]"
        )


def _key_attributes(relation: RelationAttribute, strict: bool) -> list[str] | None:
    """
    The names of the attributes that identify an embedded entity within the one it is part of, sorted.

    An entity that is alone is identified by the relation to it. Otherwise an index identifies it: one over public attributes
    and, if at all, over the relation to the entity it is part of. `__lsm_key_attributes` selects among several.

    :param relation: the relation that leads to the embedded entity
    :param strict: whether there has to be such an index
    :raises CatalogError: there is no such index, or no single one
    """
    if relation.high == 1:
        return None
    entity = target(relation)
    candidates = {tuple(keys) for index in entity.get_indices() if (keys := _keys(entity, index, relation))}
    wanted = constant(entity, KEY_ATTRIBUTES, None)
    if wanted is not None and tuple(sorted(wanted)) in candidates:
        return sorted(wanted)
    if wanted is None and len(candidates) == 1:
        return list(candidates.pop())
    if not strict:
        return None
    name = entity.get_full_name()
    if wanted is not None:
        raise CatalogError(
            f"{KEY_ATTRIBUTES} of embedded entity {name} names {', '.join(wanted)}: add an index over these attributes, which"
            f" may also hold the relation to the entity it is part of, but no other relation"
        )
    if candidates:
        found = ", ".join(f"({', '.join(candidate)})" for candidate in sorted(candidates))
        raise CatalogError(
            f"Several indexes identify embedded entity {name} in relation {relation}: {found}. Select one with the default of"
            f" {KEY_ATTRIBUTES}"
        )
    raise CatalogError(
        f"Nothing identifies embedded entity {name} in relation {relation}, which may hold several: add an index over at least"
        " one public attribute, which may also hold the relation to the entity it is part of, but no other relation"
    )


def _keys(entity: Entity, index: Sequence[str], relation: RelationAttribute) -> list[str] | None:
    """The attributes of an index that can identify the entity in this relation, None when it cannot."""
    keys = []
    for name in index:
        member = entity.get_attribute(name)
        if isinstance(member, RelationAttribute):
            if member is not relation.end:
                return None
        elif name.startswith("_"):
            return None
        else:
            keys.append(name)
    return sorted(keys)
