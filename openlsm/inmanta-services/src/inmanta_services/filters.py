"""Filters and orders of lists, as people write them on a command line."""

from collections.abc import Sequence

from inmanta_services.errors import ServicesError


def filters_of(states: Sequence[str], names: Sequence[str], others: Sequence[str]) -> dict[str, list[str]]:
    """
    The filters of a list of instances.

    :param states: to be in one of them.
    :param names: texts in the identity or id.
    :param others: more filters of the API, as ``name=value``.
    :raises ServicesError: when one of those is something else.
    """
    filters: dict[str, list[str]] = {}
    if states:
        filters["state"] = list(states)
    if names:
        filters["id_or_service_identity"] = list(names)
    for text in others:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ServicesError(f"{text!r} is no filter: write NAME=VALUE, such as service_entity_version=ge:2.")
        filters.setdefault(name, []).append(value)
    return filters


def sort_of(text: str) -> str:
    """
    An order as the API takes it.

    :param text: the name of what to sort by, with ``.asc`` or ``.desc`` or without.
    """
    return text if text.endswith((".asc", ".desc")) else f"{text}.asc"
