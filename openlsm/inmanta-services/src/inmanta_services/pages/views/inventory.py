"""The instances of a service, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inmanta_lsm.model import ServiceEntity
from markupsafe import Markup
from nicegui import ui

from inmanta_services.client.paging import START
from inmanta_services.lifecycle import waiting_for
from inmanta_services.pages.drawing.lifecycles import tone_of
from inmanta_services.pages.frame import frame
from inmanta_services.pages.listing import Listing
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.visit import Visit


async def show(visit: Visit, service: str, query: Mapping[str, Sequence[str]]) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param service: the service.
    :param query: of the address of the page.
    """
    entity = await visit.client.catalog.get(service, summary=True)
    await _Inventory(visit, entity, Listing.parse(query, [name for name, _ in columns(entity)])).show()


def columns(entity: ServiceEntity) -> list[tuple[str, str]]:
    """
    What the list can be sorted by: the name of each in the API, and its title.

    :param entity: the service.
    """
    identity = entity.service_identity_display_name or entity.service_identity
    named = [(entity.service_identity, identity or "")] if entity.service_identity else []
    return [*named, ("state", "State"), ("created_at", "Created"), ("last_updated", "Last change")]


class _Inventory:
    """The page, with what is chosen on it."""

    def __init__(self, visit: Visit, entity: ServiceEntity, listing: Listing) -> None:
        self._visit = visit
        self._entity = entity
        self._listing = listing
        self._live: Live | None = None

    async def show(self) -> None:
        visit, entity = self._visit, self._entity
        trail = [("Overview", visit.places.overview), (entity.name, visit.places.service(entity.name)), ("Instances", None)]
        with frame(
            f"{entity.name}: instances", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in
        ):
            ui.html(render("inventory_head.html", entity=entity, places=visit.places), sanitize=False)
            self._filters()
            self._live = await Live.show(visit.session, self._read)

    def _filters(self) -> None:
        """What the list can be narrowed down by."""
        states = [state.name for state in self._entity.lifecycle.states]
        with ui.element("div").classes("filters").props('role="search" aria-label="Filter the instances"'):
            ui.input(
                "Identity or id", value=self._listing.text, on_change=lambda event: self._choose(text=event.value or "")
            ).props('outlined dense debounce="250" clearable type="search"').classes("grow")
            ui.select(
                sorted({*states, *self._listing.states}),
                label="State",
                multiple=True,
                value=list(self._listing.states),
                on_change=lambda event: self._choose(states=tuple(event.value or ())),
            ).props("outlined dense clearable use-chips options-dense").classes("state-filter")
            ui.checkbox(
                "Deleted ones, too",
                value=self._listing.deleted,
                on_change=lambda event: self._choose(deleted=bool(event.value)),
            )

    async def _choose(self, **chosen: object) -> None:
        """
        Show another part of the inventory.

        :param chosen: what is to be different.
        """
        self._listing = replace(self._listing, at=START, **chosen)  # type: ignore[arg-type]
        address = f"{self._visit.places.inventory(self._entity.name)}{self._listing.query()}"
        ui.navigate.history.replace(address)
        if self._live is not None:
            await self._live.look()

    async def _read(self) -> Markup:
        entity, listing = self._entity, self._listing
        page = await self._visit.client.inventory.page(
            entity.name,
            filters=listing.filters(),
            sort=listing.sort,
            limit=listing.limit,
            at=listing.at,
            progress=True,
            deleted=listing.deleted,
        )
        waiting = {
            instance.id: waiting_for(entity.lifecycle, instance.state, instance.deployment_progress) for instance in page.items
        }
        return render(
            "inventory.html",
            entity=entity,
            places=self._visit.places,
            page=page,
            listing=listing,
            columns=columns(entity),
            waiting=waiting,
            tone_of=tone_of,
        )
