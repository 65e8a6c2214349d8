"""
Bursts: how long hundreds of instances that are created at once take until all are up, how soon the first ones are, and in which
order.

It is compared with its own compiles: what is left is spent on deployments, and on a machine that does both at once. How many
more compiles it has than with all validations first is tested in ``tests/reliability/test_bursts.py`` of ``inmanta-lsm``.
"""

import asyncio
import dataclasses
import pathlib
import tempfile
import time
from collections.abc import Sequence

import asyncpg
import inmanta_embedded
from inmanta_services.polling import POLL_INTERVAL

from benchmarks import ratio
from benchmarks.create_to_up import SERVICE, Bench

INSTANCES = 500
AT_ONCE = 20
"""How many requests are on their way at the same time."""

_UP = """
SELECT instance.created_at AS created, min(log.timestamp) AS up
FROM lsm_serviceinstance AS instance
INNER JOIN lsm_serviceinstancelog AS log
    ON log.environment = instance.environment AND log.service_instance_id = instance.id AND log.state = 'up'
WHERE instance.environment = $1 GROUP BY instance.id, instance.created_at ORDER BY instance.created_at
"""

_COMPILES = """
SELECT do_export, extract(epoch FROM completed - started)::float8 AS seconds
FROM compile WHERE environment = $1 AND requested >= $2 AND completed IS NOT NULL AND substitute_compile_id IS NULL
"""


@dataclasses.dataclass(frozen=True)
class Burst:
    """
    What became of a burst.

    :param waits: for how many seconds each instance waited until it was up, the one created first is the first
    :param last: seconds from the first creation until the last instance was up
    :param validations: how long each validation took, in seconds
    :param exports: how long each export took, in seconds
    :param displaced: how many places an instance came up before or after its turn at most
    """

    waits: Sequence[float]
    last: float
    validations: Sequence[float]
    exports: Sequence[float]
    displaced: int


async def burst(orchestrator: inmanta_embedded.Orchestrator, instances: int) -> Burst:
    """
    Create instances at once, and wait until all are up.

    :param orchestrator: the orchestrator, which runs
    :param instances: how many
    """
    connection = await asyncpg.connect(orchestrator.database.dsn)
    try:
        bench = Bench(orchestrator, connection)
        await bench.prepare()
        # Exports of single instances do not merge, in whatever order they run.
        await bench.client.environments.set_setting(bench.environment, "lsm_partial_compile", False)
        await bench.create()
        began = await connection.fetchval("SELECT now()")
        limit = asyncio.Semaphore(AT_ONCE)

        async def create(number: int) -> None:
            async with limit:
                await bench.client.inventory.create(SERVICE, {"name": f"burst-{number}-{time.time_ns()}"})

        async with asyncio.TaskGroup() as group:
            for number in range(instances):
                group.create_task(create(number))
        while len(rows := await _up_since(connection, bench, began)) < instances:
            await bench.check()
            await asyncio.sleep(POLL_INTERVAL)
        compiles = await connection.fetch(_COMPILES, bench.environment, began)
    finally:
        await connection.close()
    order = sorted(range(instances), key=lambda place: rows[place]["up"])
    return Burst(
        [(row["up"] - row["created"]).total_seconds() for row in rows],
        (max(row["up"] for row in rows) - rows[0]["created"]).total_seconds(),
        [compile_["seconds"] for compile_ in compiles if not compile_["do_export"]],
        [compile_["seconds"] for compile_ in compiles if compile_["do_export"]],
        max(abs(place - turn) for turn, place in enumerate(order)),
    )


async def _up_since(connection: asyncpg.Connection, bench: Bench, began: object) -> list[asyncpg.Record]:
    return [row for row in await connection.fetch(_UP, bench.environment) if row["created"] >= began]


def measure(instances: int = INSTANCES) -> list[ratio.Ratio]:
    """
    :param instances: how many are created at once
    :return: a burst compared with its compiles, and its first instance with its last one
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        inmanta_embedded.Orchestrator(pathlib.Path(folder) / "orchestrator") as orchestrator,
    ):
        found = asyncio.run(burst(orchestrator, instances))
    compiles = f"{len(found.validations)} validations, {len(found.exports)} exports"
    middle = sorted(found.waits)[len(found.waits) // 2]
    return [
        ratio.Ratio(
            f"{instances} creations at once, until all are up",
            "their compiles",
            found.last,
            sum(found.validations) + sum(found.exports),
            remark=compiles,
        ),
        ratio.Ratio(
            f"the first of {instances} is up",
            "the last one is",
            found.waits[0],
            found.last,
            remark=f"half of them wait for up to {middle:.3g} s; {found.displaced} places out of their turn at most",
        ),
    ]
