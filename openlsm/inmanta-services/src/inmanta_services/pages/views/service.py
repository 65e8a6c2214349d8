"""A service: what it is made of, its lifecycle with the instances in it, and its switches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inmanta_lsm.model import EmbeddedServiceEntity, InterServiceRelation, ServiceAttribute, ServiceEntity
from markupsafe import Markup
from nicegui import ui

from inmanta_services.attributes.members import Holder, Member, members
from inmanta_services.errors import ServicesError
from inmanta_services.pages.drawing.lifecycles import lifecycle_graph, trigger
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit

MODIFIERS = {
    "r": "the orchestrator",
    "rw": "you, at creation",
    "rw+": "you, at any time",
}
"""Who writes an attribute, by its modifier."""


@dataclass(frozen=True)
class Described:
    """A member of a service, as a row of a table; the depth counts the embedded entities that it is in."""

    depth: int
    name: str
    type: str
    writer: str
    default: str
    description: str


def described(holder: Holder, depth: int = 0) -> Iterator[Described]:
    """
    The members of a service with those of its embedded entities.

    :param holder: the service or embedded entity.
    :param depth: how many embedded entities it is in.
    """
    for member in members(holder):
        default = _default(member)
        writer = MODIFIERS.get(member.modifier, member.modifier)
        yield Described(depth, member.name, _type(member), writer, default, member.description or "")
        if isinstance(member, EmbeddedServiceEntity):
            yield from described(member, depth + 1)


def _default(member: Member) -> str:
    if isinstance(member, ServiceAttribute) and member.default_value_set:
        return "null" if member.default_value is None else str(member.default_value)
    return ""


def _type(member: Member) -> str:
    match member:
        case ServiceAttribute():
            narrower = member.validation_type
            names = (member.validation_parameters or {}).get("names") if narrower == "enum" else None
            return " | ".join(map(str, names)) if isinstance(names, dict) else member.type
        case EmbeddedServiceEntity():
            return f"embedded, {_limits(member.lower_limit, member.upper_limit)}"
        case InterServiceRelation():
            return f"→ {member.entity_type}, {_limits(member.lower_limit, member.upper_limit)}"


def _limits(lower: int, upper: int | None) -> str:
    if upper is None:
        return f"{lower} or more" if lower else "any number"
    return str(lower) if lower == upper else f"{lower} to {upper}"


def switches_of(entity: ServiceEntity) -> Sequence[str]:
    """
    The switches of the lifecycle of a service.

    :param entity: the service.
    """
    return sorted({transfer.config_name for transfer in entity.lifecycle.transfers if transfer.config_name})


async def show(visit: Visit, service: str) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param service: the service.
    """
    entity = await visit.client.catalog.get(service, summary=True)
    trail = [("Overview", visit.places.overview), (entity.name, None)]
    with frame(entity.name, places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, lambda: _read(visit, service))
        await _switches(visit, entity)


async def _read(visit: Visit, service: str) -> Markup:
    entity = await visit.client.catalog.get(service, summary=True)
    counts = entity.instance_summary.by_state if entity.instance_summary else {}
    graph = lifecycle_graph(entity.lifecycle, counts=counts, link=lambda state: visit.places.in_state(service, state))
    return render(
        "service.html", places=visit.places, entity=entity, members=list(described(entity)), graph=graph, trigger=trigger
    )


async def _switches(visit: Visit, entity: ServiceEntity) -> None:
    """The switches of the lifecycle."""
    names = switches_of(entity)
    if not names:
        return
    values = await visit.client.catalog.config(entity.name)
    with ui.element("section").classes("panel").props('aria-labelledby="switches"'):
        ui.html('<h2 id="switches">Switches</h2><p class="hint">What the orchestrator does by itself.</p>', sanitize=False)
        for name in names:
            # One that was never set is on.
            switch = ui.switch(name, value=values.get(name, True))
            switch.on_value_change(lambda event, name=name: _set(visit, entity, name, bool(event.value)))


async def _set(visit: Visit, entity: ServiceEntity, name: str, value: bool) -> None:
    """
    Set a switch.

    :param name: of the switch.
    """
    try:
        await visit.client.catalog.set_config(entity.name, {name: value})
    except ServicesError as error:
        ui.notify(str(error), type="negative")
    else:
        ui.notify(f"{name} is {'on' if value else 'off'}.", type="positive")
