"""
Warm compiles compared with cold ones: the compile, the way to up, creations that wait for each other, and the memory it costs.

Two orchestrators run side by side, one of them without the extension, and take turns: what disturbs the machine for a while
disturbs both.
"""

import asyncio
import contextlib
import dataclasses
import datetime
import pathlib
import statistics
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import asyncpg
import inmanta_embedded
import requests
from inmanta_services.polling import POLL_INTERVAL

from benchmarks import plot, ratio
from benchmarks.create_to_up import SERVICE, Bench, Creation

WAITING = (1, 10, 30, 100)
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

# As for a lone creation, the log tells when an instance got there.
_UP_AFTER = """
SELECT extract(epoch FROM min(reached) - $2)::float8 AS first, extract(epoch FROM max(reached) - $2)::float8 AS last
FROM (
    SELECT min(timestamp) AS reached FROM public.lsm_serviceinstancelog
    WHERE environment = $1 AND state = 'up' AND timestamp > $2 GROUP BY service_instance_id
) AS instance
"""

_BURST_GOAL = 0.1
_BURSTS = (30, 100)
"""The numbers of creations at once for which there is a goal."""

_NOW = "SELECT now()"


@dataclasses.dataclass
class Figures:
    """
    What was measured with or without the extension, in seconds, and megabytes.

    :param stage: the stage of a compile that runs the compiler
    :param compile: a compile
    :param creation: from a creation until the instance is up
    :param compiles: the compiles on that way
    :param deployments: the deployments on that way
    :param all_up: from creations at the same time until all are up, by their number
    :param first_up: the same until the first is up
    :param next_to: from some creations until all are up, by the number of other instances
    :param memory: of the warm processes, by the number of environments
    """

    stage: float = 0.0
    compile: float = 0.0
    creation: float = 0.0
    compiles: float = 0.0
    deployments: float = 0.0
    all_up: dict[int, float] = dataclasses.field(default_factory=dict)
    first_up: dict[int, float] = dataclasses.field(default_factory=dict)
    next_to: dict[int, float] = dataclasses.field(default_factory=dict)
    memory: dict[int, float] = dataclasses.field(default_factory=dict)


class Run:
    """The measurements on an orchestrator."""

    def __init__(self, orchestrator: inmanta_embedded.Orchestrator, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.figures = Figures()
        self._orchestrator = orchestrator
        self._connection = connection

    async def environment(self) -> Bench:
        """
        Make an environment in which an instance was created: all that happens once is over.

        Compiles follow each other at once in it: by default core waits a tenth of a second between two of them.
        """
        bench = Bench(self._orchestrator, self._connection)
        await bench.prepare()
        await bench.client.environments.set_setting(bench.environment, "recompile_backoff", 0)
        await bench.create()
        return bench

    async def now(self) -> datetime.datetime:
        """The time of the database."""
        moment: datetime.datetime = await self._connection.fetchval(_NOW)
        return moment

    async def conclude_lone(self, bench: Bench, creations: list[Creation], since: datetime.datetime) -> None:
        """
        Take note of instances that were created one after the other.

        :param bench: in which environment
        :param creations: what they took
        :param since: the time of the first
        """
        found = self.figures
        found.creation, found.compiles, found.deployments = (
            statistics.median(getattr(creation, part) for creation in creations)
            for part in ("total", "compiles", "deployments")
        )
        rows = await self._connection.fetch(_DURATIONS, bench.environment, since)
        found.stage = statistics.median(row["stage"] for row in rows)
        found.compile = statistics.median(row["compile"] for row in rows)

    async def together(self, waiting: int, bench: Bench) -> tuple[float, float]:
        """
        Create instances at the same time.

        :param waiting: how many
        :param bench: the environment
        :return: how long until the first, and until all were up
        """
        before = await bench.count("up")
        start = await self.now()
        names = [f"waiting-{uuid.uuid4().hex}" for _ in range(waiting)]
        await asyncio.gather(*(bench.client.inventory.create(SERVICE, {"name": name}) for name in names))
        while await bench.count("up") - before < waiting:
            await bench.check()
            await asyncio.sleep(POLL_INTERVAL)
        row = await self._connection.fetchrow(_UP_AFTER, bench.environment, start)
        assert row is not None
        await bench.rest()
        return row["first"], row["last"]

    async def memory(self) -> None:
        """Have several environments compile."""
        for number in range(1, ENVIRONMENTS + 1):
            await self.environment()
            if number in (1, ENVIRONMENTS):
                self.figures.memory[number] = self._memory(number)

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


async def _lone(runs: Sequence[Run]) -> None:
    """Create one instance after the other."""
    benches = [await run.environment() for run in runs]
    since = [await run.now() for run in runs]
    creations: list[list[Creation]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for bench, found in zip(benches, creations, strict=True):
            found.append(await bench.create())
    for run, bench, found, start in zip(runs, benches, creations, since, strict=True):
        await run.conclude_lone(bench, found, start)


async def _together(runs: Sequence[Run]) -> None:
    """Create more and more instances at the same time."""
    for waiting in WAITING:
        for run in runs:
            bench = await run.environment()
            run.figures.first_up[waiting], run.figures.all_up[waiting] = await run.together(waiting, bench)


async def _next_to(runs: Sequence[Run]) -> None:
    """Create instances next to few and to many others."""
    benches = [await run.environment() for run in runs]
    for instances in INVENTORIES:
        for run, bench in zip(runs, benches, strict=True):
            await bench.fill(instances)
            _, run.figures.next_to[instances] = await run.together(AT_ONCE, bench)
            bench.present += AT_ONCE


async def _memory(runs: Sequence[Run]) -> None:
    for run in runs:
        await run.memory()


type Step = Callable[[Sequence[Run]], Awaitable[None]]

STEPS: Mapping[str, Step] = {"lone": _lone, "together": _together, "inventory": _next_to}
"""What is measured cold and warm, in turn."""


async def _measured(orchestrators: Sequence[inmanta_embedded.Orchestrator], steps: Iterable[Step]) -> list[Figures]:
    """
    Measure on orchestrators that run.

    :param orchestrators: the orchestrators
    :param steps: what to measure
    :return: what was measured on each
    """
    async with contextlib.AsyncExitStack() as stack:
        runs = []
        for orchestrator in orchestrators:
            connection = await asyncpg.connect(orchestrator.database.dsn)
            stack.push_async_callback(connection.close)
            runs.append(Run(orchestrator, connection))
        for step in steps:
            await step(runs)
        return [run.figures for run in runs]


def _orchestrator(folder: pathlib.Path, extensions: tuple[str, ...]) -> inmanta_embedded.Orchestrator:
    """
    :param folder: its folder
    :param extensions: to enable
    """
    options = {"warm_compiler": {"memory-limit": "4096"}} if "warm_compiler" in extensions else {}
    return inmanta_embedded.Orchestrator(folder, inmanta_embedded.Settings(extensions=extensions, options=options))


def figures() -> tuple[Figures, Figures]:
    """Measure all there is, cold and warm."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with _orchestrator(folder / "cold", _COLD) as without, _orchestrator(folder / "warm", _WARM) as with_it:
            cold, warm = asyncio.run(_measured([without, with_it], STEPS.values()))
        # In a folder of its own: the environments of above have warm processes, too.
        with _orchestrator(folder / "environments", _WARM) as orchestrator:
            [found] = asyncio.run(_measured([orchestrator], [_memory]))
    warm.memory = found.memory
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
            remark=f"{_parts(warm)}; cold {_parts(cold)}",
        ),
    ]
    for waiting in WAITING:
        result.append(
            ratio.Ratio(
                *(f"{waiting} creations at once, all up, warm", "the same, cold"),
                *(warm.all_up[waiting], cold.all_up[waiting]),
                goal=_BURST_GOAL if waiting in _BURSTS else None,
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


def _parts(found: Figures) -> str:
    return f"compiles {found.compiles:.2g} s, deployments {found.deployments:.2g} s"


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
