"""Plans and differences, for people and for programs."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from inmanta_services.attributes.differences import Difference, Kind
from inmanta_services.attributes.display import clean, shown
from inmanta_services.declarations.plan import Plan

_STYLES = {Kind.ADDED: "green", Kind.CHANGED: "yellow", Kind.REMOVED: "red"}
_SIGNS = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-"}


def difference(found: Difference, indent: str) -> Iterator[RenderableType]:
    """
    A difference on one line.

    :param found: the difference.
    :param indent: what the line starts with.
    """
    match found.kind:
        case Kind.ADDED:
            text = shown(found.after, found.path)
        case Kind.REMOVED:
            text = shown(found.before, found.path)
        case Kind.CHANGED:
            text = f"{shown(found.before, found.path)} → {shown(found.after, found.path)}"
    yield _line(f"{indent}{_SIGNS[found.kind]} {found.path}: {text}", _STYLES[found.kind])


def as_data(found: Difference) -> dict[str, Any]:
    """
    A difference for programs.

    :param found: the difference.
    """
    return {"kind": found.kind, "path": found.path, "before": found.before, "after": found.after}


def plan(made: Plan) -> Iterator[RenderableType]:
    """
    A plan for people.

    :param made: the plan.
    """
    for creation in made.creations:
        yield _line(f"+ {creation.name}", "bold green")
        yield from _attributes(creation.attributes)
    for update in made.updates:
        yield _line(f"~ {update.name}", "bold yellow")
        for found in update.differences:
            yield from difference(found, "    ")
    for deletion in made.deletions:
        yield _line(f"- {deletion.name}", "bold red")
    for remark in made.remarks:
        yield _line(f"! {remark}", "yellow")
    yield _line(f"Plan: {made.summary}" if not made.is_empty else f"Nothing to do: {made.unchanged} as declared.", "bold")


def plan_as_data(made: Plan) -> dict[str, Any]:
    """
    A plan for programs.

    :param made: the plan.
    """
    return {
        "create": [{"instance": item.name, "attributes": item.attributes, "file": item.origin} for item in made.creations],
        "update": [
            {
                "instance": item.name,
                "id": item.instance.id,
                "differences": [as_data(found) for found in item.differences],
                "file": item.origin,
            }
            for item in made.updates
        ],
        "delete": [{"instance": item.name, "id": item.instance.id} for item in made.deletions],
        "unchanged": made.unchanged,
        "remarks": list(made.remarks),
    }


def _attributes(attributes: Mapping[str, Any]) -> Iterator[RenderableType]:
    for name, value in attributes.items():
        if value not in (None, []):
            yield _line(f"    {name}: {shown(value, name)}", "green")


def _line(text: str, style: str) -> Text:
    return Text(clean(text), style=style, overflow="fold")
