"""What happens in the demo: both services from creation to deletion, on a real orchestrator."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inmanta_embedded import Orchestrator
from inmanta_lsm.model import Lifecycle, PatchCallEdit, ServiceEntity, ServiceInstance
from inmanta_services import Address, Client, Connection, embedded
from inmanta_services.board import Board, Row
from inmanta_services.catalog_export import export_catalog
from inmanta_services.explanation import explain_diagnosis
from inmanta_services.watching import follow

from demo import files, project
from demo.errors import DemoError, bounded
from demo.screen import Screen

BASIC, CUSTOMER = "BasicService", "ImportantCustomerService"
ROOT = Path(__file__).parents[1]

_ORDER = {
    "order_id": "order-1",
    "documentation": {"customer_reference": "acme", "description": "First order"},
    "items": [{"name": "cable", "priority": "HIGH"}, {"name": "router"}],
}
_EDITS = [
    PatchCallEdit(edit_id="less", operation="remove", target="items[name=cable]"),
    PatchCallEdit(edit_id="more", operation="merge", target="items", value=[{"name": "antenna", "priority": "CRITICAL"}]),
    PatchCallEdit(edit_id="other", operation="replace", target="documentation.description", value="Wireless after all"),
]


@dataclass
class Story:
    """
    The demo, once its orchestrator runs.

    :param screen: where it is shown
    :param client: of the orchestrator
    :param environment: id of the environment of both services, which is another one each time
    :param deployed: the folder in which the services put their files
    :param timeout: seconds that each thing that is waited for may take
    """

    screen: Screen
    client: Client
    environment: uuid.UUID
    deployed: Path
    timeout: float
    _lifecycles: dict[str, Lifecycle]

    @classmethod
    async def begin(cls, screen: Screen, orchestrator: Orchestrator, timeout: float) -> "Story":
        """
        Make an environment with both services in its catalog.

        :param screen: where it is shown
        :param orchestrator: runs
        :param timeout: seconds that each thing that is waited for may take
        """
        screen.step("Export the service catalog")
        deployed = project.deployed(orchestrator.layout.folder)
        address = Address(orchestrator.host, orchestrator.port)
        environment = uuid.uuid4()
        client = Client(Connection(address, environment, embedded.token(orchestrator)))
        with screen.busy("The orchestrator compiles the project and reads the services from it …"):
            async with bounded("The export of the catalog", timeout):
                await client.environments.create("demo", environment)
                project.write(orchestrator, environment, deployed)
                services = await export_catalog(client, update=False)
        for service in services:
            screen.say(f"{service.name}: {_summary(service)}")
        return cls(screen, client, environment, deployed, timeout, {service.name: service.lifecycle for service in services})

    async def create(self) -> list[ServiceInstance]:
        """Create one instance of each service, and show what is deployed."""
        self.screen.step("Create one instance of each service")
        wishes: list[tuple[str, dict[str, Any]]] = [
            (BASIC, {"name": "first", "description": "The smallest service there is"}),
            (CUSTOMER, _ORDER),
        ]
        instances = [await self.client.inventory.create(service, attributes) for service, attributes in wishes]
        await self._follow(instances, "up", 0)
        self.screen.step("Look at the files that are deployed")
        self.screen.files(self.deployed, files.look(self.deployed))
        return [await self._now(instance) for instance in instances]

    async def update(self, order: ServiceInstance) -> ServiceInstance:
        """
        Update the order, and show what that changes.

        :param order: as it is
        """
        self.screen.step("Update the order: one item less, another one more, another description")
        before = files.look(self.deployed)
        await self.client.inventory.update(order, _EDITS)
        await self._follow([order], "up", 1)
        self.screen.step("Look at the difference")
        self.screen.changes(files.compare(before, files.look(self.deployed)))
        return await self._now(order)

    async def delete(self, instances: Sequence[ServiceInstance]) -> None:
        """
        Delete instances, and show that nothing is left of them.

        :param instances: as they are
        :raises DemoError: when something is left
        """
        self.screen.step("Delete both")
        for instance in instances:
            await self.client.inventory.delete(instance)
        await self._follow(instances, "terminated", 1)
        self.screen.step("Look at what is left")
        left = files.look(self.deployed)
        self.screen.files(self.deployed, left)
        inventory = [instance for service in (BASIC, CUSTOMER) async for instance in self.client.inventory.all(service)]
        if inventory or any(entry.kind != "directory" for entry in left.values()) or len(left) > 2:
            raise DemoError("Something was left behind by services that are deleted.")
        self.screen.say("No instance, no file: only the two folders that all orders share.")

    async def _now(self, instance: ServiceInstance) -> ServiceInstance:
        """
        An instance as it is now, with the progress of its deployment.

        :param instance: as it was
        """
        return await self.client.inventory.get(instance.service_entity, instance.id, progress=True)

    async def _follow(self, instances: Sequence[ServiceInstance], target: str, skipped: int) -> None:
        """
        Show instances on their way to a state.

        :param instances: the instances
        :param target: the state that they should get to
        :param skipped: how many of their versions not to show, from the one that is known
        :raises DemoError: when one of them gets to a state from which it does not go on, or takes too long
        """
        with self.screen.board() as board:
            rows = [
                board.add(instance.service_entity, instance.service_identity_attribute_value or "") for instance in instances
            ]
            async with asyncio.TaskGroup() as group:
                for instance, row in zip(instances, rows, strict=True):
                    group.create_task(self._follow_one(board, row, instance, target, instance.version + skipped))

    async def _follow_one(self, board: Board, row: Row, instance: ServiceInstance, target: str, since: int) -> None:
        """
        Show one instance on its way to a state.

        :param board: where to show it
        :param row: its row there
        :param instance: the instance
        :param target: the state that it should get to
        :param since: the first of its versions to show
        :raises DemoError: when it gets to a state from which it does not go on, or takes too long
        """
        lifecycle = self._lifecycles[instance.service_entity]
        try:
            async with asyncio.timeout(self.timeout):
                async for moment in follow(self.client, instance, lifecycle, until=[target], since=since):
                    if moment.is_new:
                        board.reached(row, moment.state, moment.waiting)
                    else:
                        board.waits_for(row, moment.waiting)
                    if moment.outcome is False:
                        raise await self._diagnose(instance, f"{instance.service_entity} {row.identity} is {moment.state}.")
        except TimeoutError:
            problem = f"{instance.service_entity} {row.identity} was not {target} within {self.timeout:g} s."
            raise await self._diagnose(instance, problem) from None

    async def _diagnose(self, instance: ServiceInstance, problem: str) -> DemoError:
        """
        A problem with an instance, with what the orchestrator knows about it.

        :param instance: the instance
        :param problem: the problem
        """
        diagnosis = await self.client.history.diagnose(instance, lookbehind=10)
        return DemoError(f"{problem}\n{explain_diagnosis(diagnosis)}")


def regenerate(screen: Screen) -> None:
    """
    Write the model that the descriptions of the services give.

    :param screen: where it is shown
    :raises DemoError: when a description is wrong
    """
    screen.step("Generate the model from the descriptions of the services")
    command = [sys.executable, "-m", "generator", "generate"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise DemoError(f"The model could not be generated.\n{answer.stderr or answer.stdout}".strip())
    screen.say(answer.stdout)


def _summary(service: ServiceEntity) -> str:
    """
    A service in one line.

    :param service: as it is in the catalog
    """
    parts = [attribute.name for attribute in service.attributes] + [part.name for part in service.embedded_entities]
    names = ", ".join(parts)
    return f"lifecycle {service.lifecycle.name}, {len(service.lifecycle.states)} states; attributes {names}"
