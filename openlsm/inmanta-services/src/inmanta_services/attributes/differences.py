"""
How an attribute set differs from another one: attribute by attribute, with the edits that lead from one to the other, and
whether the modifiers allow them.

Without strict enforcement a modifier holds for a top-level attribute as a whole. With it, modifiers hold inside embedded
entities too, and the one of a relation says whether embedded entities may be added and removed (LSM documentation, attribute
modifiers).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from inmanta_lsm.model import EditOperation, EmbeddedServiceEntity, PatchCallEdit, ServiceEntity

from inmanta_services.attributes import paths
from inmanta_services.attributes.completion import stripped
from inmanta_services.attributes.equality import unchanged
from inmanta_services.attributes.members import Holder, Member, elements, is_single, key_of, keys_of, members


class Kind(StrEnum):
    """What happens to a value."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Difference:
    """
    One thing that is not the same.

    :ivar path: where it is, as edits take it.
    :ivar edit: what leads from one value to the other.
    :ivar forbidden: why a user may not make that change, None when he may.
    """

    kind: Kind
    path: str
    before: Any
    after: Any
    edit: PatchCallEdit
    forbidden: str | None = None


def differences(entity: ServiceEntity, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """
    How an attribute set differs from another one.

    :param entity: the service of both.
    :param before: the set that is there.
    :param after: the set that should be there, complete.
    """
    walk = _Walk(before, entity.strict_modifier_enforcement)
    found = list(walk.holder(entity, before, after, []))
    if not entity.strict_modifier_enforcement:
        found = [_by_top_level(entity, difference) for difference in found]
    return [
        replace(difference, edit=difference.edit.model_copy(update={"edit_id": str(number)}))
        for number, difference in enumerate(found, start=1)
    ]


class _Walk:
    """
    A walk through two attribute sets.

    :param root: the set that is there, from its top.
    :param strict: whether modifiers hold inside embedded entities.
    """

    def __init__(self, root: Mapping[str, Any], strict: bool) -> None:
        self._root = root
        self._strict = strict

    def holder(
        self, holder: Holder, before: Mapping[str, Any], after: Mapping[str, Any], steps: paths.Steps
    ) -> Iterator[Difference]:
        """
        The differences below a service or an embedded entity.

        :param steps: the way to it.
        """
        for member in members(holder):
            old, new = before.get(member.name), after.get(member.name)
            if unchanged(member, old, new):
                continue
            if member.modifier == "r" and (self._strict or not steps):
                # What the orchestrator writes is none of the user's: it was taken from what is there.
                continue
            if isinstance(member, EmbeddedServiceEntity):
                yield from self._relation(member, old, new, steps)
            else:
                yield self._whole(member, old, new, steps)

    def _relation(self, relation: EmbeddedServiceEntity, old: Any, new: Any, steps: paths.Steps) -> Iterator[Difference]:
        if is_single(relation):
            yield from self._one(relation, old, new, steps)
        elif isinstance(old, list) and isinstance(new, list) and self._is_addressable(relation, old, new, steps):
            yield from self._many(relation, old, new, steps)
        else:
            yield self._whole(relation, old, new, steps)

    def _one(self, relation: EmbeddedServiceEntity, old: Any, new: Any, steps: paths.Steps) -> Iterator[Difference]:
        is_same = isinstance(old, dict) and isinstance(new, dict) and key_of(relation, old) == key_of(relation, new)
        if is_same:
            yield from self.holder(relation, old, new, [*steps, paths.to_member(relation.name)])
        else:
            yield self._whole(relation, old, new, steps)

    def _many(
        self, relation: EmbeddedServiceEntity, old: list[Any], new: list[Any], steps: paths.Steps
    ) -> Iterator[Difference]:
        there = {key_of(relation, element): element for element in old}
        wanted = {key_of(relation, element): element for element in new}
        for key, element in there.items():
            way = [*steps, paths.to_element(relation, element)]
            if key in wanted:
                yield from self.holder(relation, element, wanted[key], way)
            else:
                edit = _edit(EditOperation.remove, paths.text_of(way), None)
                yield Difference(Kind.REMOVED, edit.target, element, None, edit, self._membership(relation, way))
        for key, element in wanted.items():
            if key not in there:
                way = [*steps, paths.to_element(relation, element)]
                target = paths.text_of([*steps, paths.to_member(relation.name)])
                addition = stripped(relation, element) if self._strict else element
                edit = _edit(EditOperation.merge, target, [addition])
                yield Difference(Kind.ADDED, paths.text_of(way), None, addition, edit, self._membership(relation, way))

    def _whole(self, member: Member, old: Any, new: Any, steps: paths.Steps) -> Difference:
        """The replacement of a whole value."""
        path = paths.text_of([*steps, paths.to_member(member.name)])
        kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
        value = new
        if self._strict and isinstance(member, EmbeddedServiceEntity) and isinstance(new, dict):
            # Another embedded entity takes the place of the old one: what is read-only in it is still to be written.
            value = stripped(member, new)
        forbidden = _only_at_creation(path) if self._strict and member.modifier != "rw+" else None
        return Difference(kind, path, old, value, _edit(EditOperation.replace, path, value), forbidden)

    def _membership(self, relation: EmbeddedServiceEntity, way: paths.Steps) -> str | None:
        """Why an embedded entity may not be added or removed."""
        if not self._strict or relation.modifier == "rw+":
            return None
        return f"{paths.text_of(way)} may not be added or removed once the instance is created"

    def _is_addressable(self, relation: EmbeddedServiceEntity, old: list[Any], new: list[Any], steps: paths.Steps) -> bool:
        """Whether edits can name the embedded entities of a relation, each of them and none other."""
        if not keys_of(relation):
            return False
        for values in (old, new):
            if len(elements(values)) != len(values) or len({key_of(relation, element) for element in values}) != len(values):
                return False
        return all(paths.leads_to([*steps, paths.to_element(relation, element)], self._root, element) for element in old)


def _by_top_level(entity: ServiceEntity, difference: Difference) -> Difference:
    """
    A difference in a service without strict enforcement, where the modifier of the top-level attribute counts.

    :param entity: the service.
    :param difference: somewhere in it.
    """
    top = paths.top_of(difference.path)
    member = next(member for member in members(entity) if member.name == top)
    return difference if member.modifier == "rw+" else replace(difference, forbidden=_only_at_creation(top))


def _only_at_creation(path: str) -> str:
    return f"{path} may only be set when the instance is created"


def _edit(operation: EditOperation, target: str, value: Any) -> PatchCallEdit:
    return PatchCallEdit(edit_id="", operation=operation, target=target, value=value)
