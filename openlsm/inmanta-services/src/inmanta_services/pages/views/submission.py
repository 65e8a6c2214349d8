"""What becomes of a form that somebody sends: checked here first, so that what is wrong is said at its field."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from inmanta_services.client import Client
from inmanta_services.declarations.schema_errors import schema_errors
from inmanta_services.errors import NotFoundError, ServicesError
from inmanta_services.pages.forms.fields import AnyField, GroupField, RelationField, ValueField, labelled
from inmanta_services.pages.forms.problems import field_in, place_of
from inmanta_services.pages.forms.values import Draft, Read, paths, read
from inmanta_services.pages.views.form import Form

_FOUND = 50


async def checked(client: Client, service: str, fields: Sequence[AnyField], draft: Draft, *, creating: bool) -> Read:
    """
    Read a form, and check what is in it as the definition of the service says.

    :param client: of the environment.
    :param service: the service.
    :param fields: of the form.
    :param draft: what is in them.
    :param creating: whether for a new instance.
    """
    found = read(fields, draft, creating=creating)
    if found.problems:
        return found
    visible = read(fields, draft, creating=creating, hidden=False).attributes
    known = list(paths(fields, draft))
    problems: dict[str, str] = {}
    for path, reason in schema_errors(await client.catalog.schema(service), visible):
        problems.setdefault(place_of(path, known) or "", reason)
    return Read(found.attributes, problems)


def tell(form: Form, problem: ui.label, problems: Mapping[str, str]) -> None:
    """
    Say what is wrong with a form.

    :param form: the form.
    :param problem: says what is wrong with no single field.
    :param problems: what is wrong, by where it is.
    """
    rest = problems.get("", "")
    count = sum(1 for path in problems if path)
    parts = [rest, f"{count} field{'s need' if count > 1 else ' needs'} another look." if count else ""]
    problem.set_text(" ".join(part for part in parts if part))
    problem.set_visibility(bool(problems))
    form.tell(problems)


def refused(error: ServicesError, fields: Sequence[AnyField], draft: Draft) -> dict[str, str]:
    """
    What the orchestrator says is wrong, by where it is.

    :param error: its answer.
    :param fields: of the form.
    :param draft: what is in them.
    """
    return {field_in(error, paths(fields, draft)) or "": str(error)}


async def search(client: Client, service: str, text: str) -> dict[str, str]:
    """
    Find instances for a relation.

    :param client: of the environment.
    :param service: the service that they are of.
    :param text: that is in their identity or id.
    :return: their names by their ids.
    """
    filters = {"id_or_service_identity": [text]} if text else None
    try:
        page = await client.inventory.page(service, filters=filters, limit=_FOUND)
    except ServicesError as error:
        ui.notify(str(error), type="negative")
        return {}
    return {str(one.id): one.service_identity_attribute_value or str(one.id) for one in page.items}


async def names_in(client: Client, fields: Sequence[AnyField], draft: Draft) -> dict[str, str]:
    """
    The names of the instances that a form names at first.

    :param client: of the environment.
    :param fields: of the form.
    :param draft: what is in them.
    :return: by their ids.
    """
    names: dict[str, str] = {}
    for field in fields:
        value = draft.get(field.name)
        if isinstance(field, RelationField):
            for one in value or () if field.many else [value] if value else []:
                try:
                    other = await client.inventory.by_id(one)
                except NotFoundError:
                    continue
                names[one] = other.service_identity_attribute_value or one
        elif isinstance(field, GroupField):
            for item in (value or ()) if field.many else [value] if value is not None else []:
                names |= await names_in(client, field.fields, item.values)
    return names


async def suggestions(client: Client, fields: Sequence[AnyField], known: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """
    The values that parameters of the orchestrator suggest.

    :param client: of the environment.
    :param fields: of the form.
    :param known: what stands for ``${...}`` in the name of a parameter.
    :return: by the name of the parameter, as the field says it.
    """
    found: dict[str, dict[str, Any]] = {}
    for field in fields:
        if isinstance(field, GroupField):
            found |= await suggestions(client, field.fields, known)
        elif isinstance(field, ValueField) and field.suggestions is not None and field.suggestions.parameter is not None:
            name = field.suggestions.parameter
            for key, value in known.items():
                name = name.replace(f"${{{key}}}", value)
            found[field.suggestions.parameter] = labelled(await client.parameters.suggestions(name))
    return found
