"""
Warm compiles compared with cold ones: the compile, the way to up, creations that wait for each other, and the memory it costs.

Both are measured on the same orchestrator, which is stopped in between and started again with, or without, the extension.
"""

import asyncio
import dataclasses
import pathlib
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable

import asyncpg
import inmanta_embedded
import requests
from inmanta_services.polling import POLL_INTERVAL

from benchmarks import plot, ratio
from benchmarks.create_to_up import SERVICE, Bench

WAITING = (1, 10, 100)
INVENTORIES = (10, 100, 1000)
ENVIRONMENTS = 10
ROUNDS = 5
AT_ONCE = 10
"""Creations that wait for each other, next to each of the inventories."""

PLOT = pathlib.Path("docs/warm-compiles.svg")
COMMAND = "inv bench --plot"

_COLD = ("lsm",)
_WARM = ("lsm", "warm_compiler")
_MEGABYTES_GOAL = 120

# The stage is what the extension changes; the compile also has the server's own stages around it.
_DURATIONS = """
SELECT extract(epoch FROM report.completed - report.started)::float8 AS stage,
    extract(epoch FROM compile.completed - compile.started)::float8 AS compile
FROM public.compile AS compile JOIN public.report AS report ON report.compile = compile.id
WHERE compile.environment = $1 AND report.name = 'Recompiling configuration model' AND compile.requested > $2
"""

_UP = "SELECT count(*) FROM public.lsm_serviceinstance WHERE environment = $1 AND state = 'up'"
_NOW = "SELECT now()"


@dataclasses.dataclass
class Figures:
    """
    What was measured with or without the extension, in seconds, and megabytes.

    :param stage: the stage of a compile that runs the compiler
    :param compile: a compile
    :param creation: from a creation until the instance is up
    :param all_up: from creations at the same time until all are up, by their number
    :param first_up: the same until the first is up
    :param next_to: from some creations until all are up, by the number of other instances
    :param memory: of the warm processes, by the number of environments
    """

    stage: float = 0.0
    compile: float = 0.0
    creation: float = 0.0
    all_up: dict[int, float] = dataclasses.field(default_factory=dict)
    first_up: dict[int, float] = dataclasses.field(default_factory=dict)
    next_to: dict[int, float] = dataclasses.field(default_factory=dict)
    memory: dict[int, float] = dataclasses.field(default_factory=dict)


class Run:
    """The measurements on an orchestrator."""

    def __init__(self, orchestrator: inmanta_embedded.Orchestrator, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._orchestrator = orchestrator
        self._connection = connection

    async def lone(self, figures: Figures) -> None:
        """
        Create one instance after the other.

        :param figures: gets what was measured
        """
        bench = await self._environment()
        await bench.create()
        since = await self._connection.fetchval(_NOW)
        figures.creation = statistics.median([(await bench.create()).total for _ in range(ROUNDS)])
        rows = await self._connection.fetch(_DURATIONS, bench.environment, since)
        figures.stage = statistics.median(row["stage"] for row in rows)
        figures.compile = statistics.median(row["compile"] for row in rows)

    async def together(self, waiting: int, bench: Bench | None = None) -> tuple[float, float]:
        """
        Create instances at the same time.

        :param waiting: how many
        :param bench: the environment, a new one if there is none
        :return: how long until the first, and until all were up
        """
        if bench is None:
            bench = await self._environment()
            await bench.create()
        before = await self._connection.fetchval(_UP, bench.environment)
        start = time.perf_counter()
        names = [f"waiting-{uuid.uuid4().hex}" for _ in range(waiting)]
        await asyncio.gather(*(bench.client.inventory.create(SERVICE, {"name": name}) for name in names))
        first = None
        while (up := await self._connection.fetchval(_UP, bench.environment) - before) < waiting:
            if up and first is None:
                first = time.perf_counter() - start
            await asyncio.sleep(POLL_INTERVAL)
        end = time.perf_counter() - start
        return first or end, end

    async def next_to(self, figures: Figures) -> None:
        """
        Create instances next to few and to many others.

        :param figures: gets what was measured
        """
        bench = await self._environment()
        for instances in INVENTORIES:
            await bench.fill(instances)
            _, figures.next_to[instances] = await self.together(AT_ONCE, bench)
            bench.present += AT_ONCE

    async def memory(self, figures: Figures) -> None:
        """
        Have several environments compile.

        :param figures: gets what was measured
        """
        for number in range(1, ENVIRONMENTS + 1):
            bench = await self._environment()
            await bench.create()
            if number in (1, ENVIRONMENTS):
                figures.memory[number] = self._memory(number)

    def _memory(self, environments: int) -> float:
        """
        Ask the server.

        :param environments: how many have a warm process
        :return: what those hold on average, in megabytes
        """
        url, headers = f"{self._orchestrator.url}/api/v1/serverstatus", self._orchestrator.headers()
        status = requests.get(url, headers=headers, timeout=60).json()["data"]
        found = next(entry["status"] for entry in status["slices"] if entry["name"] == "warm_compiler.processes")
        if found["processes"] < environments:
            raise RuntimeError(f"There are {found['processes']} warm processes for {environments} environments")
        return float(found["memory_mb"]) / float(found["processes"])

    async def _environment(self) -> Bench:
        bench = Bench(self._orchestrator, self._connection)
        await bench.prepare()
        return bench


async def _measured(orchestrator: inmanta_embedded.Orchestrator, steps: Callable[[Run], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(orchestrator.database.dsn)
    try:
        await steps(Run(orchestrator, connection))
    finally:
        await connection.close()


def _on(folder: pathlib.Path, extensions: tuple[str, ...], steps: Callable[[Run], Awaitable[None]]) -> None:
    """
    Measure on the orchestrator of a folder.

    :param folder: its folder
    :param extensions: to enable
    :param steps: what to measure
    """
    options = {"warm_compiler": {"memory-limit": "4096"}} if "warm_compiler" in extensions else {}
    settings = inmanta_embedded.Settings(extensions=extensions, options=options)
    with inmanta_embedded.Orchestrator(folder, settings) as orchestrator:
        asyncio.run(_measured(orchestrator, steps))


def figures() -> tuple[Figures, Figures]:
    """Measure all there is, cold and warm."""
    cold, warm = Figures(), Figures()
    with tempfile.TemporaryDirectory() as folder:
        for found, extensions in ((cold, _COLD), (warm, _WARM)):

            async def steps(run: Run, found: Figures = found) -> None:
                await run.lone(found)
                for waiting in WAITING:
                    found.first_up[waiting], found.all_up[waiting] = await run.together(waiting)
                await run.next_to(found)

            _on(pathlib.Path(folder) / "orchestrator", extensions, steps)
        # In a folder of its own: the environments of above have warm processes, too.
        _on(pathlib.Path(folder) / "environments", _WARM, lambda run: run.memory(warm))
    return cold, warm


def ratios(cold: Figures, warm: Figures) -> list[ratio.Ratio]:
    """
    Compare.

    :param cold: what was measured without the extension
    :param warm: what was measured with it
    """
    most = max(WAITING)
    result = [
        ratio.Ratio("warm compile", "cold compile", warm.compile, cold.compile, goal=0.1),
        ratio.Ratio("its main stage, warm", "the same, cold", warm.stage, cold.stage),
        ratio.Ratio(
            *("creation to up, warm", "creation to up, cold", warm.creation, cold.creation),
            goal=0.12,
            remark=f"compiles of {warm.compile:.2g} s and {cold.compile:.2g} s",
        ),
    ]
    for waiting in WAITING:
        result.append(
            ratio.Ratio(
                *(f"{waiting} creations at once, all up, warm", "the same, cold"),
                *(warm.all_up[waiting], cold.all_up[waiting]),
                goal=0.1 if waiting == most else None,
                remark=f"{_a_minute(waiting, warm.all_up[waiting])} and {_a_minute(waiting, cold.all_up[waiting])} a minute",
            )
        )
    result.append(
        ratio.Ratio(f"first up of {most} at once, warm", "a lone creation, warm", warm.first_up[most], warm.creation, goal=3)
    )
    for instances in INVENTORIES:
        result.append(
            ratio.Ratio(
                *(f"{AT_ONCE} creations next to {instances}, warm", "the same, cold"),
                *(warm.next_to[instances], cold.next_to[instances]),
            )
        )
    for environments, megabytes in warm.memory.items():
        result.append(
            ratio.Ratio(
                *(f"memory of a warm environment, of {environments}", "120 MB", megabytes, _MEGABYTES_GOAL),
                *(1.0, "megabytes, proportional set size"),
            )
        )
    return result


def draw(cold: Figures, warm: Figures) -> None:
    """
    Write the plot of creations a minute next to other instances.

    :param cold: what was measured without the extension
    :param warm: what was measured with it
    """
    lines = {
        name: [(float(instances), 60 * AT_ONCE / seconds) for instances, seconds in found.next_to.items()]
        for name, found in (("warm", warm), ("cold", cold))
    }
    plot.Plot(
        title=f"Creations a minute, {AT_ONCE} waiting at the same time, partial compile",
        x_label="instances in the inventory",
        y_label="creations a minute",
        lines=lines,
        note=f"Made by: {COMMAND}",
    ).write(PLOT)


def _a_minute(creations: int, seconds: float) -> str:
    return f"{60 * creations / seconds:.2g}"


def measure(with_plot: bool = False) -> list[ratio.Ratio]:
    """
    Measure, and compare.

    :param with_plot: whether to write the plot, too
    """
    cold, warm = figures()
    if with_plot:
        draw(cold, warm)
    return ratios(cold, warm)
