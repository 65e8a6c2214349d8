"""Finding the embedded entities that an update added or removed, by comparing two attribute sets."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from inmanta.ast.attribute import RelationAttribute
from inmanta.ast.entity import Entity
from inmanta.plugins import PluginException

type Element = dict[str, Any]
"""The attributes of a service or of one of its embedded entities (decoded JSON)."""


@dataclass(frozen=True)
class Flags:
    """
    The names of the attributes that say what happened to an embedded entity.

    :param added: true for an entity that is not in the previous attribute set
    :param removed: true for an entity that is only in the previous attribute set
    """

    added: str = "_added"
    removed: str = "_removed"


@dataclass(frozen=True)
class EmbeddedRelation:
    """
    A relation to embedded entities.

    :param name: name of the relation
    :param many: whether it may lead to more than one entity
    :param keys: names of the attributes that tell these apart; not needed when there is at most one
    :param declared: which of the flags the embedded entity has an attribute for
    :param nested: the relations to the entities embedded in it
    """

    name: str
    many: bool
    keys: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    nested: "tuple[EmbeddedRelation, ...]" = ()


class _Fate(Enum):
    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


def read_relations(definition: Mapping[str, Any], entity: Entity | None, flags: Flags) -> tuple[EmbeddedRelation, ...]:
    """
    The embedded entities of a service, or of an embedded entity.

    :param definition: its definition in the catalog (decoded JSON)
    :param entity: the entity of the model that it is turned into, None when that is not known
    :param flags: the names of the flags
    :raises PluginException: entities cannot be told apart
    """
    relations = []
    for embedded in definition.get("embedded_entities", ()):
        many = embedded.get("upper_limit") != 1
        keys = tuple(embedded.get("key_attributes") or ())
        if many and not keys:
            raise PluginException(
                f"Added and removed entities of relation {embedded['name']} cannot be found: its entities have no key"
                " attributes. Set strict_modifier_enforcement on the binding, and an index on the embedded entity."
            )
        target = _target(entity, embedded["name"])
        relations.append(
            EmbeddedRelation(
                name=embedded["name"],
                many=many,
                keys=keys,
                declared=frozenset(flag for flag in (flags.added, flags.removed) if target and target.get_attribute(flag)),
                nested=read_relations(embedded, target, flags),
            )
        )
    return tuple(relations)


def track(current: Element, previous: Element | None, relations: tuple[EmbeddedRelation, ...], flags: Flags) -> Element:
    """
    Mark the embedded entities of an attribute set and put the removed ones back, behind the others.

    Entities in a list always get the flags. A single entity gets those it has an attribute for, and is only put back when it
    has one that tells that it was removed: the constructor of any other entity would not accept them. What is embedded in an
    added or removed entity was added or removed with it.

    :param current: the attribute set to mark; it is not changed
    :param previous: the attribute set before the update; None when there was no update, so that all entities are kept
    :param relations: the relations to embedded entities
    :param flags: the names of the flags
    :return: a marked copy
    """
    return _relations(copy.deepcopy(current), current if previous is None else previous, relations, flags, _Fate.KEPT)


def _relations(
    element: Element, before: Element, relations: tuple[EmbeddedRelation, ...], flags: Flags, fate: _Fate
) -> Element:
    for relation in relations:
        value = element.get(relation.name)
        marked: object
        if relation.many:
            previous = before.get(relation.name) or [] if fate is _Fate.KEPT else []
            marked = _many(value or [], previous, relation, flags, fate)
        else:
            marked = _single(value, before.get(relation.name) if fate is _Fate.KEPT else None, relation, flags, fate)
        if marked or value is not None:
            element[relation.name] = marked
    return element


def _many(
    current: list[Element], previous: list[Element], relation: EmbeddedRelation, flags: Flags, fate: _Fate
) -> list[Element]:
    before = {_key(element, relation): element for element in previous}
    marked = []
    for element in current:
        known = before.pop(_key(element, relation), None)
        own_fate = _Fate.ADDED if fate is _Fate.KEPT and known is None else fate
        marked.append(_mark(element, known or {}, relation, flags, own_fate))
    marked.extend(_mark(copy.deepcopy(element), {}, relation, flags, _Fate.REMOVED) for element in before.values())
    return marked


def _single(
    current: Element | None, previous: Element | None, relation: EmbeddedRelation, flags: Flags, fate: _Fate
) -> Element | None:
    if current is not None:
        own_fate = _Fate.ADDED if fate is _Fate.KEPT and previous is None else fate
        return _mark(current, previous or {}, relation, flags, own_fate)
    if previous is not None and flags.removed in relation.declared:
        return _mark(copy.deepcopy(previous), {}, relation, flags, _Fate.REMOVED)
    return None


def _mark(element: Element, before: Element, relation: EmbeddedRelation, flags: Flags, fate: _Fate) -> Element:
    _relations(element, before, relation.nested, flags, fate)
    for flag, value in ((flags.added, fate is _Fate.ADDED), (flags.removed, fate is _Fate.REMOVED)):
        if relation.many or flag in relation.declared:
            element[flag] = value
    return element


def _key(element: Element, relation: EmbeddedRelation) -> str:
    # As JSON, because 1 and true are different keys there.
    return json.dumps([element.get(key) for key in relation.keys])


def _target(entity: Entity | None, relation: str) -> Entity | None:
    attribute = None if entity is None else entity.get_attribute(relation)
    if not isinstance(attribute, RelationAttribute):
        return None
    target = attribute.get_type()
    return target if isinstance(target, Entity) else None
