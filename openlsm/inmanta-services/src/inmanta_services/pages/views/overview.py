"""What there is in an environment: its services, what waits, and what went wrong."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inmanta_lsm.model import ServiceEntity, ServiceInstance
from markupsafe import Markup

from inmanta_services.lifecycle import is_trouble, waiting_for
from inmanta_services.pages.drawing.lifecycles import tone_of
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit

_SHOWN = 10


@dataclass(frozen=True)
class Noted:
    """
    An instance that somebody may want to look at.

    :ivar waiting: what it waits for.
    """

    entity: ServiceEntity
    instance: ServiceInstance
    waiting: str


def busy_states(entity: ServiceEntity) -> list[str]:
    """
    The states of a service in which an instance waits for something, of those that have instances.

    :param entity: the service, with the number of its instances.
    """
    return [state for state in _occupied(entity) if waiting_for(entity.lifecycle, state, None)]


def trouble_states(entity: ServiceEntity) -> list[str]:
    """
    The states of a service in which an instance needs somebody, of those that have instances.

    :param entity: the service, with the number of its instances.
    """
    return [state for state in _occupied(entity) if is_trouble(entity.lifecycle, state)]


def _occupied(entity: ServiceEntity) -> Iterable[str]:
    counts = entity.instance_summary.by_state if entity.instance_summary else {}
    return (state for state, count in counts.items() if count)


async def show(visit: Visit) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    """
    with frame("Overview", places=visit.places, environment=visit.environment, login=visit.logged_in):
        await Live.show(visit.session, lambda: read(visit))


async def read(visit: Visit) -> Markup:
    """
    What the page shows now.

    :param visit: who looks at which environment.
    """
    entities = await visit.client.catalog.all(summary=True)
    waiting, failed = await asyncio.gather(
        _instances(visit, [(entity, busy_states(entity)) for entity in entities]),
        _instances(visit, [(entity, trouble_states(entity)) for entity in entities]),
    )
    return render(
        "overview.html", places=visit.places, entities=entities, waiting=waiting, failed=failed, tone_of=tone_of, limit=_SHOWN
    )


async def _instances(visit: Visit, wanted: Sequence[tuple[ServiceEntity, Sequence[str]]]) -> list[Noted]:
    """
    The instances in some states, those first that changed last.

    :param wanted: services with their states.
    """
    asked = [(entity, states) for entity, states in wanted if states]
    pages = await asyncio.gather(
        *(
            visit.client.inventory.page(
                entity.name, filters={"state": states}, sort="last_updated.desc", limit=_SHOWN, progress=True
            )
            for entity, states in asked
        )
    )
    found = [
        Noted(entity, instance, waiting_for(entity.lifecycle, instance.state, instance.deployment_progress))
        for (entity, states), page in zip(asked, pages, strict=True)
        for instance in page.items
        # The filter finds parts of names, too.
        if instance.state in states
    ]
    return sorted(found, key=lambda noted: noted.instance.last_updated, reverse=True)[:_SHOWN]
