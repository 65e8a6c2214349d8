"""The input of each kind of field."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from inmanta_services.pages.forms.fields import Kind, RelationField, ValueField
from inmanta_services.pages.forms.values import Draft
from inmanta_services.pages.templates import words

_LONG = 80


def value_input(
    field: ValueField, draft: Draft, locked: str | None, suggested: Mapping[str, Mapping[str, Any]]
) -> ValidationElement[Any]:
    """
    The input of a plain attribute.

    :param field: its field.
    :param draft: what is in the field, and where it goes when that changes.
    :param locked: why it cannot be changed.
    :param suggested: the values of parameters that suggest some.
    """

    def note(event: Any) -> None:
        value = event.value
        draft[field.name] = None if value == "" and field.optional else value

    label = _label(words(field.name), field.optional or field.kind is Kind.BOOLEAN or field.default is not None)
    value = draft.get(field.name)
    element: ValidationElement[Any]
    if field.kind is Kind.CHOICE:
        choices = list(dict.fromkeys([*field.choices, *([value] if not field.many and value is not None else [])]))
        element = ui.select(choices, label=label, value=value, multiple=field.many, on_change=note, clearable=field.optional)
        element.props("options-dense")
    elif field.kind is Kind.BOOLEAN:
        options = {True: "Yes", False: "No"}
        element = ui.select(options, label=label, value=value, on_change=note, clearable=field.optional)
    elif field.many or field.kind is Kind.JSON or len(str(value or "")) > _LONG:
        hint = "one on each line" if field.many else "JSON" if field.kind is Kind.JSON else ""
        element = ui.textarea(f"{label}{f', {hint}' if hint else ''}", value=value, on_change=note).props("autogrow")
    elif field.suggestions is not None:
        values = suggested.get(field.suggestions.parameter or "", field.suggestions.values)
        options_ = {str(one): title for title, one in values.items()}
        options_ |= {value: value} if value and value not in options_ else {}
        element = ui.select(
            options_, label=label, value=value or None, with_input=True, new_value_mode="add-unique", on_change=note
        )
        element.props("hide-dropdown-icon=false input-debounce=0")
    else:
        element = ui.input(label, value=value, password=field.secret, password_toggle_button=field.secret, on_change=note)
        if field.kind in (Kind.INTEGER, Kind.NUMBER):
            element.props('inputmode="decimal"')
    return _common(element, locked)


def relation_input(
    field: RelationField,
    draft: Draft,
    locked: str | None,
    search: Callable[[str, str], Awaitable[dict[str, str]]],
    names: dict[str, str],
) -> ValidationElement[Any]:
    """
    The input of a relation to other instances, which finds them by what is written into it.

    :param field: its field.
    :param draft: what is in the field, and where it goes when that changes.
    :param locked: why it cannot be changed.
    :param search: finds instances.
    :param names: of the instances that are known, by their ids.
    """

    def note(event: Any) -> None:
        draft[field.name] = list(event.value or ()) if field.many else event.value

    chosen = list(draft.get(field.name) or ()) if field.many else [one for one in [draft.get(field.name)] if one is not None]
    element = ui.select(
        {one: names.get(one, one) for one in chosen},
        label=_label(f"{words(field.name)} ({field.service})", field.lower == 0),
        value=draft.get(field.name),
        multiple=field.many,
        with_input=True,
        clearable=field.lower == 0,
        on_change=note,
    )
    element.props('input-debounce="200" options-dense' + (" use-chips" if field.many else ""))

    async def find(text: str) -> None:
        found = await search(field.service, text)
        names.update(found)
        kept = draft.get(field.name)
        held = list(kept or ()) if field.many else [one for one in [kept] if one is not None]
        element.set_options({**found, **{one: names.get(one, one) for one in held}})

    element.on("input-value", lambda event: find(str(event.args or "")), throttle=0.3, leading_events=False)
    element.on("focus", lambda: find(""))
    return _common(element, locked)


def _common(element: ValidationElement[Any], locked: str | None) -> ValidationElement[Any]:
    element.props("outlined dense" + (' readonly tabindex="0"' if locked else ""))
    return element


def _label(name: str, optional: bool) -> str:
    return f"{name} (optional)" if optional else name
