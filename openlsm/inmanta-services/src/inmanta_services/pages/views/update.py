"""The form to update an instance."""

import uuid

from inmanta_lsm.model import ServiceEntity, ServiceInstance
from nicegui import ui

from inmanta_services import lookup
from inmanta_services.attributes.completion import completed
from inmanta_services.attributes.differences import Difference, differences
from inmanta_services.attributes.members import base_of
from inmanta_services.errors import ServicesError
from inmanta_services.pages.forms.fields import fields_of
from inmanta_services.pages.forms.values import draft_of
from inmanta_services.pages.frame import frame
from inmanta_services.pages.views import submission
from inmanta_services.pages.views.form import Form
from inmanta_services.pages.visit import Visit


async def show(visit: Visit, service: str, instance: uuid.UUID) -> None:
    """
    The page.

    :param visit: who looks at which environment.
    :param service: the service of the instance.
    :param instance: its id.
    """
    found = await visit.client.inventory.get(service, instance)
    await _Update(visit, found, await lookup.entity_of(visit.client, found)).show()


class _Update:
    """The page."""

    def __init__(self, visit: Visit, instance: ServiceInstance, entity: ServiceEntity) -> None:
        self._visit = visit
        self._instance = instance
        self._entity = entity
        self._fields = fields_of(entity, creating=False)
        self._address = visit.places.instance(entity.name, instance.id)

    async def show(self) -> None:
        visit, client, service = self._visit, self._visit.client, self._entity.name
        name = self._instance.service_identity_attribute_value or str(self._instance.id)
        draft = draft_of(self._fields, base_of(self._instance))
        names = await submission.names_in(client, self._fields, draft)
        known = {"entity_type": service, "instance_id": str(self._instance.id)}
        suggested = await submission.suggestions(client, self._fields, known)

        async def search(other: str, text: str) -> dict[str, str]:
            return await submission.search(client, other, text)

        form = Form(self._fields, draft, search, names, suggested)
        trail = [
            ("Overview", visit.places.overview),
            (service, visit.places.service(service)),
            ("Instances", visit.places.inventory(service)),
            (name, self._address),
            ("Update", None),
        ]
        with frame(f"Update {name}", places=visit.places, trail=trail, environment=visit.environment, login=visit.logged_in):
            ui.label(f"Update {name}").props('role="heading" aria-level="1"').classes("form-title")
            problem = ui.label("").classes("problem").props('role="alert"')
            problem.set_visibility(False)
            form.build()
            with ui.element("div").classes("submit"):
                ui.button("Update", on_click=lambda: self._send(form, problem), color=None).props("no-caps flat").classes(
                    "action primary"
                )
                ui.button("Cancel", on_click=lambda: ui.navigate.to(self._address), color=None).props("no-caps flat").classes(
                    "action"
                )

    async def _send(self, form: Form, problem: ui.label) -> None:
        """Update the instance to what the form says."""
        client = self._visit.client
        try:
            found = await submission.checked(client, self._entity.name, self._fields, form.draft, creating=False)
            if found.problems:
                submission.tell(form, problem, found.problems)
                return
            base = base_of(self._instance)
            changes = differences(self._entity, base, completed(self._entity, found.attributes, base))
            if not changes:
                submission.tell(form, problem, {"": "Nothing is different from what is there."})
                return
            forbidden = forbidden_in(changes)
            if forbidden:
                submission.tell(form, problem, {"": forbidden})
                return
            await client.inventory.update(self._instance, [change.edit for change in changes], comment="Updated on a page")
        except ServicesError as error:
            submission.tell(form, problem, submission.refused(error, self._fields, form.draft))
            return
        ui.navigate.to(self._address)


def forbidden_in(changes: list[Difference]) -> str:
    """
    What of some changes the modifiers do not allow.

    :param changes: the changes.
    :return: empty when they allow all.
    """
    return " ".join(f"{change.forbidden}." for change in changes if change.forbidden is not None)
