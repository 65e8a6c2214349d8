"""A form on a page: one input for each field, in groups where there are embedded entities."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from markupsafe import escape
from nicegui import ui

from inmanta_services.pages.forms.fields import AnyField, Field, GroupField, RelationField, ValueField
from inmanta_services.pages.forms.values import Draft, Item, empty
from inmanta_services.pages.templates import words
from inmanta_services.pages.views import form_inputs

type Search = Callable[[str, str], Awaitable[dict[str, str]]]
"""Finds the instances of a service with a text in their identity or id: their names by their ids."""


class Form:
    """
    A form on a page.

    :ivar draft: what is in its fields.
    """

    def __init__(
        self, fields: Sequence[AnyField], draft: Draft, search: Search, names: Mapping[str, str], suggested: Mapping[str, Any]
    ) -> None:
        """
        :param fields: its fields.
        :param draft: what is in them at first.
        :param search: finds instances for relations.
        :param names: of the instances that are in it at first, by their ids.
        :param suggested: the values of parameters of the orchestrator that suggest some, by the name of the parameter.
        """
        self.draft = draft
        self._fields = fields
        self._search = search
        self._names = dict(names)
        self._suggested = suggested
        self._problems: dict[str, str] = {}
        self._inputs: dict[str, Any] = {}
        self._place: ui.element | None = None

    def build(self) -> None:
        """Put the form on the page."""
        self._place = ui.element("div").classes("form")
        self._draw()

    def tell(self, problems: Mapping[str, str]) -> None:
        """
        Say what is wrong, each at its field, and go to the first.

        :param problems: what is wrong, by where it is.
        """
        self._problems = dict(problems)
        # Only a group says something that is no part of an input.
        self._draw()
        first = next((self._inputs[path] for path in self._inputs if path in problems), None)
        if first is not None:
            first.run_method("focus")

    def _draw(self) -> None:
        """Draw the form anew, with what is in its fields."""
        assert self._place is not None, "the form is on the page"
        self._inputs = {}
        self._place.clear()
        with self._place:
            self._draw_fields(self._fields, self.draft, "", fresh=False)

    def _draw_fields(self, fields: Sequence[AnyField], draft: Draft, prefix: str, *, fresh: bool) -> None:
        """
        Draw the fields of the service or of an embedded entity.

        :param draft: what is in them.
        :param prefix: where they are.
        :param fresh: whether they are of something new, in which nothing is locked.
        """
        for field in fields:
            path = f"{prefix}{field.name}"
            locked = None if fresh else field.locked
            match field:
                case GroupField():
                    self._draw_group(field, draft, path, locked=locked, fresh=fresh)
                case ValueField():
                    self._inputs[path] = form_inputs.value_input(field, draft, locked, self._suggested)
                    self._finish(field, path, locked)
                case RelationField():
                    self._inputs[path] = form_inputs.relation_input(field, draft, locked, self._search, self._names)
                    self._finish(field, path, locked)

    def _finish(self, field: Field, path: str, locked: str | None) -> None:
        """Say what is to be said about an input."""
        element = self._inputs[path]
        element.props(f'data-path="{path}"')
        if path in self._problems:
            element.error = self._problems[path]
        text = " ".join(part for part in (field.description, locked) if part)
        if text:
            ui.label(text).classes("field-hint")

    def _draw_group(self, group: GroupField, draft: Draft, path: str, *, locked: str | None, fresh: bool) -> None:
        """Draw the embedded entities of a relation."""
        value = draft.get(group.name)
        items: list[Item] = (value or []) if group.many else [value] if value is not None else []
        with ui.element("fieldset").classes("group").props(f'data-path="{path}"'):
            ui.html(escape(words(group.name)), sanitize=False, tag="legend")
            text = " ".join(part for part in (group.description, locked) if part)
            if text:
                ui.label(text).classes("hint")
            if path in self._problems:
                ui.label(self._problems[path]).classes("group-error").props('role="alert"')
            for number, item in enumerate(items):
                place = f"{path}.{number}." if group.many else f"{path}."
                self._draw_item(
                    group, draft, item, number, place, removable=locked is None and len(items) > group.lower, fresh=fresh
                )
            if locked is None and (group.upper is None or len(items) < group.upper):
                title = f"Add to {words(group.name).lower()}" if group.many else f"Add {words(group.name).lower()}"
                ui.button(title, on_click=lambda: self._add(group, draft, path), color=None).props("no-caps flat").classes(
                    "action"
                )

    def _draw_item(
        self, group: GroupField, draft: Draft, item: Item, number: int, place: str, *, removable: bool, fresh: bool
    ) -> None:
        """Draw an embedded entity."""
        title = f"{words(group.name)} {number + 1}" if group.many else words(group.name)
        with ui.element("fieldset").classes("item").props(f'aria-label="{escape(title)}"'):
            if group.many or removable:
                with ui.element("div").classes("item-head"):
                    ui.label(title if group.many else "")
                    if removable:
                        ui.button("Remove", on_click=lambda: self._remove(group, draft, item), color=None).props(
                            f'no-caps flat dense aria-label="Remove {escape(title)}"'
                        ).classes("action danger")
            self._draw_fields(group.fields, item.values, place, fresh=fresh or item.fresh)

    def _add(self, group: GroupField, draft: Draft, path: str) -> None:
        """Add an embedded entity, and go to its first field."""
        item = Item(empty(group.fields), fresh=True)
        if group.many:
            draft[group.name] = [*(draft.get(group.name) or []), item]
            prefix = f"{path}.{len(draft[group.name]) - 1}."
        else:
            draft[group.name] = item
            prefix = f"{path}."
        self._problems = {}
        self._draw()
        first = next((element for place, element in self._inputs.items() if place.startswith(prefix)), None)
        if first is not None:
            first.run_method("focus")

    def _remove(self, group: GroupField, draft: Draft, item: Item) -> None:
        """Remove an embedded entity."""
        # By identity: two may have the same values.
        draft[group.name] = [other for other in draft[group.name] if other is not item] if group.many else None
        self._problems = {}
        self._draw()
