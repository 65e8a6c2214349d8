"""The attribute sets of an instance side by side, as rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute, ServiceEntity, ServiceInstance

from inmanta_services.attributes.display import shown
from inmanta_services.attributes.equality import unchanged
from inmanta_services.attributes.members import Holder, Member, elements, is_single, key_of, keys_of, members

SETS = ("candidate", "active", "rollback")


@dataclass(frozen=True)
class Row:
    """
    One value, in each attribute set.

    :ivar depth: how many embedded entities it is in.
    :ivar name: of the attribute, or what tells an embedded entity from the others.
    :ivar values: one a set, for reading; None where the set does not have it, empty for a heading.
    :ivar related: the service that the values name instances of, None for other values.
    :ivar instances: the ids that each value names, when it names instances.
    :ivar differs: whether it is not the same in all sets.
    """

    depth: int
    name: str
    values: Sequence[str | None]
    related: str | None = None
    instances: Sequence[Sequence[str]] = ()
    differs: bool = False


@dataclass(frozen=True)
class Comparison:
    """
    Attribute sets side by side.

    :ivar sets: the names of those that there are.
    """

    sets: Sequence[str]
    rows: Sequence[Row]


def compare(entity: ServiceEntity, instance: ServiceInstance) -> Comparison:
    """
    Put the attribute sets of an instance side by side.

    :param entity: its service.
    :param instance: the instance.
    """
    found = {name: getattr(instance, f"{name}_attributes") for name in SETS}
    there = {name: attributes for name, attributes in found.items() if attributes is not None}
    return Comparison(list(there), list(_rows(entity, list(there.values()), 0)) if there else [])


def _rows(holder: Holder, sets: Sequence[Mapping[str, Any] | None], depth: int) -> Iterator[Row]:
    """
    The rows of a service or an embedded entity.

    :param sets: what each set has of it, None where it is not there.
    """
    for member in members(holder):
        values = [None if attributes is None else attributes.get(member.name) for attributes in sets]
        has_it = [attributes is not None and member.name in attributes for attributes in sets]
        if isinstance(member, EmbeddedServiceEntity):
            yield from _embedded(member, values, depth)
            continue
        texts = [shown(value, member.name) if there else None for value, there in zip(values, has_it, strict=True)]
        related = member.entity_type if isinstance(member, InterServiceRelation) else None
        ids = [_ids(value) for value in values] if related is not None else []
        yield Row(depth, member.name, texts, related, ids, _differs(member, values, has_it))


def _embedded(relation: EmbeddedServiceEntity, values: Sequence[Any], depth: int) -> Iterator[Row]:
    """The rows of the embedded entities of a relation."""
    if is_single(relation):
        present = [value if isinstance(value, dict) else None for value in values]
        yield Row(depth, relation.name, [None if value is None else "" for value in present], differs=_some(present))
        if any(value is not None for value in present):
            yield from _rows(relation, present, depth + 1)
        return
    yield Row(depth, relation.name, [f"{len(elements(value))} of them" for value in values])
    by_key = [_by_key(relation, elements(value)) for value in values]
    for key in dict.fromkeys(key for known in by_key for key in known):
        present = [known.get(key) for known in by_key]
        yield Row(depth + 1, key, [None if value is None else "" for value in present], differs=_some(present))
        yield from _rows(relation, present, depth + 2)


def _by_key(relation: EmbeddedServiceEntity, values: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """
    Embedded entities by what tells them apart; by their position when nothing does.

    :param relation: the relation that leads to them.
    """
    names: dict[str, dict[str, Any]] = {}
    for number, value in enumerate(values, start=1):
        name = ", ".join(key_of(relation, value)) if keys_of(relation) else f"{relation.name} {number}"
        names[name if name not in names else f"{name} ({number})"] = value
    return names


def _ids(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def _some(values: Sequence[object]) -> bool:
    """Whether something is there in some sets only."""
    return 0 < sum(value is not None for value in values) < len(values)


def _differs(member: Member, values: Sequence[Any], has_it: Sequence[bool]) -> bool:
    there = [value for value, is_there in zip(values, has_it, strict=True) if is_there]
    assert isinstance(member, ServiceAttribute | InterServiceRelation)
    return _some([value if is_there else None for value, is_there in zip([1] * len(has_it), has_it, strict=True)]) or any(
        not unchanged(member, there[0], other) for other in there[1:]
    )
