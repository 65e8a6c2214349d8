"""From templates to HTML. Whatever a template is given is escaped, unless it is HTML already."""

import datetime
import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inmanta_services.attributes.display import HIDDEN, is_secret, shown
from inmanta_services.pages.drawing.svg import draw


def moment(value: datetime.datetime | None) -> Markup:
    """
    A moment, in the time zone of this machine until a script of the page puts it into that of the browser.

    :param value: the moment.
    """
    if value is None:
        return Markup("—")
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        aware.astimezone(datetime.UTC).isoformat(), aware.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    )


def pretty(value: Any) -> str:
    """
    A value on as many lines as it needs.

    :param value: the value.
    """
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def words(name: object) -> str:
    """
    The name of an attribute, a state or an event as words.

    :param name: the name.
    """
    return str(name).replace("_", " ").strip().capitalize() or str(name)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("inmanta_services.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": moment, "pretty": pretty, "words": words, "shown": shown}
    environment.globals |= {"draw": draw, "is_secret": is_secret, "HIDDEN": HIDDEN}
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **values: Any) -> Markup:
    """
    Fill a template in.

    :param template: its name.
    :param values: what it is given.
    """
    return Markup(_ENVIRONMENT.get_template(template).render(**values))
