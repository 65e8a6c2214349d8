"""What is in the fields of a form, from attributes and to attributes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inmanta_services.pages.forms.fields import AnyField, GroupField, Kind, RelationField, ValueField

FILL_IN = "Fill this in."

type Draft = dict[str, Any]
"""
What is in fields, by their names: a text for most, a choice or a boolean as it is, ids for relations, an :class:`Item` or a
list of them for embedded entities. What has no field is there too, as it is in the attributes.
"""


@dataclass
class Item:
    """
    An embedded entity in a form.

    :ivar values: what is in its fields.
    :ivar fresh: whether it was added here: then nothing in it is there yet that could not be changed.
    """

    values: Draft
    fresh: bool = False


def empty(fields: Sequence[AnyField]) -> Draft:
    """
    What a form for something new begins with: the defaults, and as many embedded entities as there have to be.

    :param fields: the fields.
    """
    draft: Draft = {}
    for field in fields:
        match field:
            case ValueField():
                draft[field.name] = _written(field, field.default)
            case RelationField():
                draft[field.name] = [] if field.many else None
            case GroupField(many=True):
                draft[field.name] = [Item(empty(field.fields), fresh=True) for _ in range(field.lower)]
            case GroupField():
                draft[field.name] = Item(empty(field.fields), fresh=True) if field.lower else None
    return draft


def draft_of(fields: Sequence[AnyField], attributes: Mapping[str, Any]) -> Draft:
    """
    What a form for something that is there begins with.

    :param fields: the fields.
    :param attributes: what is there.
    """
    draft: Draft = dict(attributes)
    for field in fields:
        value = attributes.get(field.name)
        match field:
            case ValueField():
                draft[field.name] = _written(field, value)
            case RelationField():
                draft[field.name] = list(value or ()) if field.many else value
            case GroupField(many=True):
                draft[field.name] = [Item(draft_of(field.fields, element)) for element in value or ()]
            case GroupField():
                draft[field.name] = None if value is None else Item(draft_of(field.fields, value))
    return draft


def _written(field: ValueField, value: Any) -> Any:
    """A value as it stands in its field."""
    if value is None or field.kind in (Kind.BOOLEAN, Kind.CHOICE):
        return value
    if field.kind is Kind.JSON:
        return json.dumps(value, ensure_ascii=False)
    if field.many:
        return "\n".join(_text(one) for one in value)
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Read:
    """
    What was read from a form.

    :ivar attributes: those that could be read.
    :ivar problems: what is wrong, by where it is, such as ``items.0.name``.
    """

    attributes: dict[str, Any]
    problems: Mapping[str, str]


def read(fields: Sequence[AnyField], draft: Draft, *, creating: bool, hidden: bool = True) -> Read:
    """
    Read a form.

    :param fields: its fields.
    :param draft: what is in them.
    :param creating: whether for a new instance: then what has to be there may not be the empty text.
    :param hidden: whether to add what has no field.
    """
    problems: dict[str, str] = {}
    attributes = _read(fields, draft, "", creating, hidden, problems)
    return Read(attributes, problems)


def _read(
    fields: Sequence[AnyField], draft: Draft, prefix: str, creating: bool, hidden: bool, problems: dict[str, str]
) -> dict[str, Any]:
    named = {field.name for field in fields}
    result: dict[str, Any] = {name: value for name, value in draft.items() if name not in named} if hidden else {}
    for field in fields:
        path, written = f"{prefix}{field.name}", draft.get(field.name)
        match field:
            case ValueField():
                try:
                    result[field.name] = parse(field, written, creating)
                except ValueError as error:
                    problems[path] = str(error)
            case RelationField():
                result[field.name] = list(written or ()) if field.many else written
                problems.update(_wrong_number(field, len(written or ()) if field.many else int(written is not None), path))
            case GroupField():
                items: list[Item] = list(written or ()) if field.many else [written] if written is not None else []
                places = [f"{path}.{number}." for number in range(len(items))] if field.many else [f"{path}."]
                elements = [
                    _read(field.fields, item.values, place, creating or item.fresh, hidden, problems)
                    for item, place in zip(items, places, strict=False)
                ]
                result[field.name] = elements if field.many else next(iter(elements), None)
                problems.update(_wrong_number(field, len(items), path))
    return result


def _wrong_number(field: RelationField | GroupField, number: int, path: str) -> dict[str, str]:
    """Say that there are too few or too many of something."""
    if number < field.lower:
        return {path: FILL_IN if field.lower == 1 and not field.many else f"At least {field.lower} of them are needed."}
    if field.upper is not None and number > field.upper:
        return {path: f"There may be {field.upper} of them at most."}
    return {}


def parse(field: ValueField, written: Any, creating: bool) -> Any:
    """
    The value of an attribute.

    :param field: its field.
    :param written: what is in it.
    :param creating: whether for something new.
    :raises ValueError: when that is none; says why.
    """
    if field.many:
        return _parse_many(field, written)
    if written is None or (written == "" and (field.kind is not Kind.TEXT or (creating and not field.optional))):
        if field.optional:
            return None
        raise ValueError(FILL_IN)
    return _parse_one(field, written)


def _parse_many(field: ValueField, written: Any) -> Any:
    if field.kind is Kind.CHOICE:
        return list(written or ()) or (None if field.optional and written is None else [])
    lines = [line.strip() for line in (written or "").splitlines() if line.strip()]
    if not lines and field.optional and written is None:
        return None
    return [_parse_one(field, line) for line in lines]


def _parse_one(field: ValueField, written: Any) -> Any:
    match field.kind:
        case Kind.INTEGER:
            try:
                return int(str(written).strip())
            except ValueError:
                raise ValueError(f"{written} is no whole number.") from None
        case Kind.NUMBER:
            return _number(str(written))
        case Kind.JSON:
            try:
                return json.loads(str(written))
            except ValueError:
                raise ValueError('This is no JSON: write for example {"key": "value"} or ["one", "two"].') from None
        case _:
            return written


def _number(written: str) -> int | float:
    try:
        value: object = json.loads(written.strip())
    except ValueError:
        value = None
    # What JSON has no number for would not arrive at the orchestrator.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise ValueError(f"{written} is no number.")
    return value


def paths(fields: Sequence[AnyField], draft: Draft, prefix: str = "") -> Iterator[str]:
    """
    Where the fields of a form are, such as ``items.0.name``.

    :param fields: the fields.
    :param draft: what is in them.
    """
    for field in fields:
        path, written = f"{prefix}{field.name}", draft.get(field.name)
        yield path
        if isinstance(field, GroupField) and field.many:
            for number, item in enumerate(written or ()):
                yield from paths(field.fields, item.values, f"{path}.{number}.")
        elif isinstance(field, GroupField) and written is not None:
            yield from paths(field.fields, written.values, f"{path}.")
