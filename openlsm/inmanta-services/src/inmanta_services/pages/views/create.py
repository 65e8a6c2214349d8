"""The form for a new instance."""

from inmanta_lsm.model import ServiceEntity
from nicegui import ui

from inmanta_services.errors import ServicesError
from inmanta_services.pages.forms.fields import fields_of
from inmanta_services.pages.forms.values import empty
from inmanta_services.pages.frame import frame
from inmanta_services.pages.views import submission
from inmanta_services.pages.views.form import Form
from inmanta_services.pages.visit import Visit


async def show(visit: Visit, service: str) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param service: the service.
    """
    entity = await visit.client.catalog.get(service)
    await _Creation(visit, entity).show()


class _Creation:
    """The page."""

    def __init__(self, visit: Visit, entity: ServiceEntity) -> None:
        self._visit = visit
        self._entity = entity
        self._fields = fields_of(entity, creating=True)

    async def show(self) -> None:
        visit, name = self._visit, self._entity.name
        suggested = await submission.suggestions(visit.client, self._fields, {"entity_type": name, "instance_id": ""})

        async def search(service: str, text: str) -> dict[str, str]:
            return await submission.search(visit.client, service, text)

        form = Form(self._fields, empty(self._fields), search, {}, suggested)
        trail = [("Overview", visit.places.overview), (name, visit.places.service(name)), ("Create", None)]
        with frame(f"Create {name}", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
            ui.label(f"Create {name}").props('role="heading" aria-level="1"').classes("form-title")
            problem = ui.label("").classes("problem").props('role="alert"')
            problem.set_visibility(False)
            form.build()
            with ui.element("div").classes("submit"):
                ui.button("Create", on_click=lambda: self._send(form, problem), color=None).props("no-caps flat").classes(
                    "action primary"
                )
                ui.button("Cancel", on_click=lambda: ui.navigate.to(visit.places.service(name)), color=None).props(
                    "no-caps flat"
                ).classes("action")

    async def _send(self, form: Form, problem: ui.label) -> None:
        """Create what the form says."""
        client, name = self._visit.client, self._entity.name
        try:
            found = await submission.checked(client, name, self._fields, form.draft, creating=True)
            if found.problems:
                submission.tell(form, problem, found.problems)
                return
            instance = await client.inventory.create(name, found.attributes)
        except ServicesError as error:
            submission.tell(form, problem, submission.refused(error, self._fields, form.draft))
            return
        ui.navigate.to(self._visit.places.instance(name, instance.id))
