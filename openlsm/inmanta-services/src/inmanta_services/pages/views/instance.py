"""An instance: where it is in its lifecycle, what it has, what happened to it, and what can be done with it."""

import uuid
from collections.abc import Awaitable, Callable, Mapping

from inmanta.data.model import CompileDetails
from inmanta_lsm.model import ServiceEntity, ServiceInstance, ServiceInstanceLog
from markupsafe import Markup
from nicegui import ui

from inmanta_services import lookup
from inmanta_services.errors import ConflictError, NotFoundError
from inmanta_services.lifecycle import is_trouble, waiting_for
from inmanta_services.naming import as_id
from inmanta_services.pages.comparison import Comparison, compare
from inmanta_services.pages.drawing.lifecycles import lifecycle_graph, tone_of
from inmanta_services.pages.frame import frame
from inmanta_services.pages.live import Live
from inmanta_services.pages.templates import render
from inmanta_services.pages.views.instance_actions import InstanceActions
from inmanta_services.pages.visit import Visit

_COMPILES = 10
_STEPS = 12
_SEVERE = 30  # a warning, as in Python's logging
_TABS = {
    "attributes": "Attributes",
    "lifecycle": "Lifecycle",
    "resources": "Resources",
    "history": "History",
    "diagnosis": "Diagnosis",
    "compiles": "Compiles",
}


async def show(visit: Visit, service: str, instance: uuid.UUID) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param service: the service of the instance.
    :param instance: its id.
    """
    found = await visit.client.inventory.get(service, instance, progress=True, referenced_by=True)
    await _Instance(visit, found, await lookup.entity_of(visit.client, found)).show()


class _Instance:
    """The page, with what was read for it."""

    def __init__(self, visit: Visit, instance: ServiceInstance, entity: ServiceEntity) -> None:
        self._visit = visit
        self._instance = instance
        self._entity = entity
        self._log: list[ServiceInstanceLog] = []
        self._compiles: dict[uuid.UUID, CompileDetails] = {}
        self._names: dict[str, str] = {}
        self._tab = "attributes"
        self._panel: Live | None = None
        self._actions = InstanceActions(visit)

    async def show(self) -> None:
        visit, name = self._visit, self._instance.service_identity_attribute_value or str(self._instance.id)
        service = self._entity.name
        trail = [
            ("Overview", visit.places.overview),
            (service, visit.places.service(service)),
            ("Instances", visit.places.inventory(service)),
            (name, None),
        ]
        with frame(name, places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
            await Live.show(visit.session, self._head)
            self._actions.build()
            self._actions.refresh(self._entity, self._instance)
            await Live.show(visit.session, self._way)
            with ui.tabs().props('dense no-caps align="left" aria-label="More about it"').classes("tab-bar") as tabs:
                for key, title in _TABS.items():
                    ui.tab(key, label=title)
            tabs.set_value(self._tab)
            with ui.element("section").classes("panel").props('role="tabpanel" aria-label="More about it" tabindex="0"'):
                self._panel = await Live.show(visit.session, self._more)
            tabs.on_value_change(lambda event: self._turn(str(event.value)))
        if is_trouble(self._entity.lifecycle, self._instance.state):
            tabs.set_value("diagnosis")

    async def _turn(self, tab: str) -> None:
        """
        Show something else about the instance.

        :param tab: what to show.
        """
        self._tab = tab
        if self._panel is not None:
            await self._panel.look()

    async def _head(self) -> Markup:
        before = self._instance
        self._instance = now = await self._visit.client.inventory.get(
            before.service_entity, before.id, progress=True, referenced_by=True
        )
        if now.service_entity_version != before.service_entity_version:
            self._entity = await lookup.entity_of(self._visit.client, now)
        self._actions.refresh(self._entity, now)
        referring = [(other, await self._name(str(other))) for other in now.referenced_by or ()]
        return render(
            "instance_head.html",
            places=self._visit.places,
            entity=self._entity,
            instance=now,
            tone=tone_of(self._entity.lifecycle, now.state),
            waiting="" if now.deleted else waiting_for(self._entity.lifecycle, now.state, now.deployment_progress),
            trouble=not now.deleted and is_trouble(self._entity.lifecycle, now.state),
            referring=referring,
        )

    async def _way(self) -> Markup:
        await self._read_log()
        way = [entry.state for entry in self._log]
        passed = [state for number, state in enumerate(way) if number == 0 or way[number - 1] != state]
        return render(
            "instance_way.html", entity=self._entity, way=passed[-_STEPS:], tone_of=tone_of, more=len(passed) > _STEPS
        )

    async def _lifecycle(self) -> Markup:
        await self._read_log()
        way = [entry.state for entry in self._log]
        graph = lifecycle_graph(self._entity.lifecycle, way=way)
        return render("instance_lifecycle.html", graph=graph, entity=self._entity, state=self._instance.state)

    async def _read_log(self) -> None:
        """Read what was added to the history since the last time."""
        since = self._log[-1].version if self._log else 1
        added = await self._visit.client.history.log(self._instance, since=since)
        # The last version that is known may have got more events meanwhile.
        self._log = [entry for entry in self._log if entry.version < since] + added

    async def _more(self) -> Markup:
        readers: Mapping[str, Callable[[], Awaitable[Markup]]] = {
            "attributes": self._attributes,
            "lifecycle": self._lifecycle,
            "resources": self._resources,
            "history": self._history,
            "diagnosis": self._diagnosis,
            "compiles": self._reports,
        }
        return await readers[self._tab]()

    async def _attributes(self) -> Markup:
        comparison = compare(self._entity, self._instance)
        names = await self._names_in(comparison)
        return render("attributes.html", comparison=comparison, names=names, places=self._visit.places)

    async def _names_in(self, comparison: Comparison) -> Mapping[str, str]:
        """The names of the instances that attribute sets name by their ids."""
        for row in comparison.rows:
            for ids in row.instances:
                for one in ids:
                    await self._name(one)
        return self._names

    async def _name(self, text: str) -> str:
        """
        The name of an instance; its service and its identity do not change.

        :param text: its id.
        """
        identifier = as_id(text)
        if text not in self._names and identifier is not None:
            try:
                other = await self._visit.client.inventory.by_id(identifier)
                self._names[text] = other.service_identity_attribute_value or text
            except NotFoundError:
                self._names[text] = text
        return self._names.get(text, text)

    async def _resources(self) -> Markup:
        try:
            resources = await self._visit.client.history.resources(self._instance)
        except ConflictError:
            # It moved on since it was read: what it has now is asked for.
            self._instance = await self._visit.client.inventory.get(self._instance.service_entity, self._instance.id)
            resources = await self._visit.client.history.resources(self._instance)
        troubled = ("failed", "unavailable", "undefined", "skipped", "skipped_for_undefined", "non_compliant")
        ordered = sorted(resources, key=lambda one: (one.resource_state not in troubled, one.resource_id))
        return render("resources.html", resources=ordered, troubled=troubled)

    async def _history(self) -> Markup:
        await self._read_log()
        return render(
            "history.html",
            log=self._log[::-1],
            entity=self._entity,
            tone_of=tone_of,
            severe=_SEVERE,
            places=self._visit.places,
        )

    async def _diagnosis(self) -> Markup:
        diagnosis = await self._visit.client.history.diagnose(self._instance)
        return render("diagnosis.html", diagnosis=diagnosis, places=self._visit.places)

    async def _reports(self) -> Markup:
        await self._read_log()
        ids = [event.id_compile_report for entry in self._log for event in entry.events if event.id_compile_report is not None]
        latest = list(dict.fromkeys(reversed(ids)))[:_COMPILES]
        reports = [report for one in latest if (report := await self._compile(one)) is not None]
        return render("instance_compiles.html", reports=reports, places=self._visit.places, older=len(set(ids)) - len(latest))

    async def _compile(self, identifier: uuid.UUID) -> CompileDetails | None:
        """
        A compile; one that ended does not change any more.

        :param identifier: its id.
        :return: None when its report was cleaned up.
        """
        known = self._compiles.get(identifier)
        if known is not None and known.completed is not None:
            return known
        try:
            self._compiles[identifier] = report = await self._visit.client.compiles.get(identifier)
        except NotFoundError:
            return None
        return report
