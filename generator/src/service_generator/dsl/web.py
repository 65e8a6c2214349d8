"""
Annotations that the web console knows, as keyword arguments instead of keys: ``annotations=web.documentation("Notes")``.

Each function gives a plain dict, so that they can be joined with ``|`` and with annotations of one's own.
"""

from typing import Any

from service_generator.errors import DescriptionError

type Annotations = dict[str, Any]


def _given(**values: object) -> Annotations:
    return {f"web_{name}": value for name, value in values.items() if value is not None}


def documentation(title: str, *, icon: str | None = None) -> Annotations:
    """
    A read-only string, in markdown, that is shown as a tab of its own.

    :param title: the title of the tab
    :param icon: its icon
    """
    return _given(presentation="documentation", title=title, icon=icon)


def suggested(*values: str | tuple[str, str]) -> Annotations:
    """
    Values that are suggested for an attribute.

    :param values: strings, or pairs of what is shown and what is meant
    """
    listed = [value if isinstance(value, str) else {"label": value[0], "value": value[1]} for value in values]
    return _given(suggested_values={"type": "literal", "values": listed})


def suggested_by(parameter: str) -> Annotations:
    """
    Values that are suggested for an attribute, from a parameter that ``lsm::set_suggested_values`` fills.

    :param parameter: its name, which may hold ``${entity_type}`` and ``${instance_id}``
    """
    return _given(suggested_values={"type": "parameters", "parameter_name": parameter})


def tab(key: str) -> Annotations:
    """
    The tab that an attribute is shown in.

    :param key: the key of one of the tabs of the service
    """
    return _given(tab=key)


def tabs(*keys: str | Annotations) -> Annotations:
    """
    The tabs of a service.

    :param keys: the keys of the tabs, or dicts with the key and what else is said about the tab
    :raises DescriptionError: a tab has no key
    """
    listed = [{"key": key} if isinstance(key, str) else key for key in keys]
    if not all(isinstance(found.get("key"), str) for found in listed):
        raise DescriptionError("a tab has no key. Write tabs('general', {'key': 'more', ...}).")
    return _given(tabs=listed)


def state(*, label: str | None = None, icon: str | None = None, description: str | None = None) -> Annotations:
    """
    How a state of a lifecycle is shown.

    :param label: its label
    :param icon: its icon
    :param description: what it means
    """
    return _given(label=label, icon=icon, description=description)


def button(
    label: str | None = None,
    *,
    icon: str | None = None,
    variant: str | None = None,
    kind: str | None = None,
    advanced: bool | None = None,
    confirm: str | None = None,
) -> Annotations:
    """
    How a transfer of a lifecycle is offered.

    :param label: the text of the button
    :param icon: its icon
    :param variant: its looks
    :param kind: what kind of button it is
    :param advanced: whether it is only shown to experts
    :param confirm: what is asked before
    """
    return _given(
        button_label=label, icon=icon, button_variant=variant, button_type=kind, advanced_state=advanced, confirm=confirm
    )
