"""The soak: ``python -m soak --minutes N`` works with faults for so long, waits until all is settled, and checks the rules."""

import asyncio
import pathlib
import random
import sys
import tempfile
import time
import uuid
from collections import Counter

import asyncpg
import click
import psutil
from inmanta_embedded import Orchestrator, Settings
from inmanta_lsm.model import EditOperation, PatchCallEdit
from inmanta_services import Address, Client, Connection, ServicesError, embedded
from inmanta_services.catalog_export import export_catalog

from demo import project
from soak import faults, invariants

SERVICE = "BasicService"
INSTANCES = 12
"""How many instances there are at most: what a soak is about are changes, not numbers."""

PAUSE = 1.0
"""Seconds between two changes, and twice as many at least between two faults."""

TIME_TO_SETTLE = 600.0
"""Seconds that everything may take to settle after the last fault."""


class Soak:
    """An orchestrator with one environment, and what was done to it."""

    def __init__(self, orchestrator: Orchestrator, chance: random.Random) -> None:
        """:param chance: decides what happens, and when."""
        self.orchestrator = orchestrator
        self.chance = chance
        self.environment = uuid.uuid4()
        self.done: Counter[str] = Counter()

    @property
    def client(self) -> Client:
        """A client; the port is another one after each start of the orchestrator."""
        address = Address(self.orchestrator.host, self.orchestrator.port)
        return Client(Connection(address, self.environment, embedded.token(self.orchestrator)))

    async def prepare(self) -> None:
        """Make the environment, with the services in its catalog."""
        await self.client.environments.create("soak", self.environment)
        folder = self.orchestrator.layout.project(str(self.environment))
        project.write(folder, self.orchestrator.layout.folder / "deployed")
        await export_catalog(self.client, update=False)

    async def work(self, until: float) -> None:
        """
        Create, update and delete instances. What is refused or gets no answer is left: the rules are about what was accepted.

        :param until: when to end, by the monotonic clock.
        """
        while time.monotonic() < until:
            try:
                self.done[await self._change()] += 1
            except (ServicesError, OSError):
                self.done["calls without success"] += 1
            await asyncio.sleep(PAUSE)

    async def _change(self) -> str:
        present = [instance async for instance in self.client.inventory.all(SERVICE)]
        up = [instance for instance in present if instance.state == "up"]
        if not up and len(present) >= INSTANCES:
            return "looks at instances that are all on their way"
        if len(present) < INSTANCES:
            number = self.chance.randrange(2**31)
            await self.client.inventory.create(SERVICE, {"name": f"soak-{number}"})
            return "creations"
        instance = self.chance.choice(up)
        if self.chance.random() < 0.5:
            await self.client.inventory.delete(instance)
            return "deletions"
        text = f"changed {self.chance.random()}"
        edit = PatchCallEdit(edit_id="e", operation=EditOperation.replace, target="description", value=text)
        await self.client.inventory.update(instance, [edit])
        return "updates"

    async def suffer(self, until: float) -> None:
        """
        Let faults happen.

        :param until: when to end, by the monotonic clock.
        """
        while time.monotonic() < until:
            await asyncio.sleep(PAUSE * self.chance.uniform(2, 15))
            fault = self.chance.choice(faults.FAULTS)
            happened = await faults.happen(self.orchestrator, fault, self.chance)
            self.done[fault.__name__ if happened else "faults that came at the wrong moment"] += 1

    async def settle(self) -> dict[str, list[str]]:
        """
        Wait until nothing is under way, with no help.

        :return: the rules that are broken then.
        """
        deadline = time.monotonic() + TIME_TO_SETTLE
        connection = await asyncpg.connect(self.orchestrator.database.dsn)
        try:
            while left := await invariants.under_way(connection):
                if time.monotonic() > deadline:
                    return {"everything settles": left, **await invariants.broken(connection)}
                await asyncio.sleep(PAUSE)
            return await invariants.broken(connection)
        finally:
            await connection.close()

    async def measure(self) -> dict[str, int]:
        """Give the bytes of the memory of the server, and of the tables."""
        connection = await asyncpg.connect(self.orchestrator.database.dsn)
        try:
            server = self.orchestrator.status().server_pid
            memory = psutil.Process(server).memory_info().rss if server else 0
            return {"memory of the server": memory, **await invariants.sizes(connection)}
        finally:
            await connection.close()


async def run(orchestrator: Orchestrator, minutes: float, seed: int) -> bool:
    """
    Work with faults, and check what they left behind.

    :return: whether all rules hold.
    """
    soak = Soak(orchestrator, random.Random(seed))
    await soak.prepare()
    before = await soak.measure()
    until = time.monotonic() + 60 * minutes
    await asyncio.gather(soak.work(until), soak.suffer(until))
    began = time.monotonic()
    broken = await soak.settle()
    click.echo(f"Settled {time.monotonic() - began:.0f} s after the last fault. What was done:")
    for what, count in sorted(soak.done.items()):
        click.echo(f"  {what.replace('_', ' ')}: {count}")
    for what, size in (await soak.measure()).items():
        click.echo(f"  {what}: {before.get(what, 0) // 1024} KiB at the start, {size // 1024} KiB at the end")
    for rule, culprits in broken.items():
        click.echo(f"Broken: {rule}: {', '.join(culprits[:10])}", err=True)
    return not broken


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="How long to work.")
@click.option("--seed", default=0, show_default=True, help="Decides what happens.")
def main(minutes: float, seed: int) -> None:
    """Work with faults for some time, and check the rules at the end."""
    with tempfile.TemporaryDirectory() as folder:
        orchestrator = Orchestrator(pathlib.Path(folder) / "orchestrator", Settings())
        orchestrator.start()
        try:
            holds = asyncio.run(run(orchestrator, minutes, seed))
        finally:
            orchestrator.stop()
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
