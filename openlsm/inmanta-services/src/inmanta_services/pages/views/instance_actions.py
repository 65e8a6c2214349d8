"""The buttons of an instance: update, delete, set state, repair."""

from collections.abc import Awaitable, Callable

from inmanta_lsm.model import ServiceEntity, ServiceInstance
from nicegui import ui

from inmanta_services.errors import ServicesError
from inmanta_services.pages.actions import Actions, actions_of
from inmanta_services.pages.visit import Visit


class InstanceActions:
    """The buttons; those that its lifecycle does not offer in the state of the instance are not there."""

    def __init__(self, visit: Visit) -> None:
        """:param visit: who looks at which environment."""
        self._visit = visit
        self._row: ui.element | None = None
        self._shown: Actions | None = None
        self._instance: ServiceInstance | None = None

    def build(self) -> None:
        """Make a place for the buttons."""
        self._row = ui.element("div").classes("actions").props('role="group" aria-label="What can be done"')

    def refresh(self, entity: ServiceEntity, instance: ServiceInstance) -> None:
        """
        Show the buttons that fit now.

        :param entity: the service of the instance.
        :param instance: as it is.
        """
        self._instance = instance
        actions = actions_of(entity.lifecycle, instance)
        if self._row is None or actions == self._shown:
            return
        self._shown = actions
        self._row.clear()
        with self._row:
            if actions.update:
                address = self._visit.places.update(instance.service_entity, instance.id)
                self._button("Update", lambda: ui.navigate.to(address), "primary")
            for state in actions.states:
                self._button(f"Set state: {state}", lambda state=state: self._ask_state(state))
            if actions.repair:
                self._button("Repair", self._repair)
            if actions.delete:
                self._button("Delete", self._ask_deletion, "danger")
            if not any((actions.update, actions.delete, actions.repair, actions.states)):
                ui.html("Its lifecycle offers nothing to do in this state.", sanitize=False).classes("hint")

    def _button(self, text: str, act: Callable[..., object], classes: str = "") -> None:
        ui.button(text, on_click=act, color=None).props('no-caps flat data-key="{}"'.format(text.replace('"', ""))).classes(
            f"action {classes}"
        )

    def _now(self) -> ServiceInstance:
        assert self._instance is not None, "there are no buttons before there is an instance"
        return self._instance

    async def _ask_deletion(self) -> None:
        instance = self._now()
        name = instance.service_identity_attribute_value or str(instance.id)
        if await _confirmed(
            f"Delete {name}?", "What it deployed is removed the way its lifecycle provides.", "Delete", "danger"
        ):
            await self._do(f"{name} is being deleted.", lambda: self._visit.client.inventory.delete(self._now()))

    async def _ask_state(self, state: str) -> None:
        message = f"Set to {state} by hand"
        if await _confirmed(f"Set the state to {state}?", "The instance goes on from there.", f"Set to {state}"):
            await self._do(
                f"The state is {state} now.", lambda: self._visit.client.inventory.set_state(self._now(), state, message)
            )

    async def _repair(self) -> None:
        await self._do("Its resources are deployed once more.", lambda: self._visit.client.inventory.repair(self._now()))

    async def _do(self, done: str, act: Callable[[], Awaitable[object]]) -> None:
        """
        Have the orchestrator do something, and say what came of that.

        :param done: what to say when it does it.
        :param act: asks the orchestrator.
        """
        try:
            await act()
        except ServicesError as error:
            ui.notify(str(error), type="negative", multi_line=True, close_button="Close", timeout=0)
        else:
            ui.notify(done, type="positive")


async def _confirmed(question: str, explanation: str, yes: str, classes: str = "") -> bool:
    """
    Ask whether somebody means what he clicked.

    :param question: the question.
    :param explanation: what happens then.
    :param yes: the text of the button that agrees.
    :param classes: of that button.
    """
    with ui.dialog().props('aria-labelledby="question"') as dialog, ui.card():
        ui.label(question).props('id="question" role="heading" aria-level="2"').classes("question")
        ui.label(explanation).classes("hint")
        with ui.element("div").classes("submit"):
            ui.button(yes, on_click=lambda: dialog.submit(True), color=None).props("no-caps flat").classes(
                f"action primary {classes}"
            )
            ui.button("Cancel", on_click=lambda: dialog.submit(False), color=None).props("no-caps flat autofocus").classes(
                "action"
            )
    answer = await dialog
    dialog.delete()
    return bool(answer)
