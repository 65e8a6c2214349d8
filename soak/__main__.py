"""The soak: ``python -m soak --minutes N`` works with faults for so long, waits until all is settled, and checks the rules."""

import asyncio
import logging
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
from inmanta_services import Address, Client, Connection, embedded
from inmanta_services.catalog_export import export_catalog

from demo import project
from soak import deployed, faults, invariants
from soak.work import CUSTOMER, Work

SHORTEST_REST, LONGEST_REST = 5.0, 45.0
"""Seconds between two faults: work has to get on in between, also where a start takes long."""

INTERVAL = 1.0
"""Seconds between two looks at what is under way."""

TIME_TO_SETTLE = 600.0
"""Seconds that everything may take to settle after the last fault."""


class Soak:
    """An orchestrator with one environment, and what was done to it."""

    def __init__(self, orchestrator: Orchestrator, chance: random.Random) -> None:
        """:param chance: decides what happens, and when."""
        self.orchestrator = orchestrator
        self.chance = chance
        self.environment = uuid.uuid4()
        self.deployed = orchestrator.layout.folder / "deployed"
        self.work = Work(lambda: self.client, chance)
        self.faults: Counter[str] = Counter()

    @property
    def client(self) -> Client:
        """A client; the port is another one after each start of the orchestrator."""
        address = Address(self.orchestrator.host, self.orchestrator.port)
        return Client(Connection(address, self.environment, embedded.token(self.orchestrator)))

    async def prepare(self) -> None:
        """Make the environment, with the services in its catalog."""
        await self.client.environments.create("soak", self.environment)
        project.write(self.orchestrator, self.environment, self.deployed)
        await export_catalog(self.client, update=False)

    async def suffer(self, until: float) -> None:
        """
        Let faults happen.

        :param until: when to end, by the monotonic clock.
        """
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(SHORTEST_REST, LONGEST_REST))
            fault = self.chance.choice(faults.FAULTS)
            happened = await faults.happen(self.orchestrator, fault, self.chance)
            self.faults[fault.__name__.replace("_", " ") if happened else "came at the wrong moment"] += 1

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
                    return {"everything settles": left, **await self._broken(connection)}
                await asyncio.sleep(INTERVAL)
            return await self._broken(connection)
        finally:
            await connection.close()

    async def _broken(self, connection: asyncpg.Connection) -> dict[str, list[str]]:
        """Find the rules that are broken, in the database and among the files."""
        instances = await invariants.active_attributes(connection, CUSTOMER)
        wrong = deployed.wrong(instances, self.deployed)
        return {**await invariants.broken(connection), **({"the files are those of the instances": wrong} if wrong else {})}

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
    await asyncio.gather(soak.work.go_on(until), soak.suffer(until))
    began = time.monotonic()
    broken = await soak.settle()
    click.echo(f"Settled {time.monotonic() - began:.0f} s after the last fault. What was done:")
    for what, count in sorted(soak.work.done.items()):
        click.echo(f"  {what}: {count}")
    click.echo("Faults:")
    for what, count in sorted(soak.faults.items()):
        click.echo(f"  {what}: {count}")
    click.echo("Sizes:")
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
    # Calls without an answer are part of it, and counted.
    logging.getLogger("inmanta.protocol").setLevel(logging.CRITICAL)
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
